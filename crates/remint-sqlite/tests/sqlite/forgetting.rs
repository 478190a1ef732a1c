use std::time::Duration;

use remint_conformance::key_store::{MORNING, Plain, key, user};
use remint_core::{ApiKeyStore, Commit, IdempotencyRecord, Timestamp, UsageBatch, UsageStore};
use remint_sqlite::Sqlite;

use crate::raw;

#[tokio::test]
async fn old_idempotency_keys_are_forgotten_in_passing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let store = Sqlite::open(&path).await.unwrap();
    store.insert_user(&user("alice")).await.unwrap();
    let raw = raw::open(&path).await;
    for (number, at) in
        [(1, Timestamp::from_millis(0)), (2, MORNING), (3, MORNING.saturating_add(Duration::from_millis(1)))]
    {
        let once = IdempotencyRecord { key: [u8::try_from(number).unwrap(); 32], request: [0; 32], at };
        store.insert(&[key("alice", number)], Commit::default().with_once(Some(&once))).await.unwrap();
    }
    assert_eq!(raw::count(&raw, "SELECT count(*) FROM once").await, 2);
    let once =
        IdempotencyRecord { key: [4; 32], request: [0; 32], at: MORNING.saturating_add(IdempotencyRecord::KEPT) };
    store.insert(&[key("alice", 4)], Commit::default().with_once(Some(&once))).await.unwrap();
    assert_eq!(raw::count(&raw, "SELECT count(*) FROM once").await, 2);
}

#[tokio::test]
async fn old_batches_are_forgotten_in_passing_and_not_within_a_day() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let store = Sqlite::open(&path).await.unwrap();
    let raw = raw::open(&path).await;
    for (number, hours, kept) in [(1, 0, 1), (2, 25, 2), (3, 74, 2), (4, 200, 1)] {
        let at = MORNING.saturating_add(Duration::from_secs(hours * 3600));
        store.add_usage(&UsageBatch { id: [number; 16], at, rows: Vec::new() }).await.unwrap();
        assert_eq!(raw::count(&raw, "SELECT count(*) FROM usage_batches").await, kept, "after {hours} hours");
    }
}
