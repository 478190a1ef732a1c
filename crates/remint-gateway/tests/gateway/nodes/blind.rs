//! A gateway that cannot read the log that it follows.

use std::time::Instant;

use reqwest::StatusCode;
use serde_json::{Value, json};
use sqlx::{Connection as _, SqliteConnection};

use super::{PATIENCE, Provider, key_of};
use crate::support::{Gateway, client};

/// What the edge answers to a key and to a token from outside.
async fn answers(gateway: &Gateway, key: &str, token: &str) -> (StatusCode, StatusCode) {
    let edge = || client().get(format!("http://{}/v1/api-keys", gateway.http));
    let (key, token) = tokio::join!(edge().header("x-api-key", key).send(), edge().bearer_auth(token).send());
    (key.unwrap().status(), token.unwrap().status())
}

async fn readiness(gateway: &Gateway) -> (StatusCode, Value) {
    let answer = client().get(format!("http://{}/readyz", gateway.http)).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_gateway_that_is_blind_for_too_long_answers_503_to_everything_and_says_why() {
    let provider = Provider::new();
    let gateway = Gateway::new(&format!("{}[revocation]\nmax_staleness = '2s'\n", Provider::settings()));
    provider.is_known_to(&gateway);
    let gateway = gateway.running();
    let (key, token) = (key_of(&gateway, "alice", None).await.1, provider.token("idp", "s1", json!({})));
    let (well, blind) = ((StatusCode::OK, StatusCode::FORBIDDEN), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answers(&gateway, &key, &token).await, well);
    assert_eq!(readiness(&gateway).await.1["log"], true);

    let url = format!("sqlite://{}", gateway.path("remint.db").display());
    let mut store = SqliteConnection::connect(&url).await.unwrap();
    let begun = Instant::now();
    sqlx::raw_sql("ALTER TABLE revocation_log RENAME TO away").execute(&mut store).await.unwrap();
    loop {
        let answers = answers(&gateway, &key, &token).await;
        if answers == (blind, blind) {
            break;
        }
        // An outage is never a 401.
        assert!([well.0, blind].contains(&answers.0) && [well.1, blind].contains(&answers.1), "{answers:?}");
        assert!(begun.elapsed() < PATIENCE, "{answers:?}");
    }
    let (status, said) = readiness(&gateway).await;
    assert_eq!((status, &said["log"], &said["store"]), (blind, &json!(false), &json!(true)), "{said}");
    assert!(said["detail"].as_str().unwrap().contains("revocation.max_staleness"), "{said}");

    sqlx::raw_sql("ALTER TABLE away RENAME TO revocation_log").execute(&mut store).await.unwrap();
    let begun = Instant::now();
    while answers(&gateway, &key, &token).await != well || readiness(&gateway).await.0 != StatusCode::OK {
        assert!(begun.elapsed() < PATIENCE, "{}", gateway.log());
    }
}
