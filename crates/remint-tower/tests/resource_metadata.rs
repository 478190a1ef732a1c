//! RFC 9728: the document that the layer serves, and the way there from a challenge.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::{Request, Response, StatusCode, Uri};
use http_body_util::BodyExt;
use remint_core::{Audience, DeniedKind, IssuerId, Unavailable, UnavailableKind};
use remint_dpop::{DpopVerifier, MemoryReplays};
use remint_jwt::Algorithm;
use remint_normalize::{Normalizer, NormalizerBuilder};
use remint_testkit::ManualClock;
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer, api_key_of};
use remint_tower::{Caller, Denials, NormalizeLayer, Requirements, ResourceMetadata};
use serde_json::{Value, json};
use tower::ServiceExt;

/// An axum service behind the layer.
struct Service {
    known: FakeAuthenticator,
    layer: NormalizeLayer,
}

impl Service {
    fn new(and: impl FnOnce(NormalizeLayer) -> NormalizeLayer) -> Self {
        Self::of_line(|line| line, and)
    }

    fn of_line(
        change: impl FnOnce(NormalizerBuilder) -> NormalizerBuilder,
        and: impl FnOnce(NormalizeLayer) -> NormalizeLayer,
    ) -> Self {
        let (clock, known) = (ManualClock::default(), FakeAuthenticator::new());
        let (url, audience) = (IssuerId::new("https://auth.internal").unwrap(), Audience::new("internal").unwrap());
        let builder = Normalizer::builder(url, audience, FakeIssuer::new(clock.clone())).clock(clock);
        let normalizer = change(builder.authenticator(known.clone())).build().unwrap();
        Self { known, layer: and(NormalizeLayer::new(normalizer)) }
    }

    async fn send(&self, method: &str, path: &str, lines: &[(&str, &str)]) -> Response<Body> {
        let app = Router::new()
            .route("/v1/me", get(|caller: Caller| async move { caller.subject.to_string() }))
            .fallback(|| async { (StatusCode::IM_A_TEAPOT, "the service") })
            .layer(self.layer.clone());
        let request = Request::builder().method(method).uri(path);
        let request = lines.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    async fn get(&self, path: &str) -> Response<Body> {
        self.send("GET", path, &[]).await
    }
}

fn metadata() -> ResourceMetadata {
    ResourceMetadata::new("https://api.example/v1")
        .and_then(|metadata| metadata.with_authorization_servers(["https://auth.example".parse().unwrap()]))
        .unwrap()
}

fn with_metadata() -> Service {
    Service::new(|layer| layer.with_resource_metadata(&metadata()))
}

fn challenge(response: &Response<Body>) -> &str {
    response.headers()["www-authenticate"].to_str().unwrap()
}

async fn body(response: Response<Body>) -> Vec<u8> {
    response.into_body().collect().await.unwrap().to_bytes().to_vec()
}

const PATH: &str = "/.well-known/oauth-protected-resource/v1";
const NAMED: &str = r#"resource_metadata="https://api.example/.well-known/oauth-protected-resource/v1""#;

#[tokio::test]
async fn a_client_finds_from_its_refusal_to_the_authorization_server() {
    let service = with_metadata();
    let refused = service.get("/v1/me").await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let parameters = challenge(&refused).strip_prefix("Bearer ").unwrap();
    let url = parameters.strip_prefix("resource_metadata=\"").and_then(|rest| rest.strip_suffix('"')).unwrap();
    let url: Uri = url.parse().unwrap();
    assert_eq!(url.host(), Some("api.example"));

    let found = service.get(url.path()).await;
    assert_eq!(found.status(), StatusCode::OK);
    assert_eq!(found.headers()["content-type"], "application/json");
    assert_eq!(found.headers()["cache-control"], "public, max-age=300");
    let document: Value = serde_json::from_slice(&body(found).await).unwrap();
    assert_eq!(document["resource"], "https://api.example/v1");
    assert_eq!(document["authorization_servers"], json!(["https://auth.example"]));
}

#[tokio::test]
async fn the_algorithms_of_proofs_are_named_where_they_are_taken_and_nobody_named_them() {
    let verifier = || {
        let verifier = DpopVerifier::new("https://api.example", MemoryReplays::new(1)).unwrap();
        verifier.with_algorithms([Algorithm::Es256, Algorithm::EdDSA])
    };
    let named = metadata().with_dpop_signing_algorithms(["ES384"]).unwrap();
    for (takes, metadata, expected) in [
        (true, metadata(), json!(["ES256", "EdDSA"])),
        (true, named.clone(), json!(["ES384"])),
        (false, named, json!(["ES384"])),
        (false, metadata(), Value::Null),
    ] {
        let line = |line: NormalizerBuilder| if takes { line.dpop(verifier()) } else { line };
        let service = Service::of_line(line, |layer| layer.with_resource_metadata(&metadata));
        let document: Value = serde_json::from_slice(&body(service.get(PATH).await).await).unwrap();
        assert_eq!(document["dpop_signing_alg_values_supported"], expected, "takes proofs: {takes}");
    }
}

#[tokio::test]
async fn the_document_is_served_whatever_credential_comes_and_none_is_looked_at() {
    let service = with_metadata();
    for lines in [
        &[][..],
        &[("authorization", "Bearer a.b.c")],
        &[("authorization", "Basic dTpw")],
        &[("authorization", "Bearer a.b.c"), ("x-api-key", "rmt_live_x")],
    ] {
        let response = service.send("GET", PATH, lines).await;
        assert_eq!(response.status(), StatusCode::OK, "{lines:?}");
        assert_eq!(body(response).await, *metadata().response().body());
    }
    assert_eq!(service.known.asked(), 0);
}

#[tokio::test]
async fn the_document_is_read_by_get_and_head_only() {
    let service = with_metadata();
    let head = service.send("HEAD", PATH, &[]).await;
    assert_eq!(head.status(), StatusCode::OK);
    assert_eq!(head.headers()["content-type"], "application/json");
    assert_eq!(head.headers()["content-length"], metadata().response().body().len().to_string());
    assert!(body(head).await.is_empty());
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let response = service.send(method, PATH, &[]).await;
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(response.headers()["allow"], "GET, HEAD");
    }
}

