use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use remint_core::{Environment, Identity};
use serde_json::json;
use tower::{Layer, ServiceExt, service_fn};

use super::support::Mint;
use crate::{Caller, Denials, Requirements, ResourceMetadata, VerifyLayer};

/// Answers with the caller's subject.
pub(super) async fn who(request: Request<()>) -> Result<Response<Bytes>, Infallible> {
    let caller = Caller::<serde_json::Value>::from_extensions(request.extensions());
    Ok(Response::new(caller.map_or_else(|_| Bytes::from("nobody"), |caller| caller.subject.to_string().into())))
}

pub(super) async fn answer(layer: &VerifyLayer, request: Request<()>) -> Response<Bytes> {
    layer.layer(service_fn(who)).oneshot(request).await.unwrap()
}

pub(super) fn bearer(token: &str) -> Request<()> {
    Request::get("/").header("authorization", format!("Bearer {token}")).body(()).unwrap()
}

fn challenge(response: &Response<Bytes>) -> &str {
    response.headers()["www-authenticate"].to_str().unwrap()
}

#[tokio::test]
async fn a_token_passes_and_tells_who_is_calling() {
    let mint = Mint::new();
    let layer = VerifyLayer::new(mint.verifier().await);
    for _ in 0..2 {
        assert_eq!(answer(&layer, bearer(&mint.token())).await.body(), "alice");
    }
}

#[tokio::test]
async fn without_a_credential_the_challenge_has_no_error() {
    let layer = VerifyLayer::new(Mint::new().verifier().await);
    let response = answer(&layer, Request::new(())).await;
    assert_eq!((response.status(), challenge(&response)), (StatusCode::UNAUTHORIZED, "Bearer"));
}

