use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use remint_core::Environment;
use tower::{Layer, ServiceExt, service_fn};

use super::RequireLayer;
use crate::{Caller, Denials, set_caller};

async fn inner(_: Request<()>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::from("reached")))
}

async fn answer(layer: &RequireLayer, request: Request<()>) -> Response<Full<Bytes>> {
    layer.layer(service_fn(inner)).oneshot(request).await.unwrap()
}

fn by_nobody() -> Request<()> {
    anonymous(Request::new(()))
}

fn anonymous(mut request: Request<()>) -> Request<()> {
    set_caller(request.extensions_mut(), None);
    request
}

fn by(caller: &Caller) -> Request<()> {
    let mut request = Request::new(());
    request.extensions_mut().insert(caller.identity().clone());
    request
}

#[tokio::test]
async fn nobody_passes_where_an_identity_is_required() {
    let live = RequireLayer::public().with_environment(Environment::Live);
    for layer in [RequireLayer::authenticated(), RequireLayer::scopes(["a"]), live] {
        let response = answer(&layer, by_nobody()).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
    }
}

#[tokio::test]
async fn where_no_layer_has_looked_the_answer_is_500_and_not_401() {
    let preflight = Request::options("/").header("origin", "https://app.example");
    let preflight = preflight.header("access-control-request-method", "PUT").body(()).unwrap();
    for (layer, request) in [
        (RequireLayer::authenticated(), Request::new(())),
        (RequireLayer::scopes(["a"]), Request::new(())),
        (RequireLayer::authenticated(), preflight),
    ] {
        let response = answer(&layer, request).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!response.headers().contains_key("www-authenticate"));
    }
    assert_eq!(answer(&RequireLayer::public(), Request::new(())).await.status(), StatusCode::OK, "asks for nobody");
}