#[tokio::test]
async fn a_near_miss_needs_a_credential_like_any_path() {
    let service = with_metadata();
    service.known.answer("good", Ok(api_key_of("alice")));
    for path in [
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/v1/",
        "/.well-known/oauth-protected-resource/v1/me",
        "/.well-known/oauth-protected-resource/%761",
        "//.well-known/oauth-protected-resource/v1",
    ] {
        let response = service.get(path).await;
        assert_eq!((response.status(), challenge(&response)), (StatusCode::UNAUTHORIZED, &*format!("Bearer {NAMED}")));
        let response = service.send("GET", path, &[("x-api-key", "good")]).await;
        assert_eq!(response.status(), StatusCode::IM_A_TEAPOT, "{path}");
    }
}

#[tokio::test]
async fn every_challenge_names_the_document_cold_and_warm() {
    let scopes = Requirements::new().with_scopes(["jobs:read"]).unwrap();
    let service = Service::new(|layer| layer.with_requirements(scopes).with_resource_metadata(&metadata()));
    service.known.answer("good", Ok(api_key_of("alice")));
    service.known.answer("late", Err(DeniedKind::Expired.into()));
    service.known.answer("later", Err(Unavailable::new(UnavailableKind::Store).into()));
    for _ in ["cold", "warm"] {
        for (key, expected) in [
            ("good", r#"Bearer error="insufficient_scope", scope="jobs:read", "#),
            ("late", r#"Bearer error="invalid_token", "#),
        ] {
            let response = service.send("GET", "/v1/me", &[("x-api-key", key)]).await;
            assert_eq!(challenge(&response), [expected, NAMED].concat());
        }
    }
    let two = service.send("GET", "/v1/me", &[("x-api-key", "good"), ("authorization", "Bearer x")]).await;
    assert_eq!(challenge(&two), [r#"Bearer error="invalid_request", "#, NAMED].concat());
    let outage = service.send("GET", "/v1/me", &[("x-api-key", "later")]).await;
    assert_eq!(outage.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(!outage.headers().contains_key("www-authenticate"));
}

#[tokio::test]
async fn denials_of_ones_own_name_the_document_too_whichever_is_set_first() {
    let denials = || Denials::new().with_realm("jobs").unwrap();
    for service in [
        Service::new(|layer| layer.with_denials(denials()).with_resource_metadata(&metadata())),
        Service::new(|layer| layer.with_resource_metadata(&metadata()).with_denials(denials())),
    ] {
        let refused = service.get("/").await;
        assert_eq!(challenge(&refused), format!(r#"Bearer realm="jobs", {NAMED}"#));
    }
}

#[tokio::test]
async fn without_metadata_the_path_is_the_services_own() {
    let service = Service::new(|layer| layer);
    let response = service.get(PATH).await;
    assert_eq!((response.status(), challenge(&response)), (StatusCode::UNAUTHORIZED, "Bearer"));
    let service = Service::new(NormalizeLayer::optional);
    assert_eq!(service.get(PATH).await.status(), StatusCode::IM_A_TEAPOT);
}
