use std::error::Error;
use std::time::{Duration, Instant};

use remint_core::{ApiKeyStore, Directory};
use remint_postgres::Postgres;
use remint_testkit::key_store::{Plain, key, user, user_id};

use crate::database::Database;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_nodes_that_start_at_once_on_an_empty_database_all_succeed() {
    for _ in 0..3 {
        let database = Database::create().await;
        let url = database.url();
        let starting: Vec<_> = (0..4)
            .map(|_| {
                let url = url.clone();
                tokio::spawn(async move { Postgres::connect(url.as_str()).await })
            })
            .collect();
        for (number, node) in starting.into_iter().enumerate() {
            let store = node.await.unwrap().unwrap();
            store.insert_user(&user(&format!("user {number}"))).await.unwrap();
        }
    }
}

#[tokio::test]
async fn what_was_written_is_there_for_the_next_who_opens() {
    let (store, database) = Database::with_store().await;
    store.insert_user(&user("alice")).await.unwrap();
    store.close().await;
    assert_eq!(database.open().await.user(&user_id("alice")).await.unwrap(), Some(user("alice")));
}

#[tokio::test]
async fn tables_of_version_1_are_brought_up_to_date_with_all_that_is_in_them() {
    let database = Database::create().await;
    let first = include_str!("../../../../crates/remint-postgres/migrations/0001_keys_users_usage_and_audit.sql");
    database.run(&format!("CREATE SCHEMA remint; {first}")).await.unwrap();
    database
        .run(
            "CREATE TABLE remint.schema_version (version BIGINT NOT NULL);
             INSERT INTO remint.schema_version VALUES (1);
             INSERT INTO remint.users (id, enabled, scopes, entitlements, created_at)
             VALUES ('alice', true, 'read write', '{}', 1);
             INSERT INTO remint.api_keys (id, user_id, environment, start, networks, scheme, digest, created_at)
             VALUES ('k1', 'alice', 'live', 'rmt_live_0001', '192.0.2.0/24', 's', '\\x01', 2);",
        )
        .await
        .unwrap();
    let store = database.open().await;
    let keys = store.keys(&user_id("alice")).await.unwrap();
    assert_eq!((keys.len(), keys[0].id.as_str(), keys[0].networks.len()), (1, "k1", 1));
    assert_eq!(keys[0].act_for, None);
    store.insert_key(&key("alice", 1)).await.unwrap();
    assert_eq!(store.keys(&user_id("alice")).await.unwrap()[0], key("alice", 1));
}

/// As each has it that reads one.
#[tokio::test]
async fn for_whom_a_key_may_act_is_read_whole_or_not_at_all() {
    let (store, database) = Database::with_store().await;
    store.insert_user(&user("alice")).await.unwrap();
    store.insert_key(&key("alice", 1)).await.unwrap();
    for text in [
        "null",
        "{}",
        "true",
        r#"{"anyone":true}"#,
        r#"{"anyone":false,"users":[],"tenants":[],"environments":[]}"#,
        r#"{"anyone":false,"users":[""],"tenants":[],"scopes":null,"environments":[]}"#,
        r#"{"anyone":false,"users":[],"tenants":[],"scopes":null,"environments":[],"all":true}"#,
        r#"{"anyone":false,"anyone":true,"users":[],"tenants":[],"scopes":null,"environments":[]}"#,
    ] {
        database.run(&format!("UPDATE remint.api_keys SET act_for = '{text}'")).await.unwrap();
        assert!(store.find(&key("alice", 1).digest).await.is_err(), "{text}");
        assert!(store.key(&key("alice", 1).id).await.is_err(), "{text}");
        assert!(store.keys(&user_id("alice")).await.is_err(), "{text}");
    }
    database.run("UPDATE remint.api_keys SET act_for = NULL").await.unwrap();
    assert_eq!(store.key(&key("alice", 1).id).await.unwrap().unwrap().act_for, None);
}

#[tokio::test]
async fn tables_of_a_later_version_are_refused() {
    let (store, database) = Database::with_store().await;
    store.close().await;
    database.run("UPDATE remint.schema_version SET version = 999").await.unwrap();
    let error = Postgres::connect(database.url().as_str()).await.unwrap_err();
    assert!(format!("{error:?}").contains("999"), "{error:?}");
}

#[tokio::test]
async fn tables_of_other_programs_in_the_same_database_are_left_alone() {
    let database = Database::create().await;
    database.run("CREATE TABLE users (id INTEGER); INSERT INTO users VALUES (7)").await.unwrap();
    let store = database.open().await;
    store.insert_user(&user("alice")).await.unwrap();
    let ids: Vec<i32> = sqlx::query_scalar("SELECT id FROM users").fetch_all(&database.raw().await).await.unwrap();
    assert_eq!(ids, [7]);
}

#[tokio::test]
async fn an_account_that_may_make_no_tables_can_use_those_that_are_there() {
    let (store, database) = Database::with_store().await;
    store.close().await;
    let account = format!("{}_user", database.name());
    let grant = format!(
        "CREATE ROLE {account} LOGIN; GRANT USAGE ON SCHEMA remint TO {account}; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA remint TO {account}"
    );
    database.run(&grant).await.unwrap();
    let mut url = database.url();
    url.set_username(&account).unwrap();
    let store = Postgres::connect(url.as_str()).await.unwrap();
    store.insert_user(&user("alice")).await.unwrap();
    store.close().await;
    database.run(&format!("DROP OWNED BY {account}; DROP ROLE {account}")).await.unwrap();
}

#[tokio::test]
async fn an_account_that_may_make_no_schemas_can_use_the_one_that_was_made_for_it() {
    let database = Database::create().await;
    let account = format!("{}_owner", database.name());
    database.run(&format!("CREATE ROLE {account} LOGIN; CREATE SCHEMA remint AUTHORIZATION {account}")).await.unwrap();
    let mut url = database.url();
    url.set_username(&account).unwrap();
    let store = Postgres::connect(url.as_str()).await.unwrap();
    store.insert_user(&user("alice")).await.unwrap();
    store.close().await;
    database.run(&format!("DROP OWNED BY {account} CASCADE; DROP ROLE {account}")).await.unwrap();
}

#[tokio::test]
async fn a_database_that_cannot_be_written_is_refused() {
    let (store, database) = Database::with_store().await;
    store.close().await;
    let read_only = format!("ALTER DATABASE {} SET default_transaction_read_only = on", database.name());
    database.run(&read_only).await.unwrap();
    let error = Postgres::connect(database.url().as_str()).await.unwrap_err();
    assert!(format!("{error:?}").contains("Replica"), "{error:?}");
}

#[tokio::test]
async fn an_address_at_which_nobody_answers_is_refused_in_time_and_without_its_password() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let addresses = [
        format!("postgres://alice:s3cret@127.0.0.1:{nobody}/keys"),
        "postgres://alice:s3cret@:x/".into(),
        "s3cret".into(),
    ];
    for address in addresses {
        let begun = Instant::now();
        let error = Postgres::connect(&address).await.unwrap_err();
        assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
        assert!(error.source().is_some() && error.to_string().contains("could not be opened"), "{error}");
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
    }
}
