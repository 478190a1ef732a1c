//! Credentials of a kind that only an authenticator of somebody's own knows.

use async_trait::async_trait;
use remint_core::{
    Authentication, Authenticator, ClientId, Credential, CredentialForm, CredentialId, CredentialKind, CredentialRef,
    Environment, Identity, Refusal, Subject, Target, Timestamp, Verified,
};
use serde_json::{Value, json};

use crate::support::*;

/// Personal access tokens: `pat_1` is the first one of alice's.
#[derive(Debug)]
struct Pats;

#[async_trait]
impl Authenticator for Pats {
    async fn authenticate(&self, credential: Credential<'_>) -> Result<Option<Verified<Authentication>>, Refusal> {
        let text = credential.expose_secret();
        let Some(id) = text.strip_prefix("pat_").filter(|_| credential.form() == CredentialForm::ApiKey) else {
            return Ok(None);
        };
        let (kind, id) = (CredentialKind::new("pat").unwrap(), CredentialId::new(id).unwrap());
        let client = ClientId::new("cli").unwrap();
        let credential = CredentialRef::Other { kind, id };
        let mut identity = Identity::new(Subject::new("alice").unwrap(), Environment::Live, client, credential);
        identity.scopes = "read write".parse().unwrap();
        let found = Authentication::new(identity, Timestamp::from_secs(0), Timestamp::MAX);
        #[expect(clippy::disallowed_methods, reason = "this is an authenticator")]
        Ok(Some(Verified::vouch(found)))
    }
}

async fn world() -> World {
    World::over(|line| line.authenticator(Pats), |server| server).await
}

fn pat(id: &str) -> Value {
    json!({ "kind": "pat", "id": id })
}

async fn introspected(world: &World, token: &str) -> Value {
    let answer = world.send(post("/oauth2/introspect", &basic("edge", &secret("edge")), &[("token", token)])).await;
    answer.body
}

#[tokio::test]
async fn what_it_is_stays_in_the_token_at_every_exchange() {
    let world = world().await;
    let first = world.exchange("svc", (ACCESS_TOKEN, "pat_1"), &[]).await;
    assert_eq!(first.claims(&world)["cred"], pat("1"));
    let token = first.token();
    let again = world.exchange("svc", (ACCESS_TOKEN, &token), &[]).await;
    let claims = again.claims(&world);
    assert_eq!((&claims["cred"], &claims["sub"], &claims["client_id"]), (&pat("1"), &json!("alice"), &json!("cli")));
    // It is an access token, and no key of ours.
    assert_ne!(world.exchange("svc", (API_KEY, "pat_1"), &[]).await.status, 200);

    for token in [token, again.token()] {
        let said = introspected(&world, &token).await;
        assert_eq!((&said["active"], &said["cred"]), (&json!(true), &pat("1")), "{said}");
    }
}

#[tokio::test]
async fn its_revocation_ends_it_and_what_was_made_of_it_and_no_other() {
    let world = world().await;
    let made = world.exchange("svc", (ACCESS_TOKEN, "pat_1"), &[]).await.token();
    let other = world.exchange("svc", (ACCESS_TOKEN, "pat_2"), &[]).await.token();
    let id = CredentialId::new("1").unwrap();
    world.revoke(Target::Credential { kind: CredentialKind::new("pat").unwrap(), id }).await;
    assert_eq!(introspected(&world, &made).await, json!({ "active": false }));
    for token in [(ACCESS_TOKEN, "pat_1"), (ACCESS_TOKEN, made.as_str())] {
        assert_eq!(world.exchange("svc", token, &[]).await.error(), (400, "invalid_request"), "{token:?}");
    }
    assert_eq!(introspected(&world, &other).await["active"], json!(true));
    assert_eq!(world.exchange("svc", (ACCESS_TOKEN, "pat_2"), &[]).await.status, 200);
}

#[tokio::test]
async fn whoever_acts_with_one_is_named_with_it() {
    let world = world().await;
    let alice = world.external(json!({ "may_act": { "sub": "alice", "iss": ISSUER } }));
    let answer = world.delegate("svc", (JWT, &alice), (ACCESS_TOKEN, "pat_7")).await;
    let claims = answer.claims(&world);
    assert_eq!((&claims["act"]["sub"], &claims["act"]["cred"]), (&json!("alice"), &pat("7")), "{claims:?}");
    let id = CredentialId::new("7").unwrap();
    world.revoke(Target::Credential { kind: CredentialKind::new("pat").unwrap(), id }).await;
    assert_eq!(introspected(&world, &answer.token()).await, json!({ "active": false }));
}
