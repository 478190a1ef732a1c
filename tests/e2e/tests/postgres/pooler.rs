//! The store behind PgBouncer, and with fewer connections than it would like.

use std::num::NonZeroU32;

use remint_conformance::key_store::{Plain, found, key, user};
use remint_postgres::Postgres;
use sqlx::{Connection, PgConnection};

use crate::database::{Database, Mode};

mod session {
    use super::{Database, Mode};

    remint_conformance::key_store_suite!(async || Database::behind_pooler(Mode::Session).await);
    remint_conformance::replay_store_suite!(async || Database::behind_pooler(Mode::Session).await);
    remint_conformance::revocation_log_suite!(async || Database::behind_pooler(Mode::Session).await);
    remint_conformance::logged_store_suite!(async || Database::behind_pooler(Mode::Session).await);
}

mod transaction {
    use super::{Database, Mode};

    remint_conformance::key_store_suite!(async || Database::behind_pooler(Mode::Transaction).await);
    remint_conformance::replay_store_suite!(async || Database::behind_pooler(Mode::Transaction).await);
    remint_conformance::revocation_log_suite!(async || Database::behind_pooler(Mode::Transaction).await);
    remint_conformance::logged_store_suite!(async || Database::behind_pooler(Mode::Transaction).await);
}

/// So many calls at once, in `rounds`, of each of these stores.
async fn busy(stores: &[Postgres], clients: usize, rounds: usize) {
    let calls: Vec<_> = stores
        .iter()
        .cycle()
        .take(clients)
        .cloned()
        .map(|store| {
            tokio::spawn(async move {
                for _ in 0..rounds {
                    assert!(found(&store, &key("alice", 1)).await.is_some());
                }
            })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_that_share_the_connections_of_a_pooler_do_not_meet_each_others_statements() {
    for mode in [Mode::Session, Mode::Transaction] {
        let (first, database) = Database::behind_pooler(mode).await;
        first.insert_user(&user("alice")).await.unwrap();
        first.insert_key(&key("alice", 1)).await.unwrap();
        // In session mode each client keeps one of the pooler's four connections.
        let one = NonZeroU32::new(1).unwrap();
        let url = database.pooled(mode);
        first.close().await;
        let mut stores = Vec::new();
        for _ in 0..3 {
            stores.push(Postgres::connect_with_pool_size(url.as_str(), one).await.unwrap());
        }
        busy(&stores, 24, 20).await;
        for store in stores {
            store.close().await;
        }
    }
}

/// What a store sets for its own calls ends with them: the connection is the next client's.
#[tokio::test]
async fn a_store_leaves_no_setting_and_no_statement_behind_in_a_shared_connection() {
    let (store, database) = Database::behind_pooler(Mode::Transaction).await;
    store.insert_user(&user("alice")).await.unwrap();
    let mut other = PgConnection::connect(database.pooled(Mode::Transaction).as_str()).await;
    // The client of the test sends what PgBouncer does not know.
    if other.is_err() {
        let options: sqlx::postgres::PgConnectOptions = database.pooled(Mode::Transaction).as_str().parse().unwrap();
        other = PgConnection::connect_with(&options.extra_float_digits(None)).await;
    }
    let mut other = other.unwrap();
    let row = sqlx::raw_sql(
        "SELECT current_setting('statement_timeout'), (SELECT count(*)::text FROM pg_prepared_statements)",
    );
    let row = row.fetch_one(&mut other).await.unwrap();
    let left: (String, String) = (sqlx::Row::get(&row, 0), sqlx::Row::get(&row, 1));
    assert_eq!(left, ("0".to_owned(), "0".to_owned()));
}

#[tokio::test]
async fn a_pooler_that_pools_statements_is_refused_with_the_reason() {
    let database = Database::create().await;
    let url = database.pooled(Mode::Statement);
    let error = Postgres::connect(url.as_str()).await.unwrap_err();
    let told = format!("{error:?}");
    assert!(
        told.contains("pool_mode = statement") && told.contains("set pool_mode = transaction or session"),
        "{told}"
    );
    assert!(told.contains(database.name()), "{told}");
    // Nothing was made, and the same database is a store where transactions are possible.
    let schemas = database.run("SELECT 1 / (count(*) = 0)::int FROM pg_namespace WHERE nspname = 'remint'").await;
    schemas.unwrap();
    Postgres::connect(database.pooled(Mode::Transaction).as_str()).await.unwrap().close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_with_three_connections_waits() {
    let (store, database) = Database::with_store().await;
    store.insert_user(&user("alice")).await.unwrap();
    store.insert_key(&key("alice", 1)).await.unwrap();
    store.close().await;
    let role = format!("{}_few", database.name());
    let make = format!(
        "CREATE ROLE {role} LOGIN CONNECTION LIMIT 3; GRANT USAGE ON SCHEMA remint TO {role};
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA remint TO {role}"
    );
    database.run(&make).await.unwrap();
    let mut url = database.url();
    url.set_username(&role).unwrap();
    let store = Postgres::connect(url.as_str()).await.unwrap();
    busy(std::slice::from_ref(&store), 12, 50).await;
    // Another program takes one of the three.
    store.close().await;
    let _other = PgConnection::connect(url.as_str()).await.unwrap();
    let store = Postgres::connect(url.as_str()).await.unwrap();
    busy(std::slice::from_ref(&store), 12, 50).await;
    store.close().await;
    drop(_other);
    let forget = format!("DROP OWNED BY {role}; DROP ROLE {role}");
    database.run(&forget).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_is_as_large_as_it_was_said_to_be() {
    let (store, database) = Database::with_store().await;
    store.insert_user(&user("alice")).await.unwrap();
    store.insert_key(&key("alice", 1)).await.unwrap();
    store.close().await;
    let two = NonZeroU32::new(2).unwrap();
    let store = Postgres::connect_with_pool_size(database.url().as_str(), two).await.unwrap();
    busy(std::slice::from_ref(&store), 12, 10).await;
    let mut other = PgConnection::connect(database.url().as_str()).await.unwrap();
    let counted = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'remint'";
    let connections: i64 = sqlx::query_scalar(counted).bind(database.name()).fetch_one(&mut other).await.unwrap();
    assert_eq!(connections, 2);
}
