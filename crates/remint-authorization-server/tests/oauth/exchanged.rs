//! What the server writes, the edge that exchanges there reads.

use std::error::Error as _;
use std::time::Duration;

use axum::Router;
use remint_apikey::{NewKey, NewUser};
use remint_core::{
    Audience, ClientId, Clock as _, Confirmation, Credential, CredentialForm, Environment, Exchanged, Exchanger as _,
    IssuerId, Refusal, Slot, UserId,
};
use remint_exchange::{ClientCredentials, ClientSecret, EndpointSettings, KeySource, RemoteExchanger};
use remint_jwt::confirmation_claim;
use serde_json::json;
use tokio::net::TcpListener;

use crate::support::{ISSUER, World, secret};

/// The edge `edge`, whose server answers on this machine.
async fn edge(world: &World) -> RemoteExchanger {
    async fn serve(app: Router) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        format!("http://{address}/oauth2/token")
    }
    let credentials =
        ClientCredentials::secret_basic(ClientId::new("edge").unwrap(), ClientSecret::new(secret("edge")));
    let (issuer, audience) = (IssuerId::new(ISSUER).unwrap(), Audience::new("internal").unwrap());
    RemoteExchanger::builder(issuer, audience, credentials)
        .token_endpoint(serve(world.app.clone()).await.parse().unwrap())
        .keys(KeySource::Fixed((*world.issuer.key_set()).clone()))
        .endpoint_settings(EndpointSettings { retries: 0, ..EndpointSettings::default() })
        .clock(world.clock.clone())
        .build()
        .unwrap()
}

async fn exchanged(edge: &RemoteExchanger, text: &str) -> Result<Exchanged, Refusal> {
    let credential = match text.matches('.').count() {
        2 => Credential::new(Slot::Bearer, CredentialForm::Jwt, text),
        _ => Credential::new(Slot::ApiKeyHeader, CredentialForm::ApiKey, text),
    };
    edge.exchange(credential).await
}

#[tokio::test]
async fn what_an_api_key_is_restricted_to_comes_along_whole() {
    let world = World::new().await;
    let bob = || UserId::new("bob").unwrap();
    world.keys.sign_up(NewUser::new(bob()).with_plan("gold".parse().unwrap()).issuing([])).await.unwrap();
    let networks = vec!["10.0.0.0/8".parse().unwrap(), "2001:db8::/32".parse().unwrap()];
    let new = NewKey::new(bob(), Environment::Live).expiring_in(Duration::from_secs(3600));
    let key = world.key(new.with_networks(networks.clone())).await;

    let exchanged = exchanged(&edge(&world).await, &key).await.unwrap();
    let found = exchanged.authentication.get();
    let ends = world.clock.now().saturating_add(Duration::from_secs(3600));
    assert_eq!(found.identity.subject.as_str(), "bob");
    assert_eq!(found.networks, networks);
    assert_eq!(found.identity.plan.as_ref().map(|plan| plan.as_str()), Some("gold"));
    assert_eq!((found.identity.credential_ends, found.expires_at), (Some(ends), ends));
    assert_eq!(found.confirmation, None);
}

#[tokio::test]
async fn what_a_token_is_bound_to_comes_along() {
    let world = World::new().await;
    let edge = edge(&world).await;
    for (nth, confirmation) in [Confirmation::Jkt([7; 32]), Confirmation::X5tS256([8; 32])].into_iter().enumerate() {
        let cnf = confirmation_claim(confirmation).unwrap();
        let token = world.external(json!({ "cnf": cnf, "jti": format!("bound-{nth}") }));
        let exchanged = exchanged(&edge, &token).await.unwrap();
        assert_eq!(exchanged.authentication.get().confirmation, Some(confirmation));
        assert_eq!(exchanged.authentication.get().networks, []);
    }
}

#[tokio::test]
async fn the_part_of_the_server_that_is_unavailable_is_named() {
    let world = World::new().await;
    let key = world.user("bob", "read").await;
    let edge = edge(&world).await;
    world.store.sever();
    let Err(Refusal::Unavailable(unavailable)) = exchanged(&edge, &key).await else { unreachable!("it was cut off") };
    let cause = unavailable.source().unwrap().to_string();
    assert!(cause.contains("unavailable there: store"), "{cause}");
}
