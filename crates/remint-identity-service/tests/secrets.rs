//! No text of a key, and no bootstrap key, reaches the log. A process of its own: the log is global.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "identity/edge.rs"]
#[expect(dead_code, reason = "one test of many uses it here")]
mod edge;

use edge::{BOOTSTRAP, Edge, text};
use remint_testkit::CapturedLog;
use serde_json::{Value, json};

#[tokio::test]
async fn no_key_reaches_the_log_or_a_second_answer() {
    let log = CapturedLog::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_writer(log.writer())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let edge = Edge::new().await;
    let mut secrets = vec![BOOTSTRAP.to_owned()];
    let made = edge.bootstrap("POST /v1/users", json!({ "id": "alice", "scopes": "a" })).await;
    let alice = text(&made.body["keys"][0]["key"]);
    secrets.extend([alice.clone(), text(&made.body["keys"][1]["key"])]);
    let maker = edge.maker("alice", "a").await;
    let (id, key) = edge.key(&maker, json!({ "name": "laptop" })).await;
    secrets.extend([maker, key.clone()]);
    secrets.push(text(&edge.call(&key, &format!("POST /v1/api-keys/{id}/rotate"), json!({})).await.body["key"]));

    let mut answers = Vec::new();
    for (line, body) in [
        ("GET /v1/api-keys", Value::Null),
        ("GET /v1/users/alice", Value::Null),
        ("POST /v1/api-keys", json!({ "name": alice, "user": 7 })),
        ("POST /v1/api-keys", json!({ "name": [alice] })),
        ("POST /v1/users", json!({ "id": "x" })),
        ("POST /v1/api-keys/verify", json!({ "key": [alice] })),
        (&format!("DELETE /v1/api-keys/{id}"), Value::Null),
    ] {
        answers.push(edge.call(&alice, line, body).await.body.to_string());
    }
    answers.push(edge.bootstrap("POST /v1/api-keys/verify", json!({ "key": alice })).await.body.to_string());
    answers.push(edge.call(&format!("{alice}x"), "GET /v1/users/alice", Value::Null).await.body.to_string());
    edge.store.sever();
    answers.push(edge.bootstrap("POST /v1/api-keys/verify", json!({ "key": alice })).await.body.to_string());

    let log = log.text();
    assert!(log.contains("key.issued"), "the log was looked at");
    for secret in &secrets {
        let hidden = &secret[secret.len() - 20..];
        assert!(!log.contains(hidden), "the log has a key");
        assert!(answers.iter().all(|answer| !answer.contains(hidden)), "an answer has a key");
    }
}
