use std::path::Path;

use remint_conformance::key_store::{Plain, link, sign_up, tenant_id, user_id};
use remint_core::{
    ApiKeyStore, AuditLog, Commit, CredentialRef, Dependencies, Descent, Directory, KeyDigest, MadeBy, Page, Roles,
    StoreAge, StoreRegistry, Tenant, Timestamp, UsageFilter, UsageStore, User, UserChange,
};
use remint_sqlite::Sqlite;
use sqlx::SqlitePool;

use crate::raw;

/// A file as version 1 of the tables left it, with two tenants, three users and four keys.
async fn version_1(path: &Path) -> SqlitePool {
    let raw = raw::create(path).await;
    sqlx::raw_sql(include_str!("../../migrations/0001_users_and_api_keys.sql")).execute(&raw).await.unwrap();
    sqlx::raw_sql(
        "INSERT INTO users (id, tenant, enabled, scopes, created_at) VALUES
             ('alice', 'acme', 1, 'read write', 2000), ('bob', NULL, 0, '', 3000), ('carol', 'acme', 1, '', 1000),
             ('dave', 'other', 1, '', 4000);
         INSERT INTO api_keys (id, user_id, environment, name, start, scopes, scheme, digest, created_at, expires_at,
             revoked_at, last_used_at) VALUES
             ('k1', 'alice', 'live', 'first', 'rmt_live_0001', 'read', 's', x'01', 5000, 9000, NULL, 6000),
             ('k3', 'alice', 'test', NULL, 'rmt_test_0003', NULL, 's', x'03', 5000, NULL, 7000, NULL),
             ('k2', 'alice', 'live', NULL, 'rmt_live_0002', '', 's', x'02', 5000, 9223372036854775807, NULL, NULL),
             ('k4', 'bob', 'live', NULL, 'rmt_live_0004', NULL, 's', x'04', 5000, NULL, NULL, NULL);",
    )
    .execute(&raw)
    .await
    .unwrap();
    raw
}

#[tokio::test]
async fn a_file_of_version_1_is_brought_up_to_date_with_all_that_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    version_1(&path).await.close().await;
    let store = Sqlite::open(&path).await.unwrap();

    let alice = store.user(&user_id("alice")).await.unwrap().unwrap();
    let expected = User {
        id: user_id("alice"),
        tenant: Some(tenant_id("acme")),
        enabled: true,
        scopes: "read write".parse().unwrap(),
        roles: Roles::none(),
        entitlements: Vec::new(),
        plan: None,
        created_at: Timestamp::from_millis(2000),
    };
    assert_eq!(alice, expected);
    let bob = store.user(&user_id("bob")).await.unwrap().unwrap();
    assert_eq!((bob.tenant, bob.enabled), (None, false));

    for (id, created_at) in [("acme", 1000), ("other", 4000)] {
        let created_at = Timestamp::from_millis(created_at);
        let tenant = Tenant { id: tenant_id(id), enabled: true, plan: None, created_at };
        assert_eq!(store.tenant(&tenant_id(id)).await.unwrap(), Some(tenant));
    }

    let keys = store.keys(&user_id("alice")).await.unwrap();
    assert_eq!(keys.iter().map(|key| key.id.as_str()).collect::<Vec<_>>(), ["k3", "k2", "k1"]);
    for key in &keys {
        let found = store.find(&key.digest).await.unwrap().unwrap();
        assert_eq!((&found.key, &found.user), (key, &alice));
        assert_eq!(found.tenant.map(|tenant| tenant.id), alice.tenant);
        assert!(key.networks.is_empty() && key.rotated_to.is_none() && key.act_for.is_none());
        assert_eq!(key.made_by, MadeBy::Unknown);
    }
    assert_eq!(keys[0].revoked_at, Some(Timestamp::from_millis(7000)));
    assert_eq!((keys[0].scopes.clone(), keys[1].scopes.clone()), (None, Some("".parse().unwrap())));
    assert_eq!(keys[1].expires_at, Some(Timestamp::MAX));
    assert_eq!(keys[2].last_used_at, Some(Timestamp::from_millis(6000)));

    let digest = KeyDigest { scheme: "s".into(), bytes: [4].into() };
    assert_eq!(store.find(&digest).await.unwrap().unwrap().tenant, None);
    assert_eq!(store.events(Page::all()).await.unwrap(), []);
    assert_eq!(store.usage(&UsageFilter::default(), Page::all()).await.unwrap(), []);

    let record = store.record().await.unwrap();
    assert_eq!((record.revision, &record.depends_on), (0, &Dependencies::default()));
    assert_eq!(store.origin().age, StoreAge::Found);
    assert_eq!(store.live_schemes("", Timestamp::from_millis(8999)).await.unwrap(), ["s".into()]);
    assert_eq!(Sqlite::open(&path).await.unwrap().record().await.unwrap(), record);
}

