//! What operators see.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use remint_core::{Clock as _, Revocation, RevocationWriter as _, Target};
use remint_revocation::{MemoryLog, Revocations};
use remint_testkit::ManualClock;

#[tokio::test]
async fn rows_that_are_read_are_counted_with_how_long_they_took_and_so_are_gaps_and_snapshots() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let _recording = metrics::set_default_local_recorder(&recorder);
    let (log, clock) = (Arc::new(MemoryLog::new(100).unwrap()), ManualClock::default());
    let node = Revocations::follow(Arc::clone(&log) as _, clock.clone()).await.unwrap();
    log.append(&[Revocation::ended(Target::Everything, clock.now())]).await.unwrap();
    clock.advance(Duration::from_millis(250));
    node.catch_up().await.unwrap();
    log.rewrite_history();
    node.catch_up().await.unwrap();
    let seen = snapshotter.snapshot().into_vec();
    let value = |name: &str| &seen.iter().find(|(key, ..)| key.key().name() == name).unwrap().3;
    assert_eq!(*value("remint_revocation_propagation_seconds"), DebugValue::Histogram(vec![0.25.into()]));
    for (name, count) in [("rows", 1), ("gaps", 1), ("snapshots", 2)] {
        assert_eq!(*value(&format!("remint_revocation_{name}_total")), DebugValue::Counter(count), "{name}");
    }
    for (name, expected) in [("read_position", 1.0), ("blind_seconds", 0.0), ("table_rows", 1.0)] {
        assert_eq!(*value(&format!("remint_revocation_{name}")), DebugValue::Gauge(expected.into()), "{name}");
    }
    let names: BTreeSet<_> = seen.iter().map(|(key, ..)| key.key().name().to_owned()).collect();
    assert!(names.contains("remint_revocation_table_bytes"), "{names:?}");
    assert!(names.contains("remint_revocation_last_read_timestamp_seconds"), "{names:?}");
}
