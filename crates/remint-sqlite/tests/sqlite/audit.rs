use remint_conformance::key_store::{Plain, event, found, key, rotation, sign_up, trail, user, user_id};
use remint_core::{ApiKeyStore, AuditLog, Commit, Directory, UserChange};
use remint_sqlite::Sqlite;

use crate::raw;

#[tokio::test]
async fn an_event_cannot_be_changed_or_removed_by_whoever_has_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let store = Sqlite::open(&path).await.unwrap();
    let events = [event(1), event(2)];
    store.append(&events).await.unwrap();
    let raw = raw::open(&path).await;
    for statement in [
        "UPDATE audit SET at = 0",
        "UPDATE audit SET seq = 7 WHERE seq = 1",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE seq = 2",
        "REPLACE INTO audit (seq, at, action, actor, detail) VALUES (1, 0, 'user.created', '{}', '{}')",
        "INSERT INTO audit (seq, at, action, actor, detail) VALUES (1, 0, '', '', '')
             ON CONFLICT (seq) DO UPDATE SET at = 0",
    ] {
        let error = sqlx::query(statement).execute(&raw).await.unwrap_err();
        assert!(error.to_string().contains("the audit trail only grows"), "{statement}: {error}");
    }
    assert_eq!(trail(&store).await, events);
}

#[tokio::test]
async fn a_change_whose_event_cannot_be_kept_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let store = Sqlite::open(&path).await.unwrap();
    store.insert_user(&user("alice")).await.unwrap();
    store.insert_key(&key("alice", 1)).await.unwrap();
    let raw = raw::open(&path).await;
    sqlx::raw_sql("CREATE TRIGGER broken BEFORE INSERT ON audit BEGIN SELECT raise(ABORT, 'broken'); END")
        .execute(&raw)
        .await
        .unwrap();

    let (alice, audit) = (user_id("alice"), [event(1)]);
    let disabled = UserChange { enabled: Some(false), ..UserChange::default() };
    store.insert(&[key("alice", 2)], Commit::audited(&audit)).await.unwrap_err();
    store.rotate(&rotation("alice", 1, 2), Commit::audited(&audit)).await.unwrap_err();
    store.revoke(&key("alice", 1).id, event(1).at, Commit::audited(&audit)).await.unwrap_err();
    store.change_user(&alice, &disabled, Commit::audited(&audit)).await.unwrap_err();
    store.delete_user(&alice, Commit::audited(&audit)).await.unwrap_err();
    store.sign_up(&sign_up("bob", &[], &[]), Commit::audited(&audit)).await.unwrap_err();

    assert_eq!(store.user(&alice).await.unwrap(), Some(user("alice")));
    assert_eq!(store.keys(&alice).await.unwrap(), [key("alice", 1)]);
    assert_eq!(found(&store, &key("alice", 2)).await, None);
    assert_eq!(store.user(&user_id("bob")).await.unwrap(), None);
}