#[tokio::test]
async fn foreign_keys_hold_in_a_file_that_was_of_version_1() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    version_1(&path).await.close().await;
    let store = Sqlite::open(&path).await.unwrap();
    let before = store.keys(&user_id("alice")).await.unwrap();
    store.delete_user(&user_id("alice"), Commit::default()).await.unwrap().unwrap();
    for key in &before {
        assert_eq!(store.find(&key.digest).await.unwrap(), None);
    }
    let again = sign_up("alice", &[link("alice")], &[]);
    store.sign_up(&again, Commit::default()).await.unwrap();
    assert_eq!(store.keys(&user_id("alice")).await.unwrap(), []);
    store.close().await;

    let raw = raw::open(&path).await;
    assert!(sqlx::query("PRAGMA foreign_key_check").fetch_all(&raw).await.unwrap().is_empty());
    assert!(sqlx::query("DELETE FROM tenants WHERE id = 'acme'").execute(&raw).await.is_err());
    let sound: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&raw).await.unwrap();
    assert_eq!(sound, "ok");
}

#[tokio::test]
async fn a_migration_that_fails_leaves_the_file_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let raw = version_1(&path).await;
    // The last of the tables that version 2 makes.
    sqlx::raw_sql("CREATE TABLE audit (id TEXT)").execute(&raw).await.unwrap();
    assert!(Sqlite::open(&path).await.is_err());
    let version: u32 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&raw).await.unwrap();
    let tenant: String =
        sqlx::query_scalar("SELECT tenant FROM users WHERE id = 'alice'").fetch_one(&raw).await.unwrap();
    let keys: u32 = sqlx::query_scalar("SELECT count(*) FROM api_keys").fetch_one(&raw).await.unwrap();
    assert_eq!((version, &*tenant, keys), (1, "acme", 4));

    sqlx::raw_sql("DROP TABLE audit").execute(&raw).await.unwrap();
    raw.close().await;
    assert_eq!(Sqlite::open(&path).await.unwrap().keys(&user_id("alice")).await.unwrap().len(), 3);
}

/// A file as version 4 of the tables left it, with keys of every origin and the events of their creation.
async fn version_4(path: &Path) {
    let raw = version_1(path).await;
    for migration in [
        include_str!("../../migrations/0002_tenants_links_usage_and_audit.sql"),
        include_str!("../../migrations/0003_replays.sql"),
        include_str!("../../migrations/0004_act_for.sql"),
    ] {
        sqlx::raw_sql(migration).execute(&raw).await.unwrap();
    }
    for (number, (at, action, actor, key)) in (10..).zip(CREATIONS) {
        if !key.starts_with("gone") {
            let insert = "INSERT INTO api_keys (id, user_id, environment, start, scheme, digest, created_at)
                          VALUES (?, 'alice', 'live', 'rmt_live_0', 's', ?, ?) ON CONFLICT DO NOTHING";
            let query = sqlx::query(insert).bind(key).bind(vec![number]).bind(at);
            query.execute(&raw).await.unwrap();
        }
        let insert =
            "INSERT INTO audit (at, action, actor, user_id, api_key, detail) VALUES (?, ?, ?, 'alice', ?, '{}')";
        sqlx::query(insert).bind(at).bind(action).bind(actor).bind(key).execute(&raw).await.unwrap();
    }
    let created = "INSERT INTO audit (at, action, actor, user_id, detail)
                   VALUES (1, 'user.created', '{\"kind\":\"bootstrap\"}', 'alice', '{}')";
    sqlx::raw_sql(created).execute(&raw).await.unwrap();
    raw.close().await;
}

