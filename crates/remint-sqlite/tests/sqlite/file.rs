use std::error::Error;
use std::fs;
use std::path::Path;

use remint_conformance::key_store::{Plain, found, key, link, sign_up, user, user_id};
use remint_core::{ApiKeyStore, Commit, Directory, LastUsedStore, Timestamp};
use remint_sqlite::Sqlite;

use crate::raw;

#[tokio::test]
async fn what_was_written_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let store = Sqlite::open(&path).await.unwrap();
    store.insert_user(&user("alice")).await.unwrap();
    store.insert_key(&key("alice", 1)).await.unwrap();
    store.insert_key(&key("alice", 2)).await.unwrap();
    store.revoke_key(&key("alice", 2).id, Timestamp::from_secs(5)).await.unwrap();
    store.record_last_used(&[(key("alice", 1).id, Timestamp::from_secs(6))]).await.unwrap();
    let before = store.keys(&user_id("alice")).await.unwrap();
    store.close().await;

    let store = Sqlite::open(&path).await.unwrap();
    assert_eq!(store.keys(&user_id("alice")).await.unwrap(), before);
    assert_eq!(store.user(&user_id("alice")).await.unwrap(), Some(user("alice")));
}

#[tokio::test]
async fn what_was_acknowledged_is_there_without_a_shutdown() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path().join("keys.db")).await.unwrap();
    store.insert_user(&user("alice")).await.unwrap();
    store.insert_key(&key("alice", 1)).await.unwrap();
    store.revoke_key(&key("alice", 1).id, Timestamp::from_secs(5)).await.unwrap();
    // The files as a crash would leave them.
    let crashed = folder.path().join("crashed");
    fs::create_dir(&crashed).unwrap();
    for name in ["keys.db", "keys.db-wal"] {
        fs::copy(folder.path().join(name), crashed.join(name)).unwrap();
    }
    let after = Sqlite::open(crashed.join("keys.db")).await.unwrap();
    let found = found(&after, &key("alice", 1)).await.unwrap();
    assert_eq!(found.key.revoked_at, Some(Timestamp::from_secs(5)));
}

#[tokio::test]
async fn two_processes_share_a_file_and_see_each_others_writes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let (here, there) = (Sqlite::open(&path).await.unwrap(), Sqlite::open(&path).await.unwrap());
    here.insert_user(&user("alice")).await.unwrap();
    there.insert_key(&key("alice", 1)).await.unwrap();
    assert!(found(&here, &key("alice", 1)).await.unwrap().user.enabled);
    there.set_enabled(&user_id("alice"), false).await.unwrap();
    assert!(!found(&here, &key("alice", 1)).await.unwrap().user.enabled);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_open_a_new_file_at_once_all_succeed() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.db");
        let opening: Vec<_> = (0..8).map(|_| tokio::spawn(Sqlite::open(path.clone()))).collect();
        for store in opening {
            let store = store.await.unwrap().unwrap();
            assert_eq!(store.user(&user_id("alice")).await.unwrap(), None);
            store.close().await;
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "a draft was left behind");
    }
}

#[tokio::test]
async fn an_address_is_a_path_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys ü%20.db");
    for address in [format!("sqlite://{}", path.display()), format!("sqlite:{}", path.display())] {
        Sqlite::open(&address).await.unwrap().close().await;
        assert!(path.exists(), "{address}");
        fs::remove_file(&path).unwrap();
    }
}

#[tokio::test]
async fn what_is_no_database_is_refused_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let garbage = folder.path().join("garbage");
    fs::write(&garbage, "this is not a database, however long one looks at it".repeat(99)).unwrap();
    let addresses = ["sqlite://".into(), "sqlite://a.db?mode=ro".into(), "sqlite::memory:".into()];
    let paths = [garbage, folder.path().join("missing").join("keys.db"), folder.path().to_owned()];
    for path in addresses.into_iter().chain(paths) {
        let error = Sqlite::open(&path).await.unwrap_err();
        assert!(error.source().is_some(), "{error}");
        assert!(error.to_string().contains("could not be opened"), "{error}");
    }
    assert!(!Path::new("a.db?mode=ro").exists() && !Path::new("a.db").exists());
}

#[tokio::test]
async fn tables_of_a_later_version_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    Sqlite::open(&path).await.unwrap().close().await;
    let raw = sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    sqlx::query("PRAGMA user_version = 999").execute(&raw).await.unwrap();
    raw.close().await;
    let error = Sqlite::open(&path).await.unwrap_err();
    assert!(format!("{error:?}").contains("999"), "{error:?}");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_an_outage_and_not_absence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let store = Sqlite::open(&path).await.unwrap();
    store.insert_user(&user("alice")).await.unwrap();
    store.insert_key(&key("alice", 1)).await.unwrap();
    let raw = sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    sqlx::query("UPDATE api_keys SET scopes = char(7)").execute(&raw).await.unwrap();
    assert!(store.find(&key("alice", 1).digest).await.is_err());
    assert!(store.keys(&user_id("alice")).await.is_err());
}

