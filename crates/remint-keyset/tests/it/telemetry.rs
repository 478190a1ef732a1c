//! What an operator sees.

use std::time::Duration;

use crate::fake::{Answer, FakeHttp, Fixture, JWKS, key};
use metrics_util::debugging::{DebugValue, DebuggingRecorder};

#[tokio::test(start_paused = true)]
async fn age_and_outcomes_are_counted_per_issuer() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let http = FakeHttp::new();
    http.set(JWKS, Answer::keys(&[&key()]));
    let fixture = Fixture::jwks_uri(&http);
    fixture.set.start().await;
    http.set(JWKS, Answer::Status(500));
    fixture.clock.advance(Duration::from_secs(7));
    assert!(fixture.set.refresh().await.is_err());
    let seen: Vec<_> = snapshotter
        .snapshot()
        .into_vec()
        .into_iter()
        .map(|(key, _, _, value)| {
            let labels: Vec<_> = key.key().labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
            (format!("{}{{{}}}", key.key().name(), labels.join(",")), value)
        })
        .collect();
    for expected in [
        ("remint_keyset_refresh_total{issuer=https://idp.example,outcome=ok}", DebugValue::Counter(1)),
        ("remint_keyset_refresh_total{issuer=https://idp.example,outcome=status}", DebugValue::Counter(1)),
        ("remint_keyset_age_seconds{issuer=https://idp.example}", DebugValue::Gauge(7.0.into())),
    ] {
        assert!(seen.iter().any(|(name, value)| (name.as_str(), value) == (expected.0, &expected.1)), "{seen:?}");
    }
}
