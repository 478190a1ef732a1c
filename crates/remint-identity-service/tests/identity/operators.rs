use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode};
use remint_core::{AuditActor, Page};
use remint_identity_service::{BootstrapKey, IdentityService, Operator};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::edge::{BOOTSTRAP, Edge, request};

fn router(edge: &Edge) -> Router {
    let key = BootstrapKey::new(BOOTSTRAP).unwrap();
    IdentityService::new(edge.keys.clone()).bootstrap_key(key).into_operator_router()
}

async fn status(router: &Router, request: Request<Body>) -> StatusCode {
    router.clone().oneshot(request).await.unwrap().status()
}

#[tokio::test]
async fn an_operator_is_an_administrator_without_a_credential() {
    let edge = Edge::new().await;
    let (router, operator) = (router(&edge), Operator { account: Some("user 7".to_owned()) });
    let said = |line, body| {
        let mut request = request("", line, body);
        request.extensions_mut().insert(operator.clone());
        request
    };
    assert_eq!(status(&router, said("POST /v1/users", json!({ "id": "alice" }))).await, 201);
    assert_eq!(status(&router, said("GET /v1/api-keys?user=alice", Value::Null)).await, 200);
    // An operator is nobody by itself.
    assert_eq!(status(&router, said("GET /v1/api-keys", Value::Null)).await, 400);
    let events = edge.keys.store().events(Page::all()).await.unwrap();
    let by = AuditActor::Operator { account: operator.account.clone() };
    assert!(!events.is_empty() && events.iter().all(|(_, event)| event.actor == by), "{events:?}");
}

#[tokio::test]
async fn where_operators_come_in_nobody_else_does() {
    let edge = Edge::new().await;
    let admin = edge.user("root", "remint:admin").await;
    let router = router(&edge);
    for key in ["", BOOTSTRAP, &admin] {
        for line in ["GET /v1/users/root", "DELETE /v1/users/root", "GET /v1/nothing"] {
            assert_eq!(status(&router, request(key, line, Value::Null)).await, 401, "{line}");
        }
    }
    // Nor does an operator come in elsewhere.
    let mut said = request("", "GET /v1/users/root", Value::Null);
    said.extensions_mut().insert(Operator { account: None });
    assert_eq!(status(&edge.app, said).await, 401);
}

#[tokio::test]
async fn a_bootstrap_key_that_is_refused_is_one_of_many_unknown_keys() {
    let key = || BootstrapKey::new(BOOTSTRAP).unwrap();
    let refusing = Edge::with(|service| service.refused_bootstrap_key(key())).await;
    let mut refused = refusing.bootstrap("POST /v1/users", json!({ "id": "alice" })).await;
    let mut unknown =
        refusing.call("another-0123456789-abcdefghijkl-x", "POST /v1/users", json!({ "id": "alice" })).await;
    assert_eq!((refused.status, unknown.status), (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED));
    // Each request has an id of its own, and nothing else differs.
    assert_ne!(refused.headers.remove("x-request-id"), unknown.headers.remove("x-request-id"));
    assert_eq!((&refused.body, &refused.headers), (&unknown.body, &unknown.headers));
    assert_eq!(refusing.keys.user(&"alice".parse().unwrap()).await.unwrap(), None);
}
