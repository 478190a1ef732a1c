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
