use remint_apikey::Leak;
use remint_core::{AuditAction, AuditLog, DeniedKind, Page};

use crate::support::Bench;

#[tokio::test]
async fn a_leaked_key_is_revoked_and_the_report_recorded() {
    let (bench, key, record) = Bench::with_a_key().await;
    let leak = Leak { url: Some("https://example.com/a".into()), source: Some("commit".into()) };
    let revoked = bench.keys.report_leak(key.expose_secret(), &leak).await.unwrap().unwrap();
    assert!(revoked.revoked_at.is_some());
    assert_eq!(bench.denied(key.expose_secret()).await, DeniedKind::Revoked);
    let mut events = bench.store.events(Page::all()).await.unwrap();
    let (_, event) = events.pop().unwrap();
    assert!(events.iter().all(|(_, event)| event.action != AuditAction::KeyLeaked), "once");
    assert_eq!((event.action, event.key), (AuditAction::KeyLeaked, Some(record.id)));
    assert_eq!((&event.detail["url"], &event.detail["source"]), (&"https://example.com/a".into(), &"commit".into()));
}

#[tokio::test]
async fn a_text_that_is_none_of_our_keys_is_no_leak() {
    let (bench, key, _) = Bench::with_a_key().await;
    let before = bench.store.events(Page::all()).await.unwrap().len();
    let other = Bench::with_a_key().await.1;
    for text in [other.expose_secret(), "rmt_live_x", "", &key.expose_secret()[..50]] {
        assert_eq!(bench.keys.report_leak(text, &Leak::default()).await.unwrap(), None);
    }
    assert_eq!(bench.store.events(Page::all()).await.unwrap().len(), before);
    bench.accepted(&key).await;
}

#[tokio::test]
async fn a_leak_of_a_key_that_was_revoked_before_is_recorded_too() {
    let (bench, key, record) = Bench::with_a_key().await;
    let first = bench.keys.revoke(&record.id).await.unwrap().unwrap();
    let long = Leak { url: Some("x".repeat(100_000)), source: None };
    let again = bench.keys.report_leak(key.expose_secret(), &long).await.unwrap().unwrap();
    assert_eq!(again.revoked_at, first.revoked_at);
    let (_, event) = bench.store.events(Page::all()).await.unwrap().pop().unwrap();
    assert_eq!(event.action, AuditAction::KeyLeaked);
    assert_eq!(event.detail["url"].as_str().unwrap().len(), 512);
}

#[tokio::test]
async fn an_outage_reaches_whoever_reports() {
    let (bench, key, _) = Bench::with_a_key().await;
    bench.revoker.set_out(true);
    assert!(bench.keys.report_leak(key.expose_secret(), &Leak::default()).await.is_err());
    bench.store.sever();
    assert!(bench.keys.report_leak(key.expose_secret(), &Leak::default()).await.is_err());
}
