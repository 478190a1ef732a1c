use std::error::Error;
use std::time::{Duration, Instant};

use remint_core::Directory;
use remint_postgres::Postgres;
use remint_testkit::key_store::{Plain, user, user_id};

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
