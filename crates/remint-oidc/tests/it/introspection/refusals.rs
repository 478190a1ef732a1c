//! An active token is refused for what a token of that issuer would be refused for.

use remint_core::{Clock, DeniedKind};
use remint_oidc::Trust;
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::support::{Server, TOKEN};
use crate::support::{AUDIENCE, ISSUER, OWN, Provider};

#[tokio::test]
async fn a_token_that_is_not_active_is_refused() {
    let server = Server::new().await;
    server.answers(ResponseTemplate::new(200).set_body_json(json!({ "active": false }))).await;
    assert_eq!(server.edge().denies_opaque(TOKEN).await, DeniedKind::Inactive);
    assert!(DeniedKind::Inactive.remember_for().is_some_and(|time| time.as_secs() <= 2));
    // What else an answer says then is nothing.
    server.says(json!({ "active": false })).await;
    assert_eq!(server.edge().denies_opaque(TOKEN).await, DeniedKind::Inactive);
}

#[tokio::test]
async fn what_a_token_could_not_say_an_answer_cannot_say_either() {
    let now = Server::new().await.clock.now().as_secs();
    let cases: &[(Value, DeniedKind)] = &[
        (json!({ "iss": "https://other.example" }), DeniedKind::UntrustedIssuer),
        (json!({ "iss": "https://idp.example/" }), DeniedKind::UntrustedIssuer),
        (json!({ "iss": OWN }), DeniedKind::UntrustedIssuer),
        (json!({ "iss": 1 }), DeniedKind::Claim),
        (json!({ "aud": null }), DeniedKind::Audience),
        (json!({ "aud": "other" }), DeniedKind::Audience),
        (json!({ "aud": ["a", "b"] }), DeniedKind::Audience),
        (json!({ "aud": [] }), DeniedKind::Claim),
        (json!({ "exp": now }), DeniedKind::Expired),
        (json!({ "exp": now - 1 }), DeniedKind::Expired),
        (json!({ "exp": null }), DeniedKind::Claim),
        (json!({ "exp": "soon" }), DeniedKind::Claim),
        (json!({ "exp": -1.5 }), DeniedKind::Claim),
        (json!({ "iat": "soon" }), DeniedKind::Claim),
        (json!({ "iat": null, "exp": now + 24 * 3600 + 1 }), DeniedKind::Lifetime),
        (json!({ "iat": now + 31 }), DeniedKind::NotYetValid),
        (json!({ "nbf": now + 31 }), DeniedKind::NotYetValid),
        (json!({ "exp": now + 24 * 3600 + 1 }), DeniedKind::Lifetime),
        (json!({ "sub": null }), DeniedKind::Claim),
        (json!({ "sub": "" }), DeniedKind::Claim),
        (json!({ "sub": 7 }), DeniedKind::Claim),
        (json!({ "client_id": null }), DeniedKind::Client),
        (json!({ "client_id": "other" }), DeniedKind::Client),
        (json!({ "azp": "other" }), DeniedKind::Client),
        (json!({ "org_id": "globex" }), DeniedKind::Tenant),
        (json!({ "org_id": 1 }), DeniedKind::Claim),
        (json!({ "token_type": "refresh_token" }), DeniedKind::TokenType),
        (json!({ "token_type": "N_A" }), DeniedKind::TokenType),
        (json!({ "token_type": "mac" }), DeniedKind::TokenType),
        (json!({ "token_type": "" }), DeniedKind::TokenType),
        (json!({ "token_type": 1 }), DeniedKind::Claim),
        (json!({ "token_type": null, "nonce": "n" }), DeniedKind::TokenType),
        (json!({ "token_type": null, "at_hash": "h" }), DeniedKind::TokenType),
        (json!({ "typ": "Refresh" }), DeniedKind::TokenType),
        (json!({ "typ": "ID" }), DeniedKind::TokenType),
        (json!({ "token_use": "refresh_token" }), DeniedKind::TokenType),
        (json!({ "token_use": "id" }), DeniedKind::TokenType),
        (json!({ "events": {} }), DeniedKind::TokenType),
        (json!({ "act": { "sub": "x", "iss": OWN } }), DeniedKind::Claim),
        (json!({ "act": 7 }), DeniedKind::Claim),
    ];
    let server = Server::new().await;
    let trust = || {
        let trust = Trust::oidc(ISSUER, AUDIENCE).named("idp").clients(["web"]).tenants(["acme"]);
        trust.introspection(server.introspection())
    };
    server.says(json!({ "org_id": "acme" })).await;
    server.edge_with(trust()).accepts_opaque(TOKEN).await;
    for (changes, kind) in cases {
        server.says(changes.clone()).await;
        assert_eq!(server.edge_with(trust()).denies_opaque(TOKEN).await, *kind, "{changes}");
    }
}

#[tokio::test]
async fn leeway_is_for_the_beginning_and_never_for_the_end() {
    let server = Server::new().await;
    let now = server.clock.now().as_secs();
    server.says(json!({ "iat": now + 30, "nbf": now + 30 })).await;
    server.edge().accepts_opaque(TOKEN).await;
    server.says(json!({ "exp": now + 1 })).await;
    server.edge().accepts_opaque(TOKEN).await;
}

#[tokio::test]
async fn a_jwt_that_shows_by_itself_that_it_is_nothing_is_not_asked_about() {
    let provider = Provider::new();
    let server = Server::saying(json!({})).await;
    server.clock.set(provider.clock.now());
    let edge = server.edge();
    let mut id_token = provider.header();
    id_token.typ = Some("JWT".into());
    let mut logout = provider.header();
    logout.typ = Some("logout+jwt".into());
    let now = provider.clock.now().as_secs();
    for (token, kind) in [
        (provider.sign_with(&id_token, &provider.with(json!({ "nonce": "n" }))), DeniedKind::TokenType),
        (provider.sign_with(&logout, &provider.claims()), DeniedKind::TokenType),
        (provider.sign(&provider.with(json!({ "typ": "Refresh" }))), DeniedKind::TokenType),
        (provider.sign(&provider.with(json!({ "exp": now }))), DeniedKind::Expired),
        (provider.sign(&provider.with(json!({ "exp": "x" }))), DeniedKind::Claim),
        (provider.sign(&provider.with(json!({ "iss": "https://other.example" }))), DeniedKind::UntrustedIssuer),
        (provider.sign(&provider.with(json!({ "iss": OWN }))), DeniedKind::UntrustedIssuer),
        ("a.b.c".to_owned(), DeniedKind::Structure),
    ] {
        assert_eq!(edge.denies(&token).await, kind);
    }
    assert!(server.seen().await.is_empty());
}
