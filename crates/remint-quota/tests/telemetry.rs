//! What is counted and logged. One test, in a process of its own: tracing remembers for a whole process
//! which places are listened to.

use std::sync::Arc;
use std::time::Duration;

use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use remint_core::{CredentialRef, Environment, Identity, KeyId, PlanName};
use remint_quota::{Limit, Plan, Plans, Quota};
use remint_testkit::{CapturedLog, ManualClock};

#[test]
fn a_plan_that_is_not_configured_is_counted_each_time_and_logged_once() {
    let (log, recorder) = (CapturedLog::default(), DebuggingRecorder::new());
    let snapshotter = recorder.snapshotter();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(log.writer()).finish();
    let limit = Limit::new("user", 100, Duration::from_secs(60)).unwrap();
    let quota = Quota::in_memory(Plans::new(Plan::new([limit]).unwrap()), ManualClock::default());
    let credential = CredentialRef::ApiKey { id: KeyId::new("key_1").unwrap() };
    let client = "key_1".parse().unwrap();
    let mut alice = Identity::new("alice".parse().unwrap(), Environment::Live, client, credential);
    {
        let _log = tracing::subscriber::set_default(subscriber);
        let _metrics = metrics::set_default_local_recorder(&recorder);
        for plan in ["gone", "gone", "lost", "gone"] {
            alice.plan = Some(PlanName::new(plan).unwrap());
            assert!(quota.draw(&Arc::new(alice.clone()), None, 1, None).is_some());
        }
    }
    let lines = log.text();
    assert_eq!((lines.lines().count(), lines.matches("gone").count(), lines.matches("lost").count()), (2, 1, 1));
    assert!(!lines.contains("alice"));
    let counted = snapshotter.snapshot().into_vec();
    let [(key, _, _, DebugValue::Counter(4))] = counted.as_slice() else { panic!("{counted:?}") };
    assert_eq!(key.key().name(), "remint_quota_unknown_plan_total");
}