#[tokio::test]
async fn everyone_passes_a_public_route() {
    assert_eq!(answer(&RequireLayer::public(), by_nobody()).await.status(), StatusCode::OK);
    assert_eq!(answer(&RequireLayer::public(), by(&Caller::for_test("alice"))).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_caller_without_the_scope_is_told_which_ones_are_required() {
    let layer = RequireLayer::scopes(["jobs:write", "jobs:read"]);
    let response = answer(&layer, by(&Caller::for_test("alice").with_scopes(["jobs:read"]))).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(
        response.headers()["www-authenticate"],
        r#"Bearer error="insufficient_scope", scope="jobs:read jobs:write""#
    );
    let response = answer(&layer, by(&Caller::for_test("alice").with_scopes(["jobs:read", "jobs:write"]))).await;
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_test_caller_does_not_pass_where_live_is_demanded() {
    let layer = RequireLayer::authenticated().with_environment(Environment::Live);
    let test = Caller::for_test("alice").with_environment(Environment::Test);
    assert_eq!(answer(&layer, by(&test)).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(answer(&layer, by(&Caller::for_test("alice"))).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_preflight_passes_only_where_that_is_allowed() {
    let preflight = || {
        let request = Request::options("/").header("origin", "https://app.example");
        anonymous(request.header("access-control-request-method", "PUT").body(()).unwrap())
    };
    let layer = RequireLayer::authenticated;
    assert_eq!(answer(&layer(), preflight()).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(answer(&layer().allow_cors_preflight(), preflight()).await.status(), StatusCode::OK);
    let options = || Request::options("/").header("origin", "https://app.example").body(()).unwrap();
    let post =
        Request::post("/").header("origin", "https://app.example").header("access-control-request-method", "PUT");
    for request in [options(), post.body(()).unwrap()] {
        assert_eq!(
            answer(&layer().allow_cors_preflight(), anonymous(request)).await.status(),
            StatusCode::UNAUTHORIZED
        );
    }
    let mut by_a_test_caller = by(&Caller::for_test("alice").with_environment(Environment::Test));
    *by_a_test_caller.method_mut() = http::Method::OPTIONS;
    by_a_test_caller.headers_mut().extend(preflight().headers().clone());
    let live = layer().with_environment(Environment::Live).allow_cors_preflight();
    assert_eq!(answer(&live, by_a_test_caller).await.status(), StatusCode::FORBIDDEN, "an identity is held to it");
}

#[tokio::test]
async fn a_grpc_call_is_denied_in_grpcs_terms() {
    let request = Request::post("/")
        .version(http::Version::HTTP_2)
        .header("content-type", "application/grpc+proto")
        .body(())
        .unwrap();
    let response = answer(&RequireLayer::authenticated(), anonymous(request)).await;
    assert_eq!((response.status(), &response.headers()["grpc-status"]), (StatusCode::OK, &"16".parse().unwrap()));
}

#[tokio::test]
async fn the_layers_own_denials_are_used() {
    let layer = RequireLayer::authenticated().with_denials(Denials::new().with_realm("acme").unwrap());
    assert_eq!(answer(&layer, by_nobody()).await.headers()["www-authenticate"], r#"Bearer realm="acme""#);
}

#[tokio::test]
async fn a_denial_is_counted_by_its_reason() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    {
        let _guard = metrics::set_default_local_recorder(&recorder);
        answer(&RequireLayer::scopes(["a"]), by(&Caller::for_test("alice"))).await;
    }
    let counted: Vec<_> = snapshotter.snapshot().into_vec();
    let [(key, _, _, DebugValue::Counter(1))] = counted.as_slice() else { panic!("{counted:?}") };
    assert_eq!(key.key().name(), "remint_require_denied_total");
    assert_eq!(key.key().labels().next().map(metrics::Label::value), Some("insufficient_scope"));
}

#[tokio::test]
async fn a_denial_has_the_id_of_its_request_and_an_answer_of_the_service_has_none() {
    let layer = RequireLayer::scopes(["a"]);
    let mut request = by(&Caller::for_test("alice"));
    request.headers_mut().insert("x-request-id", "r-1".parse().unwrap());
    assert_eq!(answer(&layer, request).await.headers()["x-request-id"], "r-1");
    let own = answer(&layer, by(&Caller::for_test("alice"))).await;
    assert_eq!(own.headers()["x-request-id"].len(), 32);
    assert!(
        !answer(&RequireLayer::public(), by(&Caller::for_test("alice"))).await.headers().contains_key("x-request-id")
    );
}

#[test]
#[should_panic(expected = "`two words` is not a scope: a scope is printable ASCII without spaces")]
fn a_scope_that_is_none_is_found_when_the_router_is_built() {
    let _ = RequireLayer::scopes(["two words"]);
}

#[test]
#[should_panic(expected = "`remint:admin` is not a role: what begins with `remint:` is reserved")]
fn a_role_that_nobody_can_have_is_found_when_the_router_is_built() {
    let _ = RequireLayer::roles(["planner", "remint:admin"]);
}

#[test]
#[should_panic(expected = "`` is not an entitlement: ")]
fn an_entitlement_that_nobody_can_have_is_found_when_the_router_is_built() {
    let _ = RequireLayer::entitlements(["gpu", ""]);
}

/// The status, the challenge and the body.
async fn told(layer: &RequireLayer, caller: &Caller) -> (u16, Option<String>, String) {
    let response = answer(layer, by(caller)).await;
    let challenge = response.headers().get("www-authenticate").map(|value| value.to_str().unwrap().to_owned());
    let status = response.status().as_u16();
    let body = http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes();
    (status, challenge, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_missing_role_or_entitlement_is_a_403_that_names_what_the_route_requires_and_challenges_for_nothing() {
    let layer = RequireLayer::roles(["planner", "editor"]).with_entitlements(["gpu"]);
    let held = |roles: &[&str], entitlements: &[&str]| {
        let caller = Caller::for_test("alice").with_roles(roles.iter().copied());
        caller.with(|identity| identity.entitlements = entitlements.iter().map(|name| (*name).to_owned()).collect())
    };
    let body = r#"{"type":"about:blank","title":"Forbidden","status":403,"required_roles":["planner","editor"],"required_entitlements":["gpu"]}"#;
    let refused = (403, None, body.to_owned());
    for caller in [held(&[], &[]), held(&["planner", "own"], &["gpu"]), held(&["planner", "editor"], &["own"])] {
        assert_eq!(told(&layer, &caller).await, refused, "the same, whatever is missing");
    }
    assert_eq!(told(&layer, &held(&["own", "editor", "planner"], &["gpu"])).await.0, 200);
    let nobody = answer(&layer, by_nobody()).await;
    assert_eq!(
        (nobody.status(), &nobody.headers()["www-authenticate"]),
        (StatusCode::UNAUTHORIZED, &"Bearer".parse().unwrap())
    );
}

#[tokio::test]
async fn a_predicate_that_does_not_hold_is_a_403_that_says_nothing_and_one_name_for_us() {
    let layer = RequireLayer::authenticated().with_predicate("not-delegated", |identity| identity.actor.is_none());
    let body = r#"{"type":"about:blank","title":"Forbidden","status":403}"#;
    let delegated = Caller::for_test("alice").with_actor("worker");
    let recorder = DebuggingRecorder::new();
    {
        let _guard = metrics::set_default_local_recorder(&recorder);
        assert_eq!(told(&layer, &delegated).await, (403, None, body.to_owned()));
    }
    assert_eq!(told(&layer, &Caller::for_test("alice")).await.0, 200);
    let counted = recorder.snapshotter().snapshot().into_vec();
    let [(key, _, _, DebugValue::Counter(1))] = counted.as_slice() else { panic!("{counted:?}") };
    let labels: Vec<_> = key.key().labels().map(|label| (label.key(), label.value())).collect();
    assert_eq!(labels, [("reason", "predicate"), ("detail", "not-delegated")]);
}

#[tokio::test]
async fn a_public_layer_that_requires_anything_is_no_longer_public() {
    let public = RequireLayer::public;
    for layer in [
        public().with_scopes(["a"]),
        public().with_roles(["a"]),
        public().with_entitlements(["a"]),
        public().with_predicate("p", |_| true),
    ] {
        assert_eq!(answer(&layer, by_nobody()).await.status(), StatusCode::UNAUTHORIZED);
    }
}
