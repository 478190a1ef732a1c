//! Cases of digests that are replaced.

use remint_core::{Commit, KeyDigest, KeyId, StoreError};

use super::{Plain as _, Store, found, key, sign_up, user_id};

async fn alice(store: &impl Store) {
    let keys = [key("alice", 1), key("alice", 2)];
    store.sign_up(&sign_up("alice", &[], &keys), Commit::default()).await.expect("a user");
}

fn new_digest() -> KeyDigest {
    KeyDigest { scheme: "another".into(), bytes: [0xab; 32].into() }
}

async fn rehash(store: &impl Store, id: &str, from: &KeyDigest, to: &KeyDigest) -> bool {
    store.rehash(&KeyId::new(id).expect("a key id"), from, to).await.expect("the store answers")
}

/// Not by the old one, and nothing else of the key changes.
pub async fn a_rehashed_key_is_found_by_its_new_digest_only(store: impl Store) {
    alice(&store).await;
    let old = key("alice", 1);
    assert!(rehash(&store, "key_1", &old.digest, &new_digest()).await);
    let mut expected = old.clone();
    expected.digest = new_digest();
    assert_eq!(found(&store, &old).await, None);
    assert_eq!(found(&store, &expected).await.map(|found| found.key).as_ref(), Some(&expected));
    assert_eq!(store.keys(&user_id("alice")).await.expect("a list"), [key("alice", 2), expected.clone()]);
    assert_eq!(store.candidates("hmac", &old.start).await.expect("the store answers"), []);
    let by_start = store.candidates("another", &old.start).await.expect("the store answers");
    assert_eq!(by_start.into_iter().map(|found| found.key).collect::<Vec<_>>(), [expected]);

    let mut next = key("alice", 3);
    next.digest = old.digest;
    store.insert_key(&next).await.expect("a digest that is free again");
}

/// Somebody else was faster, or the key is another, or is gone.
pub async fn a_digest_that_is_another_meanwhile_stays(store: impl Store) {
    alice(&store).await;
    let first = key("alice", 1).digest;
    let scheme = KeyDigest { scheme: "another".into(), ..first.clone() };
    for (id, from) in [("key_1", &key("alice", 2).digest), ("key_1", &scheme), ("key_3", &first), ("KEY_1", &first)] {
        assert!(!rehash(&store, id, from, &new_digest()).await, "{id} {from:?}");
    }
    assert!(rehash(&store, "key_1", &first, &new_digest()).await);
    assert!(!rehash(&store, "key_1", &first, &scheme).await);
    assert_eq!(
        store.key(&key("alice", 1).id).await.expect("the store answers").map(|key| key.digest),
        Some(new_digest())
    );
    assert_eq!(found(&store, &key("alice", 2)).await.map(|found| found.key), Some(key("alice", 2)));
}

/// Two keys of one digest would be one another's.
pub async fn the_digest_of_another_key_is_not_taken(store: impl Store) {
    alice(&store).await;
    let (first, second) = (key("alice", 1), key("alice", 2));
    let outcome = store.rehash(&first.id, &first.digest, &second.digest).await;
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    for key in [first, second] {
        assert_eq!(found(&store, &key).await.map(|found| found.key), Some(key));
    }
}
