//! An issuer that is asked about its tokens is not shown our keys.

use axum::http::StatusCode;
use remint::{
    ClientCredentials, ClientId, ClientSecret, Environment, Introspection, MemoryStore, Remint, RemintBuilder, Target,
    TextFormat, Trust,
};
use serde_json::json;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

use crate::support::{IDP, app, ask, key_of, now};

/// An issuer that calls every token active, and the edge that asks it about all that is opaque.
async fn trusting() -> (MockServer, RemintBuilder) {
    let idp = MockServer::start().await;
    let answer = json!({
        "active": true, "iss": IDP, "aud": "api", "sub": "alice", "client_id": "web",
        "iat": now(), "exp": now() + 300, "token_type": "Bearer",
    });
    let answer = ResponseTemplate::new(200).set_body_json(answer);
    Mock::given(matchers::any()).respond_with(answer).mount(&idp).await;
    let credentials = ClientCredentials::secret_basic(ClientId::new("edge").unwrap(), ClientSecret::new("secret"));
    let introspection = Introspection::new(credentials).endpoint(idp.uri());
    let trust = Trust::oidc(IDP, "api").introspection(introspection);
    let builder = Remint::builder("https://auth.internal", "internal").trust(trust).ephemeral_keys();
    (idp, builder)
}

async fn asked(idp: &MockServer) -> usize {
    idp.received_requests().await.unwrap().len()
}

#[tokio::test]
async fn an_opaque_token_becomes_an_internal_one_and_is_asked_about_once() {
    let (idp, builder) = trusting().await;
    let edge = builder.api_keys(MemoryStore::new()).build().await.unwrap();
    let app = app(&edge).await;
    for _ in 0..3 {
        let (status, caller) = ask(&app, "authorization", "Bearer opaque").await;
        assert_eq!(status, StatusCode::OK, "{caller}");
        assert_eq!(caller["subject"], "idp.example|alice");
        // The SHA-256 of the text, which has no `jti`.
        let digest = "bSKYhMEmi7CrMtjaMV0P5S-RRyKL2DCje8n7KKlUlA0";
        assert_eq!(caller["credential"], json!({ "kind": "jwt", "iss": IDP, "sub": "alice", "dig": digest }));
    }
    assert_eq!(asked(&idp).await, 1);
    let alice = Target::Subject { issuer: IDP.parse().unwrap(), subject: "alice".parse().unwrap() };
    edge.revoke(alice).await.unwrap();
    assert_eq!(ask(&app, "authorization", "Bearer opaque").await.0, StatusCode::UNAUTHORIZED);
    assert!(edge.trusted().is_empty(), "it has no keys to be had");
}

#[tokio::test]
async fn a_text_of_an_accepted_key_format_never_leaves() {
    let (idp, builder) = trusting().await;
    let opaque = TextFormat::Opaque("sk_live_".parse().unwrap());
    let builder = builder.accept([TextFormat::Remint, TextFormat::Drf, opaque]);
    let edge = builder.api_keys(MemoryStore::new()).build().await.unwrap();
    let app = app(&edge).await;
    let (key, id) = key_of(&edge, "bob", Environment::Live).await;
    assert_eq!(ask(&app, "authorization", &format!("Bearer {key}")).await.0, StatusCode::OK);
    edge.api_keys().unwrap().revoke(&id).await.unwrap();
    let drf = format!("{}.{}", "a".repeat(8), "b".repeat(32));
    let mistyped = format!("{key}x");
    for text in [&*key, &*mistyped, "rmt_", "rmt_live_unknown", &*drf, "sk_live_0123456789abcdef", "sk_live_x"] {
        for (header, value) in [
            ("authorization", format!("Bearer {text}")),
            ("authorization", format!("Token {text}")),
            ("x-api-key", text.to_owned()),
        ] {
            assert_eq!(ask(&app, header, &value).await.0, StatusCode::UNAUTHORIZED, "{header} {value}");
        }
    }
    for (header, value) in [("authorization", "Token opaque"), ("x-api-key", "opaque")] {
        assert_eq!(ask(&app, header, value).await.0, StatusCode::UNAUTHORIZED, "{header} {value}");
    }
    assert_eq!(asked(&idp).await, 0);
}
