//! What is made of a token that its issuer calls active.

use std::time::Duration;

use remint_core::{Clock, CredentialRef, Environment, Slot, Target, Timestamp};
use remint_oidc::Trust;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::support::{Server, TOKEN};
use crate::support::{AUDIENCE, Edge, ISSUER, Provider};

#[tokio::test]
async fn an_active_token_is_whom_its_issuer_says() {
    let server = Server::saying(json!({})).await;
    let now = server.clock.now();
    let Authentication { identity, issued_at, expires_at, also_named, .. } = server.edge().accepts_opaque(TOKEN).await;
    assert_eq!(identity.subject.as_str(), "idp|alice");
    assert_eq!((identity.client.as_str(), identity.environment), ("web", Environment::Live));
    assert_eq!(identity.scopes, "jobs:read".parse().unwrap());
    let credential = CredentialRef::Jwt {
        issuer: ISSUER.parse().unwrap(),
        subject: "alice".parse().unwrap(),
        id: Some("t-1".parse().unwrap()),
        digest: None,
    };
    assert_eq!(identity.credential, credential);
    assert_eq!((issued_at, expires_at), (now, now.saturating_add(Duration::from_secs(60))));
    assert_eq!(also_named, [Target::SigningInput(Sha256::digest(TOKEN).into())]);
}

type Authentication = remint_core::Authentication;

#[tokio::test]
async fn it_is_asked_as_our_client_and_about_an_access_token() {
    let server = Server::saying(json!({})).await;
    server.edge().accepts_opaque(TOKEN).await;
    let asked = server.asked().await;
    let parameter = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(asked, [[parameter("token", TOKEN), parameter("token_type_hint", "access_token")]]);
    let requests = server.mock.received_requests().await.unwrap();
    // edge-1:canary-secret
    assert_eq!(requests[0].headers["authorization"], "Basic ZWRnZS0xOmNhbmFyeS1zZWNyZXQ=");
    assert_eq!(requests[0].headers["accept"], "application/json");
}

#[tokio::test]
async fn claims_are_read_as_those_of_a_token() {
    let server = Server::saying(json!({
        "org_id": "acme", "scope": "jobs:read remint:admin other", "sid": "s-1", "groups": ["a"],
        "realm_access": { "roles": ["r"] }, "app": { "plan": "gold" },
        "act": { "sub": "service", "act": { "sub": "other" } }, "aud": ["x", AUDIENCE],
    }))
    .await;
    let trust = Trust::oidc(ISSUER, AUDIENCE)
        .named("idp")
        .tenants(["acme"])
        .clients(["web"])
        .allow_scopes(["jobs:read"])
        .any_role()
        .any_group()
        .map_claim("plan", "app.plan")
        .introspection(server.introspection());
    let identity = server.edge_with(trust).accepts_opaque(TOKEN).await.identity;
    assert_eq!(identity.tenant.unwrap().as_str(), "acme");
    assert_eq!(identity.scopes, "jobs:read".parse().unwrap());
    assert_eq!(identity.session.unwrap().as_str(), "s-1");
    assert_eq!((identity.roles, identity.groups), (vec!["r".to_owned()], vec!["a".to_owned()]));
    let actor = identity.actor.unwrap();
    assert_eq!((actor.subject.as_str(), actor.actor.unwrap().subject.as_str()), ("service", "other"));
    assert_eq!(serde_json::to_value(&identity.ext).unwrap(), json!({ "plan": "gold" }));
}

#[tokio::test]
async fn an_answer_counts_no_longer_than_the_token_and_than_was_set() {
    let server = Server::saying(json!({ "exp": 1_000_020, "iat": 1_000_000 })).await;
    server.clock.set(Timestamp::from_secs(1_000_000));
    let ends = |edge: Edge| async move { edge.accepts_opaque(TOKEN).await.expires_at.as_secs() };
    assert_eq!(ends(server.edge()).await, 1_000_020, "the token ends");
    server.says(json!({ "exp": 1_000_600, "iat": 1_000_000 })).await;
    assert_eq!(ends(server.edge()).await, 1_000_060, "a minute unless set");
    let again = server.introspection().again_after(Duration::from_secs(10));
    assert_eq!(ends(server.edge_with(server.trust_by(again))).await, 1_000_010);
}

#[tokio::test]
async fn a_jwt_of_the_issuer_is_the_issuers_to_judge() {
    let provider = Provider::new();
    let server = Server::saying(json!({ "sub": "by answer" })).await;
    server.clock.set(provider.clock.now());
    server.says(json!({ "sub": "by-answer", "jti": null })).await;
    let edge = server.edge();
    // Under a key that nobody here knows.
    let token = provider.sign(&provider.with(json!({ "sub": "by-token", "exp": provider.clock.now().as_secs() + 30 })));
    let accepted = edge.accepts(&token).await;
    assert_eq!(accepted.identity.subject.as_str(), "idp|by-answer");
    let (signing_input, _) = token.rsplit_once('.').unwrap();
    assert_eq!(accepted.also_named, [Target::SigningInput(Sha256::digest(signing_input).into())]);
    assert_eq!(accepted.expires_at, provider.clock.now().saturating_add(Duration::from_secs(30)), "its own `exp`");
    assert_eq!(server.seen().await, [token]);
}

#[tokio::test]
async fn an_answer_needs_no_issuer_and_any_name_of_an_access_token_will_do() {
    for changes in [
        json!({ "iss": null }),
        json!({ "token_type": null }),
        json!({ "token_type": "bearer" }),
        json!({ "token_type": "access_token" }),
        json!({ "token_type": "urn:ietf:params:oauth:token-type:access_token" }),
        json!({ "nonce": "an old Keycloak's" }),
        json!({ "username": "alice", "nbf": null, "jti": null }),
    ] {
        let server = Server::saying(changes).await;
        let identity = server.edge().accepts_opaque(TOKEN).await.identity;
        assert_eq!(identity.subject.as_str(), "idp|alice");
    }
}

#[tokio::test]
async fn an_audience_can_be_waived_by_name_only_and_what_is_there_still_counts() {
    let server = Server::saying(json!({ "aud": null })).await;
    let waived = || server.edge_with(server.trust_by(server.introspection().insecure_without_audience()));
    assert_eq!(waived().accepts_opaque(TOKEN).await.identity.subject.as_str(), "idp|alice");
    assert_eq!(server.edge().denies_opaque(TOKEN).await, remint_core::DeniedKind::Audience);
    server.says(json!({ "aud": "other" })).await;
    assert_eq!(waived().denies_opaque(TOKEN).await, remint_core::DeniedKind::Audience);
    server.says(json!({ "aud": null, "token_type": null })).await;
    assert_eq!(waived().denies_opaque(TOKEN).await, remint_core::DeniedKind::TokenType, "it may be a refresh token");
}

#[tokio::test]
async fn a_token_may_come_under_either_scheme_of_access_tokens() {
    let server = Server::saying(json!({})).await;
    let edge = server.edge();
    for slot in [Slot::Bearer, Slot::Dpop] {
        assert!(edge.ask_in(slot, TOKEN).await.unwrap().is_some(), "{slot:?}");
    }
}
