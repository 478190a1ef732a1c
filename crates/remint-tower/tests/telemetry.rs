//! What is counted and logged. One test, in a process of its own: tracing remembers for a whole process which
//! places are listened to.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use remint_core::{Audience, DeniedKind, Environment, IssuerId, Unavailable, UnavailableKind};
use remint_normalize::Normalizer;
use remint_testkit::fakes::{FakeAuthenticator, FakeIssuer, api_key_of};
use remint_testkit::{CapturedLog, ManualClock};
use remint_tower::NormalizeLayer;
use tower::{Layer, ServiceExt, service_fn};

fn layer(known: &FakeAuthenticator) -> NormalizeLayer {
    let clock = ManualClock::default();
    let (url, audience) = (IssuerId::new("https://auth.internal").unwrap(), Audience::new("internal").unwrap());
    let builder = Normalizer::builder(url, audience, FakeIssuer::new(clock.clone()));
    NormalizeLayer::new(builder.authenticator(known.clone()).clock(clock).build().unwrap())
}

async fn echo(_: Request<()>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::default()))
}

fn with(lines: &[(&str, &str)]) -> Request<()> {
    lines.iter().fold(Request::get("/"), |request, (name, value)| request.header(*name, *value)).body(()).unwrap()
}

#[tokio::test]
async fn the_reason_of_each_refusal_is_counted_and_no_metric_or_log_line_holds_a_credential() {
    use metrics_util::debugging::{DebugValue, DebuggingRecorder};
    let log = CapturedLog::default();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.writer())
        .finish();
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    {
        let _log = tracing::subscriber::set_default(subscriber);
        let _metrics = metrics::set_default_local_recorder(&recorder);
        let known = FakeAuthenticator::new();
        let layer = layer(&known);
        known.answer("canary-good", Ok(api_key_of("alice")));
        let mut rehearsal = api_key_of("alice");
        rehearsal.identity.environment = Environment::Test;
        known.answer("canary-test", Ok(rehearsal));
        known.answer("canary-expired", Err(DeniedKind::Expired.into()));
        known.answer("canary-down", Err(Unavailable::new(UnavailableKind::Store).with_source("refused").into()));
        for text in [
            "canary-good",
            "canary-good",
            "canary-test",
            "canary-test",
            "canary-expired",
            "canary-expired",
            "canary-down",
            "canary,canary",
        ] {
            layer.layer(service_fn(echo)).oneshot(with(&[("x-api-key", text)])).await.unwrap();
        }
        layer.layer(service_fn(echo)).oneshot(with(&[("authorization", "canary canary")])).await.unwrap();
        layer.layer(service_fn(echo)).oneshot(with(&[])).await.unwrap();
        let mut preflight = with(&[("origin", "https://app.example"), ("access-control-request-method", "PUT")]);
        *preflight.method_mut() = http::Method::OPTIONS;
        layer.layer(service_fn(echo)).oneshot(preflight).await.unwrap();
        assert!(!format!("{:?}", layer).contains("canary-"), "Debug of the layer");
    }
    let counters = snapshotter.snapshot().into_vec();
    let allowed = |environment: &str| -> u64 {
        let counts = counters.iter().filter(|(key, ..)| {
            let has = |name: &str, value: &str| key.key().labels().any(|l| (l.key(), l.value()) == (name, value));
            has("outcome", "allowed") && has("environment", environment) && has("kind", "api_key")
        });
        counts.map(|(.., value)| if let DebugValue::Counter(count) = value { *count } else { 0 }).sum()
    };
    let counted = format!("{counters:?}");
    let lines = log.text();
    for reason in ["expired", "store", "two_credentials", "unknown_scheme", "no_credential"] {
        assert!(counted.contains(reason) && lines.contains(reason), "{reason}: {counted} {lines}");
    }
    let missing: Vec<_> = lines.lines().filter(|line| line.contains("no_credential")).collect();
    let hinted: Vec<_> = missing.iter().map(|line| line.contains("put the CORS layer outside")).collect();
    assert_eq!(hinted, [false, true], "the refusal of a preflight, and no other, says what to do: {lines}");
    for span in [r#"exchange{kind="api_key" outcome="allowed"}"#, r#"exchange{kind="api_key" outcome="expired"}"#] {
        assert!(lines.contains(span), "{span}: {lines}");
    }
    assert_eq!((allowed("live"), allowed("test")), (2, 2), "a miss and a hit of each: {counted}");
    assert!(!counted.contains("canary") && !lines.contains("canary"), "{counted} {lines}");
}
