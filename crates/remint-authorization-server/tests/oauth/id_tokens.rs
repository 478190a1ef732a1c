//! ID tokens are exchanged where an issuer's policy allows, and under their own type only.

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::to_bytes;
use remint_apikey::{LinkedAuthenticator, NewUser};
use remint_authorization_server::{AuthorizationServer, Client, Right};
use remint_core::{ClientId, Clock as _, ExternalIdentity, IssuerId, Subject, Target, UserId};
use remint_jwt::JwkSet;
use remint_keyset::{FetchError, HttpFetch, Url};
use remint_oidc::{OidcAuthenticator, Trust};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::*;

const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const REFUSED: (u16, &str) = (400, "invalid_request");

/// A server over the same world that accepts the ID tokens of one issuer, for one client.
fn accepting(world: &World) -> Router {
    let keys = JwkSet::try_from(vec![world.idp.public_jwk().clone()]).unwrap();
    let trust = |issuer: &str| Trust::oidc(issuer, "api").key_set(keys.clone()).any_scope();
    let trusts = [trust(IDP).named("idp").id_tokens(["web"]), trust(OTHER_IDP).named("other")];
    let own = IssuerId::new(ISSUER).unwrap();
    let oidc = OidcAuthenticator::new(own, trusts, Arc::new(NoHttp), Arc::new(world.clock.clone())).unwrap();
    let linked = LinkedAuthenticator::new(Arc::new(Arc::new(oidc).id_tokens()), world.keys.clone());
    let (issuer, replays) = (Arc::clone(&world.issuer), Arc::clone(&world.replays));
    let client = Client::with_secret(ClientId::new("svc").unwrap(), &secret("svc")).may([Right::Exchange]);
    let server = AuthorizationServer::new(world.authority.clone(), issuer, replays).client(client);
    server.id_tokens(linked).into_router().unwrap()
}

async fn exchange(app: &Router, kind: &str, token: &str, more: &[(&str, &str)]) -> (u16, Value) {
    let form = [("grant_type", EXCHANGE), ("subject_token_type", kind), ("subject_token", token)];
    let request = post("/oauth2/token", &basic("svc", &secret("svc")), &[&form, more].concat());
    let (parts, body) = app.clone().oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    (parts.status.as_u16(), serde_json::from_slice(&body).unwrap())
}

async fn refusal(app: &Router, kind: &str, token: &str) -> (u16, String) {
    let (status, body) = exchange(app, kind, token, &[]).await;
    (status, body["error"].as_str().unwrap_or("none").to_owned())
}

/// An ID token of this issuer for alice.
fn id_token(world: &World, issuer: &str) -> String {
    let now = world.clock.now().as_secs();
    let claims = json!({
        "iss": issuer, "aud": "web", "sub": "alice", "iat": now, "exp": now + 3600, "nonce": "n", "scope": "read",
    });
    world.idp.sign("JWT", &claims).unwrap()
}

fn refused((status, error): (u16, String)) {
    assert_eq!((status, error.as_str()), REFUSED);
}

#[tokio::test]
async fn an_id_token_is_exchanged_under_its_own_type_and_gives_no_scope() {
    let world = World::new().await;
    let (app, token) = (accepting(&world), id_token(&world, IDP));
    let (status, body) = exchange(&app, ID_TOKEN, &token, &[]).await;
    assert_eq!(status, 200, "{body}");
    let jws = remint_jwt::Jws::parse(body["access_token"].as_str().unwrap()).unwrap();
    assert_eq!(jws.unverified_claims().subject().unwrap(), "idp|alice");
    assert!(jws.unverified_claims().get("scope").is_none());
    let (status, body) = exchange(&app, ID_TOKEN, &token, &[("scope", "read")]).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_scope")));
    refused(refusal(&app, JWT, &token).await);
    refused(refusal(&app, ACCESS_TOKEN, &token).await);
    refused(refusal(&app, API_KEY, &token).await);
}

#[tokio::test]
async fn no_other_token_is_exchanged_as_an_id_token() {
    let world = World::new().await;
    let app = accepting(&world);
    let key = world.user("bob", "read").await;
    let external = world.external(json!({}));
    let internal = world.exchange("svc", (JWT, &external), &[("audience", "internal")]).await.token();
    for token in [external.as_str(), &internal, &key, &id_token(&world, OTHER_IDP), &forged(&id_token(&world, IDP))] {
        refused(refusal(&app, ID_TOKEN, token).await);
    }
    refused(refusal(&world.app, ID_TOKEN, &id_token(&world, IDP)).await);
}

#[tokio::test]
async fn an_id_token_of_who_was_ended_is_not_exchanged() {
    let idp = || IssuerId::new(IDP).unwrap();
    for target in [
        Target::Issuer(idp()),
        Target::Subject { issuer: idp(), subject: Subject::new("alice").unwrap() },
        Target::Everything,
    ] {
        let world = World::new().await;
        let (app, token) = (accepting(&world), id_token(&world, IDP));
        assert_eq!(exchange(&app, ID_TOKEN, &token, &[]).await.0, 200);
        world.revoke(target).await;
        refused(refusal(&app, ID_TOKEN, &token).await);
    }
}

#[tokio::test]
async fn an_id_token_is_the_user_it_is_linked_to() {
    let world = World::new().await;
    let (app, token) = (accepting(&world), id_token(&world, IDP));
    let (issuer, subject) = (IssuerId::new(IDP).unwrap(), Subject::new("alice").unwrap());
    let user = UserId::new("alice-1").unwrap();
    let new = NewUser::new(user.clone()).with_external(ExternalIdentity { issuer, subject });
    world.keys.create_user(new).await.unwrap();
    let (_, body) = exchange(&app, ID_TOKEN, &token, &[]).await;
    let jws = remint_jwt::Jws::parse(body["access_token"].as_str().unwrap()).unwrap();
    assert_eq!(jws.unverified_claims().subject().unwrap(), "alice-1");
    world.store.sever();
    let (status, error) = refusal(&app, ID_TOKEN, &token).await;
    assert_eq!((status, error.as_str()), (503, "temporarily_unavailable"));
    world.store.mend();
    world.keys.set_user_enabled(&user, false).await.unwrap();
    refused(refusal(&app, ID_TOKEN, &token).await);
}

/// The keys are given.
#[derive(Debug)]
struct NoHttp;

#[async_trait]
impl HttpFetch for NoHttp {
    fn permits(&self, _: &Url) -> bool {
        true
    }

    async fn get(&self, _: &Url) -> Result<Vec<u8>, FetchError> {
        Err(FetchError::Status(500))
    }

    async fn get_with(&self, url: &Url, headers: &remint_keyset::HeaderMap) -> Result<Vec<u8>, FetchError> {
        if headers.is_empty() { self.get(url).await } else { Err(FetchError::Headers) }
    }
}
