//! What is counted and logged of those who fail a lot. One test, in a process of its own: tracing remembers for a whole
//! process which places are listened to.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "failures/edge.rs"]
#[expect(dead_code, reason = "the tests of what is answered use the rest")]
mod edge;

use edge::Edge;
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use remint_normalize::FailureLimits;
use remint_testkit::CapturedLog;

#[tokio::test]
async fn without_a_limit_everybody_hears_401_and_there_is_one_line_and_a_metric() {
    let (lines, recorder) = (CapturedLog::default(), DebuggingRecorder::new());
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .with_ansi(false)
        .with_writer(lines.writer())
        .finish();
    let _log = tracing::subscriber::set_default(subscriber);
    let _metrics = metrics::set_default_local_recorder(&recorder);
    let edge = Edge::new(FailureLimits::new().warn_at(Some(10)));
    for number in 0..50 {
        let told = edge.status(&format!("canary-secret-{number}"), Some(&format!("2001:db8::{number}")), None).await;
        assert_eq!(told, 401);
    }
    let said = lines.text();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("WARN") && said.contains("2001:db8::/64") && said.contains("failures=10"), "{said}");
    assert!(said.contains("key_beginning=\"canary-s\"") && !said.contains("canary-secret"), "{said}");
    let counted = recorder.snapshotter().snapshot().into_vec().into_iter();
    let counted = counted.filter(|(key, ..)| key.key().name() == "remint_failed_credentials_total");
    let mut counted: Vec<_> = counted
        .map(|(key, _, _, value)| {
            let labels: Vec<_> = key.key().labels().map(|label| label.value().to_owned()).collect();
            (labels.join(" "), value)
        })
        .collect();
    counted.sort_by(|(one, _), (other, _)| one.cmp(other));
    let expected = [("api_key passed", 41), ("api_key within", 9)];
    assert_eq!(counted, expected.map(|(labels, count)| (labels.to_owned(), DebugValue::Counter(count))));
}