#[tokio::test]
async fn networks_that_cannot_be_read_leave_no_key_without_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let store = Sqlite::open(&path).await.unwrap();
    store.insert_user(&user("alice")).await.unwrap();
    store.insert_key(&key("alice", 1)).await.unwrap();
    let raw = raw::open(&path).await;
    sqlx::query("UPDATE api_keys SET networks = '192.0.2.0/99'").execute(&raw).await.unwrap();
    store.find(&key("alice", 1).digest).await.unwrap_err();
    store.key(&key("alice", 1).id).await.unwrap_err();
}

/// As each has it that reads one.
#[tokio::test]
async fn for_whom_a_key_may_act_is_read_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let store = Sqlite::open(&path).await.unwrap();
    store.insert_user(&user("alice")).await.unwrap();
    store.insert_key(&key("alice", 1)).await.unwrap();
    let raw = raw::open(&path).await;
    for text in [
        "",
        "null",
        "{}",
        "true",
        r#"{"anyone":true}"#,
        r#"{"anyone":false,"users":[],"tenants":[],"environments":[]}"#,
        r#"{"anyone":false,"users":[""],"tenants":[],"scopes":null,"environments":[]}"#,
        r#"{"anyone":false,"users":[],"tenants":[],"scopes":"\"","environments":[]}"#,
        r#"{"anyone":false,"users":[],"tenants":[],"scopes":null,"environments":["prod"]}"#,
        r#"{"anyone":false,"users":[],"tenants":[],"scopes":null,"environments":[],"all":true}"#,
        r#"{"anyone":false,"anyone":true,"users":[],"tenants":[],"scopes":null,"environments":[]}"#,
    ] {
        sqlx::query("UPDATE api_keys SET act_for = ?").bind(text).execute(&raw).await.unwrap();
        assert!(store.find(&key("alice", 1).digest).await.is_err(), "{text}");
        assert!(store.key(&key("alice", 1).id).await.is_err(), "{text}");
        assert!(store.keys(&user_id("alice")).await.is_err(), "{text}");
    }
    sqlx::query("UPDATE api_keys SET act_for = NULL").execute(&raw).await.unwrap();
    assert_eq!(store.key(&key("alice", 1).id).await.unwrap().unwrap().act_for, None);
}

#[tokio::test]
async fn a_user_whose_tenant_is_missing_is_not_one_without_a_tenant() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let store = Sqlite::open(&path).await.unwrap();
    let sign_up = sign_up("alice", &[link("alice")], &[key("alice", 1)]);
    store.sign_up(&sign_up, Commit::default()).await.unwrap();
    assert!(found(&store, &sign_up.keys[0]).await.unwrap().tenant.is_some());
    let raw = raw::open(&path).await;
    sqlx::raw_sql("PRAGMA foreign_keys = OFF; DELETE FROM tenants").execute(&raw).await.unwrap();
    store.find(&sign_up.keys[0].digest).await.unwrap_err();
    store.linked(&sign_up.external[0]).await.unwrap_err();
}

#[tokio::test]
async fn two_processes_that_change_one_user_at_once_wait_for_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let (here, there) = (Sqlite::open(&path).await.unwrap(), Sqlite::open(&path).await.unwrap());
    here.insert_user(&user("alice")).await.unwrap();
    let change = async |store: &Sqlite| {
        for number in 0..30 {
            store.set_enabled(&user_id("alice"), number % 2 == 0).await.unwrap();
        }
    };
    tokio::join!(change(&here), change(&there));
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_file_and_those_beside_it_are_the_owners_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path().join("keys.db")).await.unwrap();
    store.insert_user(&user("alice")).await.unwrap();
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(Result::unwrap).collect();
    assert_eq!(files.len(), 3);
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.file_name());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_cannot_be_opened_is_told_with_its_owner_and_mode() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o710)).unwrap();
    let user = remint_secret_file::Process::this().user();
    let is_a_folder = folder.path().join("keys.db");
    fs::create_dir(&is_a_folder).unwrap();
    fs::set_permissions(&is_a_folder, fs::Permissions::from_mode(0o750)).unwrap();
    let error = Sqlite::open(&is_a_folder).await.unwrap_err().to_string();
    let owned = format!(
        "could not be opened (it belongs to user {user} and has mode 0750, its folder belongs to user {user} and has \
         mode 0710; this process runs as user {user})"
    );
    assert!(error.ends_with(&owned), "{error}");
    let missing = folder.path().join("missing");
    let error = Sqlite::open(missing.join("keys.db")).await.unwrap_err().to_string();
    assert!(error.contains(&format!("(its folder {} is not there; ", missing.display())), "{error}");
    // What has another reason says nothing of it.
    let garbage = folder.path().join("garbage");
    fs::write(&garbage, "this is not a database, however long one looks at it".repeat(99)).unwrap();
    assert!(Sqlite::open(&garbage).await.unwrap_err().to_string().ends_with("could not be opened"));
}
