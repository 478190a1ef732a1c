use futures_util::FutureExt as _;
use http::StatusCode;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::edge::{BOOTSTRAP, Edge, request, text};

#[tokio::test]
async fn what_changes_something_is_carried_out_though_the_client_hangs_up() {
    let edge = Edge::new().await;
    let made =
        edge.bootstrap("POST /v1/users", json!({ "id": "alice", "tenant": "acme", "issue": ["live", "test"] })).await;
    let [first, second] = [0, 1].map(|at| text(&made.body["keys"][at]["id"]));
    for (line, body, seen) in [
        ("POST /v1/users".to_owned(), json!({ "id": "bob" }), "GET /v1/users/bob"),
        ("PATCH /v1/users/alice".to_owned(), json!({ "plan": "gold" }), "GET /v1/users/alice"),
        ("PATCH /v1/tenants/acme".to_owned(), json!({ "plan": "gold" }), "GET /v1/tenants/acme"),
        ("POST /v1/api-keys".to_owned(), json!({ "user": "alice" }), "GET /v1/api-keys?user=alice"),
        (format!("POST /v1/api-keys/{first}/rotate"), json!({}), "GET /v1/api-keys?user=alice"),
        (format!("DELETE /v1/api-keys/{second}"), Value::Null, "GET /v1/api-keys?user=alice"),
        ("DELETE /v1/users/alice".to_owned(), Value::Null, "GET /v1/users/alice"),
    ] {
        let before = edge.bootstrap(seen, Value::Null).await;
        let mut asked = Box::pin(edge.app.clone().oneshot(request(BOOTSTRAP, &line, body)));
        assert!((&mut asked).now_or_never().is_none(), "{line}: it runs in the client's own time");
        drop(asked);
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        let after = edge.bootstrap(seen, Value::Null).await;
        assert_ne!((before.status, before.body), (after.status, after.body), "{line}");
    }
    assert_eq!(edge.bootstrap("GET /v1/users/alice", Value::Null).await.status, StatusCode::NOT_FOUND);
}
