use std::sync::Arc;

use remint_conformance::key_store::{Plain, key, link, rotation, sign_up, user, user_id};
use remint_core::{ApiKeyStore, Commit, Directory, LastUsedStore, StoreError, Timestamp, UserChange};

use crate::database::Database;

/// Whoever takes an identity away from one and gives it to the other meets whoever does the reverse.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn users_who_swap_identities_do_not_lock_each_other_out() {
    let (store, _database) = Database::with_store().await;
    let store = Arc::new(store);
    store.sign_up(&sign_up("alice", &[link("a")], &[]), Commit::default()).await.unwrap();
    store.sign_up(&sign_up("bob", &[link("b")], &[]), Commit::default()).await.unwrap();
    let tasks = [("alice", "b", "a"), ("bob", "a", "b")].map(|(name, first, second)| {
        let store = store.clone();
        tokio::spawn(async move {
            for round in 0..50 {
                let external = Some(vec![link(if round % 2 == 0 { first } else { second })]);
                let change = UserChange { external, ..UserChange::default() };
                match store.change_user(&user_id(name), &change, Commit::default()).await {
                    Ok(Some(_)) | Err(StoreError::Conflict) => {}
                    other => panic!("{other:?}"),
                }
            }
        })
    });
    for task in tasks {
        task.await.unwrap();
    }
    let links = [store.external(&user_id("alice")).await.unwrap(), store.external(&user_id("bob")).await.unwrap()];
    assert_eq!(links.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1]);
    assert_ne!(links[0], links[1]);
}

/// Each of these locks several rows, each others' too.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn deletion_rotation_and_batches_of_uses_do_not_lock_each_other_out() {
    let (store, _database) = Database::with_store().await;
    for round in 0..20 {
        store.insert_user(&user("alice")).await.unwrap();
        // Ids in another order than the moments.
        for number in 0..9 {
            let mut key = key("alice", number);
            key.created_at = Timestamp::from_secs(u64::from(9 - number));
            store.insert_key(&key).await.unwrap();
        }
        let batch: Vec<_> =
            (0..9).map(|number| (key("alice", number).id, Timestamp::from_secs(u64::from(number)))).collect();
        let backwards = batch.iter().rev().cloned().collect::<Vec<_>>();
        let mut tasks = Vec::new();
        for batch in [batch, backwards] {
            let store = store.clone();
            tasks.push(tokio::spawn(async move { store.record_last_used(&batch).await.unwrap() }));
        }
        for number in 0..3 {
            let store = store.clone();
            tasks.push(tokio::spawn(async move {
                match store.rotate(&rotation("alice", number, 100 + number), Commit::default()).await {
                    Ok(_) | Err(StoreError::UnknownKey | StoreError::UnknownUser) => {}
                    other => panic!("{other:?}"),
                }
            }));
        }
        if round % 2 == 0 {
            tokio::task::yield_now().await;
        }
        assert!(store.remove_user(&user_id("alice")).await.unwrap());
        for task in tasks {
            task.await.unwrap();
        }
    }
}
