//! Files from before the revocation log.

use std::path::Path;
use std::sync::Arc;

use remint_conformance::key_store::{Plain, user_id};
use remint_core::{
    ApiKeyStore, Commit, KeyId, Page, Position, Reading, Revocation, RevocationWriter, RowId, StoreRegistry, Target,
    Timestamp,
};
use remint_sqlite::Sqlite;
use sqlx::SqlitePool;

use crate::raw;

/// A file as version 7 of the tables left it, with two keys of one user, one of which is revoked.
async fn version_7(path: &Path) -> SqlitePool {
    let raw = raw::create(path).await;
    for migration in [
        include_str!("../../migrations/0001_users_and_api_keys.sql"),
        include_str!("../../migrations/0002_tenants_links_usage_and_audit.sql"),
        include_str!("../../migrations/0003_replays.sql"),
        include_str!("../../migrations/0004_act_for.sql"),
        include_str!("../../migrations/0005_descent.sql"),
        include_str!("../../migrations/0006_store.sql"),
        include_str!("../../migrations/0007_roles.sql"),
        "INSERT INTO users (id, enabled, scopes, entitlements, created_at) VALUES ('alice', 1, '', '[]', 1);
         INSERT INTO api_keys (id, user_id, environment, start, scheme, digest, created_at, revoked_at) VALUES
             ('k1', 'alice', 'live', 's', 's', x'01', 2, NULL), ('k2', 'alice', 'live', 's', 's', x'02', 2, 3);",
    ] {
        sqlx::raw_sql(migration).execute(&raw).await.unwrap();
    }
    raw
}

fn log(store: &Sqlite) -> Arc<dyn RevocationWriter> {
    store.log().unwrap()
}

#[tokio::test]
async fn a_file_of_version_7_gets_a_log_without_rows_and_its_next_change_is_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    version_7(&path).await.close().await;
    let store = Sqlite::open(&path).await.unwrap();
    let head = log(&store).head().await.unwrap();
    assert_eq!((head.position, head.row), (Position(0), RowId::NONE));
    assert_eq!(log(&store).read_after(&head, 10).await.unwrap(), Reading::Rows(Vec::new()));
    assert_eq!(log(&store).kept(&head.log, Page::first(10)).await.unwrap(), Some(Vec::new()));

    let (key, now) = (KeyId::new("k1").unwrap(), Timestamp::from_millis(4));
    let rows = [Revocation::ended(Target::Key(key.clone()), now)];
    store.revoke(&key, now, Commit::default().with_revocations(&rows)).await.unwrap().unwrap();
    store.close().await;
    let again = Sqlite::open(&path).await.unwrap();
    let Reading::Rows(read) = log(&again).read_after(&head, 10).await.unwrap() else { panic!("another log") };
    assert_eq!((read.len(), read[0].position, &read[0].revocation.target), (1, Position(1), &Target::Key(key)));
}

#[tokio::test]
async fn a_process_of_the_last_release_goes_on_over_the_migrated_file_and_writes_no_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let last_release = version_7(&path).await;
    let store = Sqlite::open(&path).await.unwrap();
    let head = log(&store).head().await.unwrap();
    let revoke = "UPDATE api_keys SET revoked_at = 5 WHERE id = 'k1' AND revoked_at IS NULL";
    assert_eq!(sqlx::raw_sql(revoke).execute(&last_release).await.unwrap().rows_affected(), 1);
    // It is seen where the store is asked: a cache learns of it when its entry ends.
    let keys = store.keys(&user_id("alice")).await.unwrap();
    assert!(keys.iter().all(|key| key.revoked_at.is_some()), "{keys:?}");
    assert_eq!(log(&store).head().await.unwrap(), head);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn all_who_open_a_file_of_version_7_at_once_follow_one_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    version_7(&path).await.close().await;
    let opening: Vec<_> = (0..8).map(|_| tokio::spawn(Sqlite::open(path.clone()))).collect();
    let mut logs = Vec::new();
    for store in opening {
        logs.push(log(&store.await.unwrap().unwrap()).head().await.unwrap().log);
    }
    assert!(logs.windows(2).all(|two| two[0] == two[1]), "{logs:?}");
}
