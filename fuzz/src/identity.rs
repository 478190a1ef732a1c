//! The JSON of the identity service: whatever stands in a body, it is carried out or refused, and is no fault of ours.

use std::cell::RefCell;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use remint::{MemoryStore, Remint};
use remint_identity_service::{BootstrapKey, IdentityService};
use serde_json::Value;

use crate::{ask, choice, wait};

const BOOTSTRAP: &str = "bootstrap-0123456789-abcdefghijkl";

thread_local! {
    /// With the number of requests that it has answered: what they made stays in memory.
    static SERVICE: RefCell<Option<(Router, u32)>> = const { RefCell::new(None) };
}

fn service() -> Router {
    wait(async {
        let edge = Remint::builder("https://auth.internal", "internal").api_keys(MemoryStore::new()).ephemeral_keys();
        let edge = edge.build().await.expect("an edge in memory");
        IdentityService::new(edge.api_keys().expect("it has a store").clone())
            .bootstrap_key(BootstrapKey::new(BOOTSTRAP).expect("long enough"))
            .into_router(edge.layer())
    })
}

fn app() -> Router {
    SERVICE.with(|slot| {
        let mut slot = slot.borrow_mut();
        let (app, count) = slot.get_or_insert_with(|| (service(), 0));
        *count += 1;
        let app = app.clone();
        if *count >= 2_000 {
            *slot = None;
        }
        app
    })
}

/// The first byte says which operation, the rest is the body.
pub fn holds(bytes: &[u8]) {
    let (which, body) = choice(bytes, OPERATIONS.len());
    let (method, path) = OPERATIONS.get(which).copied().unwrap_or(("POST", "/v1/users"));
    let app = app();
    let request = |key: &str| {
        let request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
        request.header("x-api-key", key).body(Body::from(body.to_vec())).expect("a request")
    };
    let (answer, text) = wait(ask(&app, request(BOOTSTRAP)));
    let status = answer.status().as_u16();
    assert!(matches!(status, 200..=204 | 400..=428), "{status}");
    let said: Value = if text.is_empty() { Value::Null } else { serde_json::from_slice(&text).expect("JSON") };
    if status >= 400 {
        assert_eq!(said["status"], status, "a problem document");
    } else {
        assert!(
            serde_json::from_slice::<Value>(body).is_ok_and(|sent| sent.is_object()),
            "only an object is carried out"
        );
    }
    // Nothing in a body opens a door to who has no right.
    assert_eq!(wait(ask(&app, request("nobody-0123456789-abcdefghijklmnop"))).0.status().as_u16(), 401);
}

const OPERATIONS: [(&str, &str); 6] = [
    ("POST", "/v1/users"),
    ("PATCH", "/v1/users/alice"),
    ("POST", "/v1/api-keys"),
    ("POST", "/v1/api-keys/verify"),
    ("POST", "/v1/revocations"),
    ("PATCH", "/v1/tenants/acme"),
];
