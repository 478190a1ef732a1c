use std::time::Duration;

use remint_conformance::replay_store::{MINUTE, NOON, first_use, replay_key};
use remint_core::ReplayStore;
use remint_postgres::Postgres;

use crate::database::Database;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_nodes_one_is_the_first() {
    let (here, database) = Database::with_store().await;
    let there = database.open().await;
    for number in 0..100 {
        let (here, there) = (here.clone(), there.clone());
        let here = tokio::spawn(async move { first_use(&here, replay_key(number), NOON).await });
        let there = tokio::spawn(async move { first_use(&there, replay_key(number), NOON).await });
        assert!(here.await.unwrap() != there.await.unwrap(), "key {number}");
    }
}

#[tokio::test]
async fn what_was_used_is_used_after_a_restart() {
    let (store, database) = Database::with_store().await;
    assert!(first_use(&store, replay_key(1), NOON).await);
    store.close().await;
    assert!(!first_use(&database.open().await, replay_key(1), NOON).await);
}

#[tokio::test]
async fn what_has_ended_is_forgotten_in_passing_and_not_sooner_than_clocks_may_differ() {
    let (store, database) = Database::with_store().await;
    let raw = database.raw().await;
    let kept = async || {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM remint.replays").fetch_one(&raw).await.unwrap();
        count
    };
    for number in 0..100 {
        assert!(first_use(&store, replay_key(number), NOON).await);
    }
    let end = NOON.saturating_add(MINUTE * 6);
    assert!(store.first_use(replay_key(1_000), NOON, end).await.unwrap());
    // The last moment at which another's clock may say that they have not ended.
    for number in 100..200 {
        assert!(first_use(&store, replay_key(number), end.saturating_sub(Duration::from_millis(1))).await);
    }
    assert_eq!(kept().await, 201);
    for number in 200..300 {
        assert!(first_use(&store, replay_key(number), end).await);
    }
    assert_eq!(kept().await, 201, "a hundred went, a hundred came");
    assert!(first_use(&store, replay_key(0), end).await, "what was forgotten is new");
    assert!(!store.first_use(replay_key(1_000), end, end).await.unwrap());
}

/// Each call of a node that has just started has its turn to forget: here all have, and all of the
/// same rows.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_that_forget_the_same_at_once_do_not_stand_in_each_others_way() {
    let (store, database) = Database::with_store().await;
    for number in 0..100 {
        assert!(first_use(&store, replay_key(number), NOON).await);
    }
    let mut nodes: Vec<Postgres> = Vec::new();
    for _ in 0..6 {
        nodes.push(database.open().await);
    }
    let after = NOON.saturating_add(MINUTE * 60);
    let calls = nodes.into_iter().map(|node| {
        tokio::spawn(async move {
            let mut firsts = Vec::new();
            for number in 0..100 {
                firsts.push(first_use(&node, replay_key(number), after).await);
            }
            firsts
        })
    });
    let calls: Vec<_> = calls.collect();
    let mut firsts = [0; 100];
    for call in calls {
        for (sum, first) in firsts.iter_mut().zip(call.await.unwrap()) {
            *sum += u32::from(first);
        }
    }
    assert_eq!(firsts, [1; 100]);
}
