use std::time::{Duration, Instant};

use remint_conformance::key_store::{Plain, found, key, user, user_id};
use remint_core::{ApiKeyStore, Commit, UnavailableKind};
use remint_postgres::Postgres;

use sqlx::{Connection, PgConnection};

use crate::database::Database;

/// How many calls keep all connections busy, and some more.
const MANY: u32 = 24;

/// So many calls at once, so that there are many connections.
async fn warm(store: &Postgres) {
    let calls: Vec<_> = (0..MANY)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { found(&store, &key("alice", 1)).await.unwrap() })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
}

async fn filled(store: &Postgres) {
    store.insert_user(&user("alice")).await.unwrap();
    store.insert_key(&key("alice", 1)).await.unwrap();
}

/// Ends them, so soon after their last use that nobody would doubt them.
async fn end_all_connections(database: &Database) {
    let mut other = PgConnection::connect(database.url().as_str()).await.unwrap();
    sqlx::query(END).bind(database.name()).execute(&mut other).await.unwrap();
    while sqlx::query(REST).bind(database.name()).fetch_optional(&mut other).await.unwrap().is_some() {
        tokio::task::yield_now().await;
    }
}

const END: &str = "
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()";

const REST: &str = "SELECT FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid() LIMIT 1";

#[tokio::test]
async fn no_call_notices_that_the_server_ended_idle_connections() {
    let (store, database) = Database::with_store().await;
    filled(&store).await;
    for round in 2..5 {
        warm(&store).await;
        end_all_connections(&database).await;
        assert!(found(&store, &key("alice", 1)).await.is_some());
        warm(&store).await;
        end_all_connections(&database).await;
        store.insert_key(&key("alice", round)).await.unwrap();
    }
}

#[tokio::test]
async fn the_next_call_after_an_outage_works() {
    let (store, proxy, _database) = Database::behind_proxy().await;
    filled(&store).await;
    for round in 2..5 {
        warm(&store).await;
        proxy.cut();
        for _ in 0..3 {
            let unavailable = store.find(&key("alice", 1).digest).await.unwrap_err();
            assert_eq!(unavailable.kind(), UnavailableKind::Store);
        }
        proxy.mend();
        assert!(found(&store, &key("alice", 1)).await.is_some());
        store.insert_key(&key("alice", round)).await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_fell_silent_is_an_outage_within_seconds_and_holds_no_connection_for_good() {
    let (store, proxy, _database) = Database::behind_proxy().await;
    filled(&store).await;
    warm(&store).await;
    proxy.silence();
    let begun = Instant::now();
    let calls: Vec<_> = (0..MANY)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.find(&key("alice", 1).digest).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap_err().kind(), UnavailableKind::Store);
    }
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    proxy.mend();
    assert!(store.find(&key("alice", 1).digest).await.unwrap().is_some());
    warm(&store).await;
}

#[tokio::test]
async fn a_row_that_another_program_locks_is_an_outage_within_seconds() {
    let (store, database) = Database::with_store().await;
    filled(&store).await;
    let raw = database.raw().await;
    let mut other = raw.begin().await.unwrap();
    sqlx::raw_sql("SELECT FROM remint.api_keys FOR UPDATE").execute(&mut *other).await.unwrap();
    let begun = Instant::now();
    let at = remint_core::Timestamp::from_secs(1);
    let unavailable = store.revoke(&key("alice", 1).id, at, Commit::default()).await.unwrap_err();
    assert_eq!(unavailable.kind(), UnavailableKind::Store);
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    other.rollback().await.unwrap();
    let revoked = store.revoke(&key("alice", 1).id, at, Commit::default()).await.unwrap().unwrap();
    assert_eq!(revoked.revoked_at, Some(at));
}

#[tokio::test]
async fn a_closed_store_is_an_outage_for_its_clones_too() {
    let (store, _database) = Database::with_store().await;
    filled(&store).await;
    let clone = store.clone();
    store.close().await;
    let unavailable = clone.keys(&user_id("alice")).await.unwrap_err();
    assert_eq!(unavailable.kind(), UnavailableKind::Store);
}
