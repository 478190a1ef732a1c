use serde_json::{Value, json};

use crate::edge::{BOOTSTRAP, Edge, text};

#[tokio::test]
async fn the_same_request_under_the_same_key_is_carried_out_once_and_its_texts_are_shown_once() {
    let edge = Edge::new().await;
    let body = json!({ "id": "alice", "issue": ["live", "test"] });
    let first = edge.call_once(BOOTSTRAP, "k1", "POST /v1/users", body.clone()).await;
    let again = edge.call_once(BOOTSTRAP, "k1", "POST /v1/users", body).await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201));
    assert!(first.headers.get("idempotent-replayed").is_none());
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(first.body["user"], again.body["user"]);
    let ids = |body: &Value| {
        let mut ids: Vec<_> = body["keys"].as_array().unwrap().iter().map(|key| text(&key["id"])).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&first.body), ids(&again.body));
    assert!(again.body["keys"].as_array().unwrap().iter().all(|key| key.as_object().unwrap()["key"].is_null()));

    let alice = edge.maker("alice", "").await;
    let first = edge.call_once(&alice, "k1", "POST /v1/api-keys", json!({ "name": "a" })).await;
    // White space and the order of members are nothing.
    let again = edge.call_once(&alice, "k1", "POST /v1/api-keys", json!({ "name": "a" })).await;
    assert_eq!((&again.body["id"], &again.body["key"]), (&first.body["id"], &Value::Null));
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201));

    let line = format!("POST /v1/api-keys/{}/rotate", text(&first.body["id"]));
    let first = edge.call_once(&alice, "k1", &line, Value::Null).await;
    let again = edge.call_once(&alice, "k1", &line, Value::Null).await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201));
    assert_eq!((&again.body["id"], &again.body["key"]), (&first.body["id"], &Value::Null));
    assert_eq!(edge.keys.list(&"alice".parse().unwrap()).await.unwrap().len(), 5);
}

#[tokio::test]
async fn another_request_under_the_same_key_is_refused() {
    let edge = Edge::new().await;
    edge.user("alice", "").await;
    let alice = edge.maker("alice", "").await;
    assert_eq!(edge.call_once(&alice, "k", "POST /v1/api-keys", json!({ "name": "a" })).await.status, 201);
    assert_eq!(edge.call_once(&alice, "k", "POST /v1/api-keys", json!({ "name": "b" })).await.status, 422);
    assert_eq!(edge.keys.list(&"alice".parse().unwrap()).await.unwrap().len(), 3);
}

#[tokio::test]
async fn what_one_caller_asked_for_once_is_nothing_to_another() {
    let edge = Edge::new().await;
    for user in ["alice", "bob"] {
        edge.user(user, "").await;
    }
    let (alice, bob) = (edge.maker("alice", "").await, edge.maker("bob", "").await);
    let first = edge.call_once(&alice, "k", "POST /v1/api-keys", json!({})).await;
    let second = edge.call_once(&bob, "k", "POST /v1/api-keys", json!({})).await;
    assert_eq!((second.status.as_u16(), &second.body["user"]), (201, &json!("bob")));
    assert_ne!(first.body["id"], second.body["id"]);
}

#[tokio::test]
async fn a_user_who_is_called_bootstrap_is_not_the_bootstrap_key() {
    let edge = Edge::new().await;
    edge.user("alice", "").await;
    let named = edge.user("bootstrap", "remint:admin").await;
    let body = json!({ "user": "alice" });
    let first = edge.call_once(BOOTSTRAP, "k", "POST /v1/api-keys", body.clone()).await;
    let second = edge.call_once(&named, "k", "POST /v1/api-keys", body).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 201));
    assert_ne!(first.body["id"], second.body["id"]);
}

#[tokio::test]
async fn one_idempotency_key_may_stand_for_another_operation_too() {
    let edge = Edge::new().await;
    edge.user("alice", "").await;
    let alice = edge.maker("alice", "").await;
    let first = edge.call_once(&alice, "k", "POST /v1/api-keys", json!({})).await;
    let line = format!("POST /v1/api-keys/{}/rotate", text(&first.body["id"]));
    let second = edge.call_once(&alice, "k", &line, json!({})).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 201));
    assert_ne!(first.body["id"], second.body["id"]);
}

