use std::sync::Arc;

use remint_apikey::{ApiKeys, NewKey, NewUser, Pepper, Peppers};
use remint_core::{DeniedKind, Environment, Refusal, UserId};
use remint_sqlite::Sqlite;
use remint_testkit::RecordingRevoker;

#[tokio::test]
async fn keys_in_sqlite_live_and_end_with_their_user() {
    let peppers = Peppers::new(Pepper::from_text("a pepper of enough length").unwrap());
    let store = Arc::new(Sqlite::in_memory().await.unwrap());
    let keys = ApiKeys::new(store, peppers, Arc::new(RecordingRevoker::new()));
    let alice = UserId::new("alice").unwrap();
    keys.create_user(NewUser::new(alice.clone())).await.unwrap();
    let (key, _) = keys.create(NewKey::new(alice.clone(), Environment::Live)).await.unwrap();
    keys.verify(key.expose_secret()).await.unwrap();
    keys.flush().await.unwrap();
    assert!(keys.list(&alice).await.unwrap()[0].last_used_at.is_some());

    keys.delete_user(&alice).await.unwrap();
    let refusal = keys.verify(key.expose_secret()).await.unwrap_err();
    assert!(matches!(refusal, Refusal::Denied(denied) if denied.kind() == DeniedKind::UnknownApiKey));
}

#[tokio::test]
async fn the_file_holds_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(Sqlite::open(folder.path().join("keys.db")).await.unwrap());
    let peppers = Peppers::new(Pepper::from_text("a pepper of enough length").unwrap());
    let keys = ApiKeys::new(store.clone(), peppers, Arc::new(RecordingRevoker::new()));
    let alice = UserId::new("alice").unwrap();
    keys.create_user(NewUser::new(alice.clone())).await.unwrap();
    let (key, _) = keys.create(NewKey::new(alice, Environment::Live)).await.unwrap();
    let hidden = &key.expose_secret()[key.start().len()..][..8];
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let content = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!content.windows(8).any(|window| window == hidden.as_bytes()));
        assert!(!content.windows(8).any(|window| window == b"a pepper"));
    }
}
