//! Layers and handlers that stand outside of the edge say so: 500 and an ERROR line, instead of a 401 that nobody
//! understands.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::{Request, StatusCode};
use remint_core::{Audience, IssuerId, SystemClock};
use remint_normalize::Normalizer;
use remint_quota::{Limit, Plan, Plans};
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer, api_key_of};
use remint_testkit::{CapturedLog, ManualClock};
use remint_tower::{Caller, NormalizeLayer, Quota, QuotaLayer, RequireLayer};
use tower::ServiceExt;

fn edge() -> NormalizeLayer {
    let (clock, known) = (ManualClock::default(), FakeAuthenticator::new());
    known.answer("good", Ok(api_key_of("alice")));
    let (url, audience) = (IssuerId::new("https://auth.internal").unwrap(), Audience::new("internal").unwrap());
    let builder = Normalizer::builder(url, audience, FakeIssuer::new(clock.clone()));
    NormalizeLayer::new(builder.authenticator(known).clock(clock).build().unwrap())
}

fn limits() -> QuotaLayer {
    let limit = Limit::new("user", 10, std::time::Duration::from_secs(60)).unwrap();
    QuotaLayer::new(Quota::in_memory(Plans::new(Plan::new([limit]).unwrap()), SystemClock))
}

async fn me(caller: Caller) -> String {
    caller.subject.to_string()
}

async fn maybe(caller: Option<Caller>) -> String {
    caller.map_or_else(|| "nobody".to_owned(), |caller| caller.subject.to_string())
}

async fn jobs() -> &'static str {
    "jobs"
}

/// The status with a good key, and the one without any.
async fn statuses(app: &Router, path: &str) -> [u16; 2] {
    let request = || Request::get(path);
    let signed_in = request().header("x-api-key", "good").body(Body::empty()).unwrap();
    let nobody = request().body(Body::empty()).unwrap();
    let status = async |request: Request<Body>| app.clone().oneshot(request).await.unwrap().status().as_u16();
    [status(signed_in).await, status(nobody).await]
}

#[tokio::test]
async fn inside_of_an_edge_nobody_is_a_401() {
    let app = Router::new()
        .route("/me", get(me))
        .route("/maybe", get(maybe))
        .route("/jobs", get(jobs).layer(RequireLayer::authenticated()))
        .route("/limited", get(jobs).layer(limits()))
        .layer(edge().optional());
    assert_eq!(statuses(&app, "/me").await, [200, 401]);
    assert_eq!(statuses(&app, "/maybe").await, [200, 200]);
    assert_eq!(statuses(&app, "/jobs").await, [200, 401]);
    assert_eq!(statuses(&app, "/limited").await, [200, 200]);
}

#[tokio::test]
async fn what_stands_outside_of_the_edge_is_a_500_and_one_line_names_it() {
    let log = CapturedLog::default();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(log.writer()).finish();
    let _log = tracing::subscriber::set_default(subscriber);

    let early = Router::new().layer(edge().optional()).route("/me", get(me)).route("/maybe", get(maybe));
    let around = Router::new().route("/jobs", get(jobs)).layer(edge().optional());
    for (app, path, name) in [
        (early.clone(), "/me", "Caller"),
        (early, "/maybe", "Caller"),
        (around.clone().layer(RequireLayer::authenticated()), "/jobs", "RequireLayer"),
        (around.layer(limits()), "/jobs", "QuotaLayer"),
    ] {
        log.take();
        assert_eq!(statuses(&app, path).await, [StatusCode::INTERNAL_SERVER_ERROR.as_u16(); 2], "{path} {name}");
        let text = log.text();
        let told = text.lines().filter(|line| line.contains("ERROR") && line.contains(&format!("asks=\"{name}\"")));
        assert_eq!(told.count(), 2, "one line for each request: {text}");
        assert!(
            text.contains("method=\"GET\"") && text.contains(path) && text.contains("must stand outside"),
            "{text}"
        );
        assert!(!text.contains("good"), "{text}");
    }
}