#[tokio::test]
async fn two_at_once_make_one() {
    let edge = Edge::new().await;
    edge.user("alice", "").await;
    let alice = edge.maker("alice", "").await;
    let ask = || edge.call_once(&alice, "k", "POST /v1/api-keys", json!({ "name": "a" }));
    let (first, second) = tokio::join!(ask(), ask());
    assert_eq!(first.body["id"], second.body["id"]);
    assert_eq!([&first, &second].iter().filter(|answer| !answer.body["key"].is_null()).count(), 1);
    assert_eq!(edge.keys.list(&"alice".parse().unwrap()).await.unwrap().len(), 3);
}

#[tokio::test]
async fn an_answer_again_of_what_was_deleted_says_so() {
    let edge = Edge::new().await;
    let body = json!({ "id": "alice" });
    edge.call_once(BOOTSTRAP, "k", "POST /v1/users", body.clone()).await;
    edge.bootstrap("DELETE /v1/users/alice", Value::Null).await;
    assert_eq!(edge.call_once(BOOTSTRAP, "k", "POST /v1/users", body).await.status, 409);

    edge.user("alice", "").await;
    let alice = edge.maker("alice", "").await;
    let made = edge.call_once(&alice, "k", "POST /v1/api-keys", json!({})).await;
    edge.bootstrap(&format!("DELETE /v1/api-keys/{}", text(&made.body["id"])), Value::Null).await;
    assert_eq!(edge.call_once(&alice, "k", "POST /v1/api-keys", json!({})).await.status, 409, "a revoked key");
}

#[tokio::test]
async fn an_idempotency_key_is_bounded_and_there_once() {
    let edge = Edge::new().await;
    edge.user("alice", "").await;
    let alice = edge.maker("alice", "").await;
    for (value, status) in
        [("k".repeat(255), 201), ("k".repeat(256), 400), ("a b".to_owned(), 400), (String::new(), 400)]
    {
        assert_eq!(edge.call_once(&alice, &value, "POST /v1/api-keys", json!({})).await.status, status, "{value}");
    }
    let mut request = crate::edge::request(&alice, "POST /v1/api-keys", json!({}));
    request.headers_mut().append("idempotency-key", "a".parse().unwrap());
    request.headers_mut().append("idempotency-key", "a".parse().unwrap());
    assert_eq!(edge.send(request).await.status, 400);
}

#[tokio::test]
async fn sign_up_gives_keys_by_policy_unless_the_request_says_otherwise() {
    use remint_core::Environment::{Live, Test};
    for (policy, body, issued) in [
        (None, json!({ "id": "a" }), vec!["live", "test"]),
        (Some(vec![Test]), json!({ "id": "a" }), vec!["test"]),
        (Some(vec![]), json!({ "id": "a" }), vec![]),
        (Some(vec![Live]), json!({ "id": "a", "issue": ["test"] }), vec!["test"]),
        (None, json!({ "id": "a", "issue": [] }), vec![]),
    ] {
        let edge = Edge::with(|service| match policy {
            Some(policy) => service.sign_up_policy(policy),
            None => service,
        })
        .await;
        let made = edge.bootstrap("POST /v1/users", body).await;
        let keys: Vec<_> = made.body["keys"].as_array().unwrap().iter().map(|key| text(&key["environment"])).collect();
        assert_eq!(keys, issued);
    }
}

#[tokio::test]
async fn a_user_comes_with_all_that_was_asked_for() {
    let edge = Edge::new().await;
    let asked = json!({
        "id": "alice", "tenant": "acme", "scopes": "write read", "roles": ["viewer", "editor"],
        "entitlements": ["beta"], "plan": "gold",
        "external": [{ "issuer": "https://idp.example", "subject": "auth0|1" }],
    });
    let made = edge.bootstrap("POST /v1/users", asked).await;
    let user = json!({
        "id": "alice", "tenant": "acme", "enabled": true, "scopes": ["read", "write"],
        "roles": ["viewer", "editor"], "entitlements": ["beta"], "plan": "gold", "external": [{ "issuer": "https://idp.example", "subject": "auth0|1" }],
        "created_at": "2026-01-01T00:00:00.000Z",
    });
    assert_eq!(made.body["user"], user);
    assert_eq!(edge.bootstrap("GET /v1/users/alice", Value::Null).await.body, user);
    assert_eq!(edge.bootstrap("POST /v1/users", json!({ "id": "alice" })).await.status, 409);
    let linked = json!({ "id": "bob", "external": [{ "issuer": "https://idp.example", "subject": "auth0|1" }] });
    assert_eq!(edge.bootstrap("POST /v1/users", linked).await.status, 409);
    assert_eq!(edge.bootstrap("GET /v1/users/bob", Value::Null).await.status, 404);
}
