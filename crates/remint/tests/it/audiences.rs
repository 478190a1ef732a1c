use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use remint::{Algorithm, Environment, IssuerId, MemoryStore, Verifier};
use serde_json::{Value, json};

use crate::support::{Provider, ask, builder, key_of};

#[tokio::test]
async fn a_token_is_for_every_audience_and_for_no_other() {
    let provider = Provider::new(Algorithm::Es256);
    let builder = builder(&provider, MemoryStore::new()).also_audience("reports").also_audience("internal");
    let edge = builder.build().await.unwrap();
    let (key, _) = key_of(&edge, "bob", Environment::Live).await;
    for (audience, status) in
        [("internal", StatusCode::OK), ("reports", StatusCode::OK), ("other", StatusCode::UNAUTHORIZED)]
    {
        let issuer = edge.issuer().clone();
        let behind = Verifier::builder(IssuerId::new("https://auth.internal").unwrap(), audience.parse().unwrap())
            .local_keys(move || issuer.key_set())
            .build()
            .await
            .unwrap();
        let claims = axum::routing::get(|headers: HeaderMap| async move {
            let token = headers["authorization"].to_str().unwrap().split('.').nth(1).unwrap().to_owned();
            String::from_utf8(URL_SAFE_NO_PAD.decode(token).unwrap()).unwrap()
        });
        let app = axum::Router::new().route("/me", claims).layer(behind.layer()).layer(edge.layer());
        let (answered, claims): (_, Value) = ask(&app, "x-api-key", &key).await;
        assert_eq!(answered, status, "{audience}");
        if status == StatusCode::OK {
            assert_eq!(claims["aud"], json!(["internal", "reports"]));
        }
    }
}

#[tokio::test]
async fn an_audience_that_is_none_builds_no_edge() {
    let provider = Provider::new(Algorithm::Es256);
    assert!(builder(&provider, MemoryStore::new()).also_audience("").build().await.is_err());
}