#[tokio::test]
async fn optional_lets_nobody_pass_and_no_bad_credential() {
    let mint = Mint::new();
    let layer = VerifyLayer::new(mint.verifier().await).optional();
    assert_eq!(answer(&layer, Request::new(())).await.body(), "nobody");
    assert_eq!(answer(&layer, bearer(&mint.token())).await.body(), "alice");
    for bad in ["Bearer x", "Basic YTpi", "Token rmt_live_x"] {
        let request = Request::get("/").header("authorization", bad).body(()).unwrap();
        let response = answer(&layer, request).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{bad}");
        assert_eq!(challenge(&response), r#"Bearer error="invalid_token""#, "{bad}");
    }
}

#[tokio::test]
async fn an_anonymous_request_carries_no_identity_of_an_earlier_layer() {
    let layer = VerifyLayer::new(Mint::new().verifier().await).optional();
    let mut request = Request::new(());
    request.extensions_mut().insert::<Arc<Identity>>(Caller::for_test("mallory").identity().clone());
    assert_eq!(answer(&layer, request).await.body(), "nobody");
}

#[tokio::test]
async fn two_credentials_are_a_bad_request() {
    let mint = Mint::new();
    let layer = VerifyLayer::new(mint.verifier().await);
    let token = mint.token();
    answer(&layer, bearer(&token)).await;
    let twice = Request::get("/")
        .header("authorization", format!("Bearer {token}"))
        .header("authorization", format!("Bearer {token}"))
        .body(())
        .unwrap();
    for request in [twice, bearer(&format!("{token},Bearer {token}")), bearer(&format!("{token},{token}"))] {
        let response = answer(&layer, request).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(challenge(&response), r#"Bearer error="invalid_request""#);
    }
}

#[tokio::test]
async fn an_api_key_says_nothing_here() {
    let mint = Mint::new();
    let layer = VerifyLayer::new(mint.verifier().await);
    let key = || Request::get("/").header("x-api-key", "rmt_live_x");
    assert_eq!(answer(&layer, key().body(()).unwrap()).await.status(), StatusCode::UNAUTHORIZED);
    let with_token = key().header("authorization", format!("Bearer {}", mint.token())).body(()).unwrap();
    assert_eq!(answer(&layer, with_token).await.body(), "alice");
    let in_bearer = answer(&layer, bearer("rmt_live_x")).await;
    assert_eq!(challenge(&in_bearer), r#"Bearer error="invalid_token""#);
}

#[tokio::test]
async fn what_is_too_long_or_not_ascii_is_a_bad_request() {
    let layer = VerifyLayer::new(Mint::new().verifier().await);
    let mut raw = bearer("x");
    raw.headers_mut().insert("authorization", HeaderValue::from_bytes(b"Bearer a.b.\xff").unwrap());
    for request in [bearer(&"x".repeat(16385)), raw] {
        assert_eq!(answer(&layer, request).await.status(), StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn all_refused_tokens_get_the_same_bytes() {
    let mint = Mint::new();
    let layer = VerifyLayer::new(mint.verifier().await);
    let tokens = [
        "a.b.c".to_owned(),
        mint.token_with(json!({ "exp": mint.now() })),
        mint.token_with(json!({ "aud": "other" })),
        mint.sign("JWT", &mint.claims()),
        Mint::new().token(),
    ];
    let mut seen = Vec::new();
    for token in &tokens {
        let mut request = bearer(token);
        request.headers_mut().insert("x-request-id", HeaderValue::from_static("r-1"));
        let response = answer(&layer, request).await;
        assert_eq!(response.headers()["x-request-id"], "r-1");
        seen.push((response.status(), response.headers().clone(), response.into_body()));
    }
    assert_eq!(seen[0].0, StatusCode::UNAUTHORIZED);
    assert!(seen.iter().all(|one| *one == seen[0]), "{seen:?}");
}

#[tokio::test]
async fn requirements_hold_warm_as_cold() {
    let mint = Mint::new();
    let verifier = mint.verifier().await;
    let with = |requirements| VerifyLayer::new(verifier.clone()).with_requirements(requirements);
    let scopes = |scope| with(Requirements::new().with_scopes([scope]).unwrap());
    let environment = |environment| with(Requirements::new().with_environment(environment));
    for round in ["cold", "warm"] {
        let status = async |layer: VerifyLayer| answer(&layer, bearer(&mint.token())).await.status();
        assert_eq!(status(scopes("admin")).await, StatusCode::FORBIDDEN, "{round}");
        assert_eq!(status(scopes("jobs:read")).await, StatusCode::OK, "{round}");
        assert_eq!(status(environment(Environment::Test)).await, StatusCode::FORBIDDEN, "{round}");
        assert_eq!(status(environment(Environment::Live)).await, StatusCode::OK, "{round}");
    }
}

#[tokio::test]
async fn a_preflight_passes_without_a_credential_only_where_that_is_allowed_and_never_with_a_bad_one() {
    let layer = VerifyLayer::new(Mint::new().verifier().await);
    let preflight =
        || Request::options("/").header("origin", "https://app.example").header("access-control-request-method", "PUT");
    let refused = answer(&layer, preflight().body(()).unwrap()).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let layer = layer.allow_cors_preflight();
    assert_eq!(answer(&layer, preflight().body(()).unwrap()).await.body(), "nobody");
    let bad = preflight().header("authorization", "Bearer x").body(()).unwrap();
    assert_eq!(answer(&layer, bad).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn denials_are_the_services_own_and_in_grpcs_terms() {
    let verifier = Mint::new().verifier().await;
    let layer = VerifyLayer::new(verifier).with_denials(Denials::new().with_realm("jobs").unwrap());
    let request =
        Request::post("/").version(http::Version::HTTP_2).header("content-type", "application/grpc").body(()).unwrap();
    let response = answer(&layer, request).await;
    assert_eq!((response.status(), &response.headers()["grpc-status"]), (StatusCode::OK, &"16".parse().unwrap()));
    assert_eq!(challenge(&response), r#"Bearer realm="jobs""#);
}

#[tokio::test]
async fn the_resources_metadata_is_for_everyone_and_every_challenge_names_it() {
    let mint = Mint::new();
    let metadata = ResourceMetadata::new("https://jobs.example/v1").unwrap();
    let plain = || Denials::new().with_realm("jobs").unwrap();
    let layer = VerifyLayer::new(mint.verifier().await);
    let path = metadata.well_known_path();
    for layer in [
        layer.clone().with_denials(plain()).with_resource_metadata(&metadata),
        layer.clone().with_resource_metadata(&metadata).with_denials(plain()),
    ] {
        for lines in [vec![], vec!["Bearer x"], vec!["Bearer x", "Bearer y"]] {
            let request = lines.iter().fold(Request::get(path), |request, line| request.header("authorization", *line));
            let response = answer(&layer, request.body(()).unwrap()).await;
            assert_eq!((response.status(), response.body()), (StatusCode::OK, metadata.response().body()));
        }
        let near = answer(&layer, Request::get(format!("{path}/")).body(()).unwrap()).await;
        assert_eq!(near.status(), StatusCode::UNAUTHORIZED);
        let named =
            r#"Bearer realm="jobs", resource_metadata="https://jobs.example/.well-known/oauth-protected-resource/v1""#;
        assert_eq!(challenge(&near), named);
        assert_eq!(answer(&layer, bearer(&mint.token())).await.body(), "alice");
    }
    let without = answer(&layer, Request::get(path).body(()).unwrap()).await;
    assert_eq!((without.status(), challenge(&without)), (StatusCode::UNAUTHORIZED, "Bearer"));
}

#[tokio::test]
async fn a_refused_token_is_told_of_the_metadata() {
    let mint = Mint::new();
    let metadata = ResourceMetadata::new("https://jobs.example").unwrap();
    let layer = VerifyLayer::new(mint.verifier().await).with_resource_metadata(&metadata);
    let response = answer(&layer, bearer(&mint.token_with(json!({ "aud": "other" })))).await;
    let named = r#"Bearer error="invalid_token", resource_metadata="https://jobs.example/.well-known/oauth-protected-resource""#;
    assert_eq!(challenge(&response), named);
}

#[tokio::test]
async fn an_axum_handler_reads_the_caller() {
    #[derive(serde::Deserialize)]
    struct Plan {
        plan: String,
    }
    async fn plan(caller: Caller<Plan>) -> String {
        caller.ext.plan
    }
    let mint = Mint::new();
    let token = mint.token_with(json!({ "ext": { "plan": "gold" } }));
    let app = Router::new().route("/", get(plan)).layer(VerifyLayer::new(mint.verifier().await));
    let request = bearer(&token).map(|()| axum::body::Body::empty());
    let response = app.oneshot(request).await.unwrap();
    assert_eq!(axum::body::to_bytes(response.into_body(), 100).await.unwrap(), "gold");
}
