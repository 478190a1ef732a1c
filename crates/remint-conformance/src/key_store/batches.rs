//! Cases of several keys at once.

use remint_core::{ApiKeyRecord, Commit, StoreError};

use super::{Plain as _, Store, found, key, user, user_id};

/// In one call, and each is found.
pub async fn several_keys_are_kept_together(store: impl Store) {
    for name in ["alice", "bob"] {
        store.insert_user(&user(name)).await.expect("a user");
    }
    let keys = [key("alice", 1), key("bob", 2), key("alice", 3)];
    store.insert(&keys, Commit::default()).await.expect("three keys");
    for key in &keys {
        assert_eq!(found(&store, key).await.map(|found| found.key).as_ref(), Some(key));
    }
    store.insert(&[], Commit::default()).await.expect("no keys");
}

/// Whatever is wrong with the last of them.
pub async fn of_several_keys_all_are_kept_or_none(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    store.insert_key(&key("alice", 1)).await.expect("a key");
    let (mut same_id, mut same_digest, mut twin) = (key("alice", 4), key("alice", 4), key("alice", 4));
    same_id.id = key("alice", 1).id;
    same_digest.digest = key("alice", 1).digest;
    twin.digest = key("alice", 2).digest;
    for last in [same_id, same_digest, twin, key("alice", 3)] {
        let outcome = store.insert(&[key("alice", 2), key("alice", 3), last], Commit::default()).await;
        assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
        only_the_first(&store).await;
    }
    let outcome = store.insert(&[key("alice", 2), key("nobody", 3)], Commit::default()).await;
    assert!(matches!(outcome, Err(StoreError::UnknownUser)), "{outcome:?}");
    only_the_first(&store).await;
}

async fn only_the_first(store: &impl Store) {
    let list: Vec<ApiKeyRecord> = store.keys(&user_id("alice")).await.expect("a list");
    assert_eq!(list, [key("alice", 1)]);
    for number in [2, 3, 4] {
        assert_eq!(found(store, &key("alice", number)).await, None);
    }
}
