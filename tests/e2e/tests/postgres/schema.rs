use std::error::Error;
use std::time::{Duration, Instant};

use remint_conformance::key_store::{Plain, key, user, user_id};
use remint_core::{
    ApiKeyStore, CredentialRef, Dependencies, Descent, Directory, KeyId, MadeBy, Page, Roles, StoreAge, StoreRegistry,
    Timestamp,
};
use remint_postgres::Postgres;

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
    let alice = store.user(&user_id("alice")).await.unwrap().unwrap();
    assert_eq!((alice.scopes.len(), alice.roles), (2, Roles::none()));
    assert_eq!((&keys[0].act_for, &keys[0].made_by), (&None, &MadeBy::Unknown));
    store.insert_key(&key("alice", 1)).await.unwrap();
    assert_eq!(store.keys(&user_id("alice")).await.unwrap()[0], key("alice", 1));

    let record = store.record().await.unwrap();
    assert_eq!((record.revision, &record.depends_on), (0, &Dependencies::default()));
    assert_eq!(store.origin().age, StoreAge::Found);
    assert_eq!(store.live_schemes("s", Timestamp::from_secs(1)).await.unwrap(), ["s".into()]);
    assert_eq!(database.open().await.record().await.unwrap(), record);
}

#[tokio::test]
async fn the_first_who_opens_a_database_makes_its_tables_and_no_place_holds_a_password() {
    let database = Database::create().await;
    let mut url = database.url();
    url.set_password(Some("canary")).unwrap();
    let (first, second) = (Postgres::connect(url.as_str()).await.unwrap(), database.open().await);
    assert_eq!((first.origin().age, second.origin().age), (StoreAge::Made, StoreAge::Found));
    assert_eq!(first.record().await.unwrap(), second.record().await.unwrap());
    assert!(first.origin().place.contains(database.name()) && !first.origin().place.contains("canary"));
}

#[tokio::test]
async fn what_made_a_key_is_filled_in_from_the_audit_trail() {
    let database = Database::create().await;
    let tables = [
        include_str!("../../../../crates/remint-postgres/migrations/0001_keys_users_usage_and_audit.sql"),
        include_str!("../../../../crates/remint-postgres/migrations/0002_replays.sql"),
        include_str!("../../../../crates/remint-postgres/migrations/0003_act_for.sql"),
    ];
    database.run(&format!("CREATE SCHEMA remint; {}", tables.concat())).await.unwrap();
    database
        .run(
            r#"CREATE TABLE remint.schema_version (version BIGINT NOT NULL);
             INSERT INTO remint.schema_version VALUES (3);
             INSERT INTO remint.users (id, enabled, scopes, entitlements, created_at) VALUES ('alice', true, '', '{}', 1);
             INSERT INTO remint.api_keys (id, user_id, environment, start, networks, scheme, digest, created_at)
             SELECT id, 'alice', 'live', 's', '', 's', id::bytea, 2
             FROM unnest('{first,child,rotated,orphan,token,cli,bootstrapped,program,old}'::text[]) AS id;
             INSERT INTO remint.audit (at, action, actor, user_id, api_key, detail) VALUES
             (1, 'user.created', '{"kind":"bootstrap"}', 'alice', NULL, '{}'),
             (1, 'key.issued', '{"kind":"bootstrap"}', 'alice', 'first', '{}'),
             (2, 'key.issued', '{"kind":"caller","credential":{"kind":"api_key","id":"first"}}', 'alice', 'child', '{}'),
             (3, 'key.rotated', '{"kind":"caller","credential":{"kind":"api_key","id":"child"}}', 'alice', 'rotated', '{}'),
             (4, 'key.issued', '{"kind":"caller","credential":{"kind":"api_key","id":"first"}}', 'alice', 'gone', '{}'),
             (5, 'key.imported', '{"kind":"operator"}', 'alice', 'orphan', '{}'),
             (6, 'key.issued', '{"kind":"caller","credential":{"kind":"api_key","id":"gone"}}', 'alice', 'orphan', '{}'),
             (7, 'key.issued', '{"kind":"caller","credential":{"kind":"jwt","iss":"https://i.example","sub":"a"}}',
              'alice', 'token', '{}'),
             (8, 'key.issued', '{"kind":"operator","account":"root"}', 'alice', 'cli', '{}'),
             (9, 'key.issued', '{"kind":"bootstrap"}', 'alice', 'bootstrapped', '{}'),
             (10, 'key.issued', '{"kind":"system"}', 'alice', 'program', '{}');"#,
        )
        .await
        .unwrap();
    let store = database.open().await;
    let id = |text: &str| KeyId::new(text).unwrap();
    let by_key = |text: &str| MadeBy::Credential(CredentialRef::ApiKey { id: id(text) });
    let token = CredentialRef::Jwt {
        issuer: "https://i.example".parse().unwrap(),
        subject: "a".parse().unwrap(),
        id: None,
        digest: None,
    };
    for (key, made_by) in [
        ("first", MadeBy::SignUp),
        ("child", by_key("first")),
        ("rotated", by_key("child")),
        ("orphan", by_key("gone")),
        ("token", MadeBy::Credential(token)),
        ("cli", MadeBy::Operator),
        ("bootstrapped", MadeBy::Bootstrap),
        ("program", MadeBy::System),
        ("old", MadeBy::Unknown),
    ] {
        assert_eq!(store.key(&id(key)).await.unwrap().unwrap().made_by, made_by, "{key}");
    }
    let makers = [id("first"), id("child"), id("gone")];
    let made = [("child", "rotated"), ("first", "child"), ("first", "gone"), ("gone", "orphan")]
        .map(|(maker, key)| Descent { maker: id(maker), key: id(key) });
    assert_eq!(store.descent(&makers, Page::all()).await.unwrap(), made);
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
    assert!(format!("{error:?}").contains("the database is read-only"), "{error:?}");
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
