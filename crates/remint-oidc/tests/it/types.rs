//! An access token is accepted, and no other kind of token in its place (RFC 8725 §3.11, §3.12).

use remint_core::{Authenticator, Credential, CredentialForm, DeniedKind, Slot};
use serde_json::json;

use crate::support::Provider;

#[tokio::test]
async fn a_text_without_the_shape_of_a_jwt_is_for_others() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    let key = Credential::new(Slot::Bearer, CredentialForm::ApiKey, "rmt_live_abc");
    assert!(edge.0.authenticate(key).await.unwrap().is_none());
}

#[tokio::test]
async fn accepted_types_are_none_jwt_and_at_jwt_in_any_case_and_with_or_without_prefix() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    for typ in [
        None,
        Some("JWT"),
        Some("jwt"),
        Some("at+jwt"),
        Some("AT+JWT"),
        Some("application/at+jwt"),
        Some("Application/JWT"),
    ] {
        let mut header = provider.header();
        header.typ = typ.map(Into::into);
        edge.accepts(&provider.sign_with(&header, &provider.claims())).await;
    }
}

#[tokio::test]
async fn every_other_type_is_refused() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    for typ in [
        "",
        "dpop+jwt",
        "logout+jwt",
        "secevent+jwt",
        "application/secevent+jwt",
        "id+jwt",
        "txntoken+jwt",
        "application/TxnToken+jwt",
        "remint-grant+jwt",
        "JOSE",
        "application/",
        "application/application/jwt",
        "at+jwt ",
    ] {
        let mut header = provider.header();
        header.typ = Some(typ.into());
        let token = provider.sign_with(&header, &provider.claims());
        assert_eq!(edge.denies(&token).await, DeniedKind::TokenType, "{typ}");
    }
}

#[tokio::test]
async fn what_shows_itself_as_another_kind_of_token_is_refused() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    for (what, claims, as_access_token_too) in [
        ("an ID token", json!({ "nonce": "n" }), false),
        ("an ID token of the hybrid flow", json!({ "at_hash": "h" }), false),
        ("another one", json!({ "c_hash": "h" }), false),
        ("a logout token", json!({ "events": { "http://schemas.openid.net/event/backchannel-logout": {} } }), true),
        ("a security event", json!({ "events": {} }), true),
        ("Keycloak's ID token", json!({ "typ": "ID" }), true),
        ("Keycloak's refresh token", json!({ "typ": "Refresh" }), true),
        ("Keycloak's offline token", json!({ "typ": "Offline" }), true),
        ("Cognito's ID token", json!({ "token_use": "id" }), true),
    ] {
        for typ in [None, Some("JWT"), Some("at+jwt")] {
            let mut header = provider.header();
            header.typ = typ.map(Into::into);
            let token = provider.sign_with(&header, &provider.with(claims.clone()));
            if typ == Some("at+jwt") && !as_access_token_too {
                edge.accepts(&token).await;
            } else {
                assert_eq!(edge.denies(&token).await, DeniedKind::TokenType, "{what} as {typ:?}");
            }
        }
    }
    edge.accepts(&provider.sign(&provider.with(json!({ "typ": "Bearer", "token_use": "access" })))).await;
}
