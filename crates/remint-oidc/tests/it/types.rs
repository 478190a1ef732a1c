//! An access token is accepted, and no other kind of token in its place (RFC 8725 §3.11, §3.12).
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use remint_core::{Authenticator, Credential, CredentialForm, DeniedKind, Slot};
use serde_json::{Value, json};

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
        Some("JOSE"),
        Some("application/jose"),
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
        "JOSE+JSON",
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

/// What an ID token has besides.
fn id_token_claims() -> Value {
    json!({ "nonce": "n", "at_hash": "h", "c_hash": "c" })
}

fn typed(provider: &Provider, typ: Option<&str>, changes: &[Value]) -> String {
    let mut header = provider.header();
    header.typ = typ.map(Into::into);
    let mut claims = provider.claims();
    for change in changes {
        claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    }
    provider.sign_with(&header, &claims)
}

#[tokio::test]
async fn a_claim_that_says_it_is_an_access_token_is_believed_before_those_of_id_tokens() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust());
    for typ in [None, Some("JWT"), Some("JOSE")] {
        for says in [json!({ "typ": "Bearer" }), json!({ "typ": "DPoP" }), json!({ "token_use": "access" })] {
            let token = typed(&provider, typ, &[id_token_claims(), says.clone()]);
            edge.accepts(&token).await;
            assert_eq!(edge.denies_in(Slot::Assertion, &token).await, DeniedKind::TokenType, "{says} as {typ:?}");
        }
        for says in [
            json!({}),
            json!({ "typ": "bearer" }),
            json!({ "typ": ["Bearer"] }),
            json!({ "token_use": "ACCESS" }),
            json!({ "token_type": "Bearer" }),
            json!({ "typ": "Bearer", "token_use": "id" }),
            json!({ "typ": "ID", "token_use": "access" }),
            json!({ "typ": "Bearer", "events": {} }),
        ] {
            let token = typed(&provider, typ, &[id_token_claims(), says.clone()]);
            assert_eq!(edge.denies(&token).await, DeniedKind::TokenType, "{says} as {typ:?}");
        }
    }
}

#[tokio::test]
async fn a_lenient_trust_takes_what_says_nothing_and_no_more() {
    let provider = Provider::new();
    let edge = provider.edge(provider.trust().lenient_access_tokens());
    let token = typed(&provider, Some("JWT"), &[id_token_claims()]);
    edge.accepts(&token).await;
    assert_eq!(edge.denies_in(Slot::Assertion, &token).await, DeniedKind::TokenType);
    for says in
        [json!({ "typ": "ID" }), json!({ "token_use": "id" }), json!({ "typ": "Refresh" }), json!({ "events": {} })]
    {
        let token = typed(&provider, Some("JWT"), &[id_token_claims(), says.clone()]);
        assert_eq!(edge.denies(&token).await, DeniedKind::TokenType, "{says}");
    }
    for typ in ["logout+jwt", "secevent+jwt", "dpop+jwt"] {
        let token = typed(&provider, Some(typ), &[]);
        assert_eq!(edge.denies(&token).await, DeniedKind::TokenType, "{typ}");
    }
}
