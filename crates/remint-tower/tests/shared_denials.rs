//! What shapes the denials of the edge shapes those of the layers and extractors inside it too.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use axum::body::{Body, to_bytes};
use axum::routing::get;
use axum::{Extension, Router};
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use remint_core::{Audience, IssuerId, SystemClock};
use remint_normalize::Normalizer;
use remint_quota::{Limit, Plan, Plans};
use remint_testkit::ManualClock;
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer, api_key_of};
use remint_tower::{Caller, Denials, NormalizeLayer, Quota, QuotaLayer, RequireLayer, ResourceMetadata};
use tower::ServiceExt;

fn edge() -> NormalizeLayer {
    let (clock, known) = (ManualClock::default(), FakeAuthenticator::new());
    known.answer("good", Ok(api_key_of("alice")));
    let (url, audience) = (IssuerId::new("https://auth.internal").unwrap(), Audience::new("internal").unwrap());
    let builder = Normalizer::builder(url, audience, FakeIssuer::new(clock.clone()));
    NormalizeLayer::new(builder.authenticator(known).clock(clock).build().unwrap()).optional()
}

/// Denials whose bodies say this, and the code.
fn saying(name: &'static str) -> Denials {
    Denials::new().with_hook(move |context, mut response| {
        *response.body_mut() = format!("{name}: {}", context.code.unwrap_or("none")).into();
        response
    })
}

fn limits() -> QuotaLayer {
    let limit = Limit::new("user", 1, std::time::Duration::from_secs(60)).unwrap();
    QuotaLayer::new(Quota::in_memory(Plans::new(Plan::new([limit]).unwrap()), SystemClock))
        .with_cost(2.try_into().unwrap())
}

fn routes(require: impl Fn(RequireLayer) -> RequireLayer, limits: QuotaLayer) -> Router {
    let handler = || async { "reached" };
    Router::new()
        .route("/me", get(|caller: Caller| async move { caller.subject.to_string() }))
        .route("/scoped", get(handler).layer(require(RequireLayer::scopes(["jobs:write"]))))
        .route("/signed-in", get(handler).layer(require(RequireLayer::authenticated())))
        .route("/limited", get(handler).layer(limits))
}

async fn answer(app: &Router, path: &str, key: Option<&str>) -> (StatusCode, Response<Bytes>) {
    let request = key.into_iter().fold(Request::get(path), |request, key| request.header("x-api-key", key));
    let response = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    (parts.status, Response::from_parts(parts, to_bytes(body, 10_000).await.unwrap()))
}

/// The status and the body of each denial that the routes give.
async fn denied(app: &Router) -> Vec<(u16, String)> {
    let mut told = Vec::new();
    for (path, key) in [("/scoped", Some("good")), ("/signed-in", None), ("/me", None), ("/limited", Some("good"))] {
        let (status, response) = answer(app, path, key).await;
        told.push((status.as_u16(), String::from_utf8(response.into_body().to_vec()).unwrap()));
    }
    told
}

fn told(bodies: [(u16, &str); 4]) -> Vec<(u16, String)> {
    bodies.map(|(status, body)| (status, body.to_owned())).to_vec()
}

#[tokio::test]
async fn a_hook_of_the_edge_shapes_what_is_denied_inside_it_cold_and_warm() {
    let app = routes(|layer| layer, limits()).layer(edge().with_denials(saying("edge")));
    let expected = [(403, "edge: insufficient_scope"), (401, "edge: none"), (401, "edge: none"), (429, "edge: none")];
    for warmth in ["cold", "warm"] {
        assert_eq!(denied(&app).await, told(expected), "{warmth}");
    }
}

#[tokio::test]
async fn denials_of_their_own_win() {
    let app = routes(|layer| layer.with_denials(saying("own")), limits().with_denials(saying("own")));
    let app = app.layer(Extension(saying("own"))).layer(edge().with_denials(saying("edge")));
    let expected = [(403, "own: insufficient_scope"), (401, "own: none"), (401, "own: none"), (429, "own: none")];
    assert_eq!(denied(&app).await, told(expected));
}

#[tokio::test]
async fn plain_denials_of_their_own_win_too() {
    let plain = routes(|layer| layer.with_denials(Denials::new()), limits().with_denials(Denials::new()));
    let app = plain.layer(edge().with_denials(saying("edge")));
    for (path, key) in [("/scoped", Some("good")), ("/signed-in", None), ("/limited", Some("good"))] {
        let (_, response) = answer(&app, path, key).await;
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        assert!(!response.body().starts_with(b"edge"), "{path}");
    }
}

#[tokio::test]
async fn realm_and_metadata_stand_in_every_challenge_inside() {
    let metadata = ResourceMetadata::new("https://api.example/jobs").unwrap();
    let edge = edge().with_denials(Denials::new().with_realm("jobs").unwrap()).with_resource_metadata(&metadata);
    let app = routes(|layer| layer, limits()).layer(edge);
    let named = r#"resource_metadata="https://api.example/.well-known/oauth-protected-resource/jobs""#;
    for (path, key, said) in [
        ("/scoped", Some("good"), r#"error="insufficient_scope", scope="jobs:write", "#),
        ("/signed-in", None, ""),
        ("/me", None, ""),
    ] {
        let (_, response) = answer(&app, path, key).await;
        let challenge = format!(r#"Bearer realm="jobs", {said}{named}"#);
        assert_eq!(response.headers()[header::WWW_AUTHENTICATE], challenge, "{path}");
    }
}

#[tokio::test]
async fn what_an_edge_has_of_its_own_joins_what_is_given_outside_of_it() {
    let metadata = ResourceMetadata::new("https://api.example").unwrap();
    let named = r#"Bearer resource_metadata="https://api.example/.well-known/oauth-protected-resource""#;
    let own = edge().with_resource_metadata(&metadata);
    for (edge, hook) in [(own.clone(), "outside"), (own.with_denials(saying("edge")), "edge")] {
        let app = routes(|layer| layer, limits()).layer(edge).layer(Extension(saying("outside")));
        for path in ["/signed-in", "/me"] {
            let (_, response) = answer(&app, path, None).await;
            assert_eq!(response.headers()[header::WWW_AUTHENTICATE], named, "{path}");
            assert_eq!(response.body(), format!("{hook}: none").as_bytes(), "{path}");
        }
    }
}

#[tokio::test]
async fn an_edge_without_any_leaves_nothing_and_takes_nothing_away() {
    let found =
        || get(async |request: Request<Body>| u8::from(Denials::shared(request.extensions()).is_some()).to_string());
    let app = || Router::new().route("/", found());
    let plain = app().layer(edge());
    let shaped = app().layer(edge().with_denials(saying("edge")));
    let outside = app().layer(edge()).layer(Extension(saying("outside")));
    for (app, expected) in [(plain, "0"), (shaped, "1"), (outside, "1")] {
        for key in [Some("good"), Some("good"), None] {
            assert_eq!(answer(&app, "/", key).await.1.body(), expected, "{key:?}");
        }
    }
}