#[tokio::test]
async fn what_made_a_key_is_filled_in_from_the_audit_trail() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    version_4(&path).await;
    let store = Sqlite::open(&path).await.unwrap();
    let id = |text: &str| remint_core::KeyId::new(text).unwrap();
    let by_key = |text: &str| MadeBy::Credential(CredentialRef::ApiKey { id: id(text) });
    let token = CredentialRef::Jwt {
        issuer: "https://i.example".parse().unwrap(),
        subject: "a\"b".parse().unwrap(),
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
        ("k1", MadeBy::Unknown),
    ] {
        assert_eq!(store.key(&id(key)).await.unwrap().unwrap().made_by, made_by, "{key}");
    }
    let makers = [id("first"), id("child"), id("gone")];
    let made: Vec<_> = [("child", "rotated"), ("first", "child"), ("first", "gone"), ("gone", "orphan")]
        .map(|(maker, key)| Descent { maker: id(maker), key: id(key) })
        .into();
    assert_eq!(store.descent(&makers, Page::all()).await.unwrap(), made);
}

#[tokio::test]
async fn users_of_a_file_of_version_6_have_no_roles_until_they_are_given_some() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    version_4(&path).await;
    let raw = raw::open(&path).await;
    for migration in
        [include_str!("../../migrations/0005_descent.sql"), include_str!("../../migrations/0006_store.sql")]
    {
        sqlx::raw_sql(migration).execute(&raw).await.unwrap();
    }
    sqlx::raw_sql("UPDATE users SET entitlements = '[\"gpu\"]'").execute(&raw).await.unwrap();
    raw.close().await;

    let store = Sqlite::open(&path).await.unwrap();
    let alice = store.user(&user_id("alice")).await.unwrap().unwrap();
    assert_eq!((&alice.roles, alice.entitlements.as_slice()), (&Roles::none(), ["gpu".to_owned()].as_slice()));
    let roles = Roles::new(["editor"]).unwrap();
    let change = UserChange { roles: Some(roles.clone()), ..UserChange::default() };
    let changed = store.change_user(&alice.id, &change, Commit::default()).await.unwrap();
    assert_eq!(changed, Some(User { roles, ..alice.clone() }));
    store.close().await;
    assert_eq!(Sqlite::open(&path).await.unwrap().user(&alice.id).await.unwrap(), changed);
}

/// Neither a name that exists nowhere nor a text that is no list is taken for no roles.
#[tokio::test]
async fn roles_that_cannot_be_read_are_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    version_1(&path).await.close().await;
    let store = Sqlite::open(&path).await.unwrap();
    let raw = raw::open(&path).await;
    for text in [r#"["remint:admin"]"#, r#"[""]"#, "[1]", "{}", "null", "editor", ""] {
        sqlx::query("UPDATE users SET roles = ?").bind(text).execute(&raw).await.unwrap();
        assert!(store.user(&user_id("alice")).await.is_err(), "{text}");
    }
}

/// When, what, who and which key. `orphan` was made before by somebody else, and is another key now.
const CREATIONS: [(i64, &str, &str, &str); 10] = [
    (1, "key.issued", r#"{"kind":"bootstrap"}"#, "first"),
    (2, "key.issued", r#"{"kind":"caller","subject":"alice","credential":{"kind":"api_key","id":"first"}}"#, "child"),
    (
        3,
        "key.rotated",
        r#"{"kind":"caller","subject":"alice","credential":{"kind":"api_key","id":"child"}}"#,
        "rotated",
    ),
    (4, "key.issued", r#"{"kind":"caller","subject":"alice","credential":{"kind":"api_key","id":"first"}}"#, "gone"),
    (5, "key.imported", r#"{"kind":"operator"}"#, "orphan"),
    (6, "key.issued", r#"{"kind":"caller","subject":"alice","credential":{"kind":"api_key","id":"gone"}}"#, "orphan"),
    (
        7,
        "key.issued",
        r#"{"kind":"caller","subject":"alice","credential":{"kind":"jwt","iss":"https://i.example","sub":"a\"b"}}"#,
        "token",
    ),
    (8, "key.issued", r#"{"kind":"operator","account":"root"}"#, "cli"),
    (9, "key.issued", r#"{"kind":"bootstrap"}"#, "bootstrapped"),
    (10, "key.issued", r#"{"kind":"system"}"#, "program"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_open_a_file_of_version_1_at_once_all_succeed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    version_1(&path).await.close().await;
    let opening: Vec<_> = (0..8).map(|_| tokio::spawn(Sqlite::open(path.clone()))).collect();
    for store in opening {
        let store = store.await.unwrap().unwrap();
        assert_eq!(store.keys(&user_id("alice")).await.unwrap().len(), 3);
    }
}
