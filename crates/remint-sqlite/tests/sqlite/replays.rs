use std::time::Duration;

use remint_conformance::replay_store::{MINUTE, NOON, first_use, replay_key};
use remint_core::ReplayStore;
use remint_sqlite::Sqlite;

use crate::raw;

#[tokio::test]
async fn what_was_used_is_used_for_other_processes_and_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let (here, there) = (Sqlite::open(&path).await.unwrap(), Sqlite::open(&path).await.unwrap());
    assert!(first_use(&here, replay_key(1), NOON).await);
    assert!(!first_use(&there, replay_key(1), NOON).await);
    here.close().await;
    there.close().await;
    assert!(!first_use(&Sqlite::open(&path).await.unwrap(), replay_key(1), NOON).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_processes_one_is_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let (here, there) = (Sqlite::open(&path).await.unwrap(), Sqlite::open(&path).await.unwrap());
    for number in 0..100 {
        let (here, there) = (here.clone(), there.clone());
        let here = tokio::spawn(async move { first_use(&here, replay_key(number), NOON).await });
        let there = tokio::spawn(async move { first_use(&there, replay_key(number), NOON).await });
        assert!(here.await.unwrap() != there.await.unwrap(), "key {number}");
    }
}

#[tokio::test]
async fn what_has_ended_is_forgotten_in_passing_and_not_sooner_than_clocks_may_differ() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let store = Sqlite::open(&path).await.unwrap();
    let raw = raw::open(&path).await;
    for number in 0..100 {
        assert!(first_use(&store, replay_key(number), NOON).await);
    }
    let end = NOON.saturating_add(MINUTE * 6);
    let late = store.first_use(replay_key(1_000), NOON, end).await;
    assert!(late.unwrap());
    // The last moment at which another's clock may say that they have not ended.
    for number in 100..200 {
        assert!(first_use(&store, replay_key(number), end.saturating_sub(Duration::from_millis(1))).await);
    }
    assert_eq!(raw::count(&raw, "SELECT count(*) FROM replays").await, 201);
    for number in 200..300 {
        assert!(first_use(&store, replay_key(number), end).await);
    }
    assert_eq!(raw::count(&raw, "SELECT count(*) FROM replays").await, 201, "a hundred went, a hundred came");
    assert!(first_use(&store, replay_key(0), end).await, "what was forgotten is new");
    assert!(!store.first_use(replay_key(1_000), end, end).await.unwrap());
}

#[tokio::test]
async fn a_row_that_is_there_still_at_its_end_is_used_anew_and_lives_as_long() {
    let store = Sqlite::in_memory().await.unwrap();
    assert!(first_use(&store, replay_key(0), NOON).await); // it has its turn to forget
    assert!(first_use(&store, replay_key(1), NOON).await);
    let after = NOON.saturating_add(MINUTE * 60);
    assert!(first_use(&store, replay_key(1), after).await);
    assert!(!first_use(&store, replay_key(1), after.saturating_add(MINUTE / 2)).await);
}
