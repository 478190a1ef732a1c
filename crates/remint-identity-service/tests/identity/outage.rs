use serde_json::{Value, json};

use crate::edge::Edge;

#[tokio::test]
async fn an_outage_of_the_store_is_a_503_on_every_operation_and_never_anything_else() {
    for (line, body) in [
        ("POST /v1/users", json!({ "id": "new" })),
        ("GET /v1/users/alice", Value::Null),
        ("PATCH /v1/users/alice", json!({ "plan": "gold" })),
        ("DELETE /v1/users/alice", Value::Null),
        ("GET /v1/tenants/acme", Value::Null),
        ("PATCH /v1/tenants/acme", json!({ "plan": "gold" })),
        ("POST /v1/api-keys", json!({ "user": "alice" })),
        ("GET /v1/api-keys?user=alice", Value::Null),
        ("POST /v1/api-keys/key_1/rotate", json!({})),
        ("DELETE /v1/api-keys/key_1", Value::Null),
        ("GET /v1/usage", Value::Null),
    ] {
        let edge = Edge::new().await;
        let root = edge.user("root", "remint:admin").await;
        assert_eq!(edge.call(&root, "GET /v1/users/root", Value::Null).await.status, 200);
        edge.store.sever();
        // With the bootstrap key, and with a key that the cache still knows.
        for answer in [edge.bootstrap(line, body.clone()).await, edge.call(&root, line, body.clone()).await] {
            assert_eq!(answer.status, 503, "{line}");
            assert_eq!(answer.headers["content-type"], "application/problem+json");
            assert!(answer.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() >= 1);
        }
    }
}

#[tokio::test]
async fn an_outage_does_not_make_a_key_invalid() {
    let edge = Edge::new().await;
    let alice = edge.user("alice", "").await;
    edge.store.sever();
    assert_eq!(edge.bootstrap("POST /v1/api-keys/verify", json!({ "key": alice })).await.status, 503);
    edge.store.mend();
    assert_eq!(edge.bootstrap("POST /v1/api-keys/verify", json!({ "key": alice })).await.body["valid"], true);
}
