use std::sync::Arc;

use axum::body::Body;
use axum::routing::get;
use axum::{Extension, Router};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use remint_core::Environment;
use serde::Deserialize;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{Caller, CallerErrorKind, Denials, SignedInLayer};

#[derive(Deserialize)]
struct Plan {
    plan: String,
}

async fn me(caller: Caller<Plan>) -> String {
    format!("{} {}", caller.subject, caller.ext.plan)
}

async fn maybe(caller: Option<Caller<Plan>>) -> String {
    caller.map_or_else(|| "nobody".to_owned(), |caller| caller.subject.to_string())
}

fn app() -> Router {
    Router::new().route("/me", get(me)).route("/maybe", get(maybe))
}

async fn answer(app: Router, request: Request<Body>) -> (Response<()>, String) {
    let (parts, body) = app.oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (Response::from_parts(parts, ()), String::from_utf8(body.to_vec()).unwrap())
}

fn to(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn a_handler_reads_the_caller_and_its_own_ext() {
    let app = app().layer(SignedInLayer::new(&Caller::for_test("alice").with_ext(json!({ "plan": "gold" }))));
    assert_eq!(answer(app, to("/me")).await.1, "alice gold");
}

#[tokio::test]
async fn without_an_identity_a_handler_that_asks_for_a_caller_is_not_reached() {
    let (response, body) = answer(app().layer(SignedInLayer::anonymous()), to("/me")).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(response.headers()["www-authenticate"], "Bearer");
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert_eq!(body, r#"{"type":"about:blank","title":"Unauthorized","status":401}"#);
}

#[tokio::test]
async fn an_optional_caller_may_be_absent() {
    assert_eq!(answer(app().layer(SignedInLayer::anonymous()), to("/maybe")).await.1, "nobody");
    let app = app().layer(SignedInLayer::new(&Caller::for_test("alice").with_ext(json!({ "plan": "gold" }))));
    assert_eq!(answer(app, to("/maybe")).await.1, "alice");
}

#[tokio::test]
async fn where_no_layer_has_looked_even_an_optional_caller_is_a_500() {
    let early = Router::new().layer(SignedInLayer::anonymous()).route("/me", get(me)).route("/maybe", get(maybe));
    for app in [app(), early] {
        for path in ["/me", "/maybe"] {
            let (response, body) = answer(app.clone(), to(path)).await;
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
            assert_eq!(body, r#"{"type":"about:blank","title":"Internal Server Error","status":500}"#);
        }
    }
}

#[tokio::test]
async fn an_ext_of_another_shape_is_our_fault_and_not_the_callers() {
    for path in ["/me", "/maybe"] {
        let app = app().layer(SignedInLayer::new(&Caller::for_test("alice").with_ext(json!({ "plan": 1 }))));
        let (response, body) = answer(app, to(path)).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert_eq!(body, r#"{"type":"about:blank","title":"Internal Server Error","status":500}"#);
    }
}

#[tokio::test]
async fn the_rejection_speaks_grpc_and_takes_the_services_denials() {
    let request = Request::post("/me")
        .version(http::Version::HTTP_2)
        .header("content-type", "application/grpc")
        .body(Body::empty())
        .unwrap();
    let app = Router::new()
        .route("/me", axum::routing::post(me))
        .layer(SignedInLayer::anonymous())
        .layer(Extension(Denials::new().with_realm("acme").unwrap()));
    let (response, body) = answer(app, request).await;
    assert_eq!((response.status(), body.as_str()), (StatusCode::OK, ""));
    assert_eq!(response.headers()["grpc-status"], "16");
    assert_eq!(response.headers()["www-authenticate"], r#"Bearer realm="acme""#);
}

#[test]
fn the_identity_is_shared_and_not_copied() {
    let signed_in = Caller::for_test("alice");
    let mut extensions = http::Extensions::new();
    let kind = |extensions: &http::Extensions| Caller::<Value>::from_extensions(extensions).unwrap_err().kind();
    assert_eq!(kind(&extensions), CallerErrorKind::OutsideLayer);
    crate::set_caller(&mut extensions, None);
    assert_eq!(kind(&extensions), CallerErrorKind::NoIdentity);
    extensions.insert(Arc::clone(signed_in.identity()));
    let caller: Caller = Caller::from_extensions(&extensions).unwrap();
    assert!(Arc::ptr_eq(caller.identity(), signed_in.identity()));
}

#[test]
fn scopes_roles_and_environment_can_be_asked_for() {
    let caller = Caller::for_test("alice")
        .with_scopes(["jobs:read"])
        .with_roles(["admin"])
        .with(|identity| identity.groups = vec!["ops".to_owned()])
        .with_environment(Environment::Test);
    assert!(caller.has_scope("jobs:read") && !caller.has_scope("jobs"));
    assert!(caller.has_role("admin") && !caller.has_role("adm"));
    assert!(caller.is_in_group("ops") && !caller.is_in_group("op"));
    assert!(caller.is_test() && !caller.is_live());
}

#[test]
fn as_json_it_has_the_names_of_the_token() {
    let caller = Caller::for_test("alice")
        .with_tenant("acme")
        .with_scopes(["b", "a"])
        .with_actor("worker")
        .with_ext(json!({ "plan": "gold" }));
    assert_eq!(
        serde_json::to_value(&caller).unwrap(),
        json!({
            "subject": "alice", "tenant": "acme", "env": "live", "scopes": ["a", "b"], "client": "test-key",
            "credential": { "kind": "api_key", "id": "test-key" }, "session": null, "act": { "sub": "worker" },
            "auth_time": null, "acr": null, "amr": [], "roles": [], "groups": [], "entitlements": [],
            "ext": { "plan": "gold" },
        })
    );
    assert_eq!(caller.typed::<Plan>().ext.plan, "gold");
}
