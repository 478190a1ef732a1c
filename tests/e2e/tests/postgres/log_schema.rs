//! Tables from before the revocation log.

use std::sync::Arc;

use remint_conformance::key_store::{Plain, user_id};
use remint_core::{
    ApiKeyStore, Commit, KeyId, Page, Position, Reading, Revocation, RevocationWriter, RowId, StoreRegistry, Target,
    Timestamp,
};
use remint_postgres::Postgres;

use crate::database::Database;

/// A database as version 6 of the tables left it, with two keys of one user, one of which is revoked.
async fn version_6() -> Database {
    let database = Database::create().await;
    let tables = [
        include_str!("../../../../crates/remint-postgres/migrations/0001_keys_users_usage_and_audit.sql"),
        include_str!("../../../../crates/remint-postgres/migrations/0002_replays.sql"),
        include_str!("../../../../crates/remint-postgres/migrations/0003_act_for.sql"),
        include_str!("../../../../crates/remint-postgres/migrations/0004_descent.sql"),
        include_str!("../../../../crates/remint-postgres/migrations/0005_store.sql"),
        include_str!("../../../../crates/remint-postgres/migrations/0006_roles.sql"),
        "CREATE TABLE remint.schema_version (version BIGINT NOT NULL);
         INSERT INTO remint.schema_version VALUES (6);
         INSERT INTO remint.users (id, enabled, scopes, entitlements, created_at) VALUES ('alice', true, '', '{}', 1);
         INSERT INTO remint.api_keys (id, user_id, environment, start, networks, scheme, digest, created_at, revoked_at)
         VALUES ('k1', 'alice', 'live', 's', '', 's', '\\x01', 2, NULL), ('k2', 'alice', 'live', 's', '', 's', '\\x02', 2, 3);",
    ];
    database.run(&format!("CREATE SCHEMA remint; {}", tables.concat())).await.unwrap();
    database
}

fn log(store: &Postgres) -> Arc<dyn RevocationWriter> {
    store.log().unwrap()
}

#[tokio::test]
async fn tables_of_version_6_get_a_log_without_rows_and_the_next_change_is_the_first() {
    let database = version_6().await;
    let store = database.open().await;
    let head = log(&store).head().await.unwrap();
    assert_eq!((head.position, head.row), (Position(0), RowId::NONE));
    assert_eq!(log(&store).read_after(&head, 10).await.unwrap(), Reading::Rows(Vec::new()));
    assert_eq!(log(&store).kept(&head.log, Page::first(10)).await.unwrap(), Some(Vec::new()));

    let (key, now) = (KeyId::new("k1").unwrap(), Timestamp::from_millis(4));
    let rows = [Revocation::ended(Target::Key(key.clone()), now)];
    store.revoke(&key, now, Commit::default().with_revocations(&rows)).await.unwrap().unwrap();
    let Reading::Rows(read) = log(&database.open().await).read_after(&head, 10).await.unwrap() else {
        panic!("another log")
    };
    assert_eq!((read.len(), read[0].position, &read[0].revocation.target), (1, Position(1), &Target::Key(key)));
}

#[tokio::test]
async fn a_node_of_the_last_release_goes_on_over_the_migrated_tables_and_writes_no_rows() {
    let database = version_6().await;
    let last_release = database.raw().await;
    let of_alice = "SELECT count(*) FROM remint.api_keys WHERE user_id = 'alice'";
    let before: i64 = sqlx::query_scalar(of_alice).fetch_one(&last_release).await.unwrap();
    let store = database.open().await;
    let head = log(&store).head().await.unwrap();
    let revoke = "UPDATE remint.api_keys SET revoked_at = 5 WHERE id = 'k1' AND revoked_at IS NULL";
    assert_eq!(sqlx::query(revoke).execute(&last_release).await.unwrap().rows_affected(), 1);
    let after: i64 = sqlx::query_scalar(of_alice).fetch_one(&last_release).await.unwrap();
    assert_eq!((before, after), (2, 2));
    // It is seen where the store is asked: a cache learns of it when its entry ends.
    let keys = store.keys(&user_id("alice")).await.unwrap();
    assert!(keys.iter().all(|key| key.revoked_at.is_some()), "{keys:?}");
    assert_eq!(log(&store).head().await.unwrap(), head);
}
