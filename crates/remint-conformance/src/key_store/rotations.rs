//! Cases of rotation.

use remint_core::{Commit, FoundKey, KeyId, StoreError, Timestamp};

use super::{Plain as _, Store, event, found, key, rotation, sign_up, tenant, trail, user, user_id};

async fn alice(store: &impl Store) {
    store.sign_up(&sign_up("alice", &[], &[key("alice", 1)]), Commit::default()).await.expect("a user");
}

/// The old one with its deadline and the new one's id, the new one whole.
pub async fn rotation_keeps_both_keys(store: impl Store) {
    alice(&store).await;
    let rotation = rotation("alice", 1, 2);
    let old = store.rotate(&rotation, Commit::audited(&[event(1)])).await.expect("a rotation");
    let mut expected = key("alice", 1);
    (expected.expires_at, expected.rotated_to) = (Some(rotation.deadline), Some(rotation.new.id.clone()));
    assert_eq!(old, expected);
    for key in [expected, rotation.new.clone()] {
        assert_eq!(store.key(&key.id).await.expect("the store answers").as_ref(), Some(&key));
        let expected = FoundKey { key: key.clone(), user: user("alice"), tenant: Some(tenant()) };
        assert_eq!(found(&store, &key).await, Some(expected));
    }
    assert_eq!(store.keys(&user_id("alice")).await.expect("a list"), [rotation.new, old]);
    assert_eq!(trail(&store).await, [event(1)]);
}

/// A key without an end gets one; a key that ends before the deadline ends when it would have.
pub async fn a_deadline_never_lengthens_a_life(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let deadline = rotation("alice", 0, 0).deadline;
    let millis = deadline.as_millis();
    let ends = [(Some(millis - 1), millis - 1), (Some(millis), millis), (Some(millis + 1), millis), (None, millis)];
    for (number, (end, expected)) in (10..).step_by(10).zip(ends) {
        let mut old = key("alice", number);
        old.expires_at = end.map(Timestamp::from_millis);
        store.insert_key(&old).await.expect("a key");
        let mut rotation = rotation("alice", number, number + 1);
        rotation.deadline = deadline;
        let rotated = store.rotate(&rotation, Commit::default()).await.expect("a rotation");
        assert_eq!(rotated.expires_at, Some(Timestamp::from_millis(expected)), "{end:?}");
        assert_eq!(found(&store, &old).await.map(|found| found.key), Some(rotated));
    }
}

/// And the new one is not kept.
pub async fn a_key_that_is_not_there_is_not_rotated(store: impl Store) {
    alice(&store).await;
    for id in ["key_9", "KEY_1", "key%", "key_"] {
        let mut rotation = rotation("alice", 1, 2);
        rotation.old = KeyId::new(id).expect("a key id");
        let outcome = store.rotate(&rotation, Commit::audited(&[event(1)])).await;
        assert!(matches!(outcome, Err(StoreError::UnknownKey)), "{outcome:?}");
    }
    is_untouched(&store).await;
}

/// It would come back by the back door.
pub async fn a_revoked_key_is_not_rotated(store: impl Store) {
    alice(&store).await;
    let revoked = store.revoke_key(&key("alice", 1).id, Timestamp::from_secs(1)).await.expect("the store answers");
    let outcome = store.rotate(&rotation("alice", 1, 2), Commit::audited(&[event(1)])).await;
    assert!(matches!(outcome, Err(StoreError::Ended)), "{outcome:?}");
    assert_eq!(found(&store, &key("alice", 1)).await.map(|found| found.key), revoked);
    assert_eq!(found(&store, &key("alice", 2)).await, None);
    assert_eq!(trail(&store).await, []);
}

/// The one that took its place can be rotated in turn.
pub async fn a_key_is_rotated_once(store: impl Store) {
    alice(&store).await;
    let first = store.rotate(&rotation("alice", 1, 2), Commit::default()).await.expect("a rotation");
    let outcome = store.rotate(&rotation("alice", 1, 3), Commit::audited(&[event(1)])).await;
    assert!(matches!(outcome, Err(StoreError::Ended)), "{outcome:?}");
    assert_eq!(found(&store, &key("alice", 1)).await.map(|found| found.key), Some(first));
    assert_eq!(found(&store, &key("alice", 3)).await, None);
    assert_eq!(trail(&store).await, []);
    store.rotate(&rotation("alice", 2, 3), Commit::default()).await.expect("a rotation of the new key");
}

/// The id or the digest, of another key or of the old one itself.
pub async fn a_rotation_to_a_key_that_exists_changes_nothing(store: impl Store) {
    alice(&store).await;
    store.sign_up(&sign_up("bob", &[], &[key("bob", 9)]), Commit::default()).await.expect("a user");
    for taken in [key("bob", 9), key("alice", 1)] {
        let (mut same_id, mut same_digest) = (rotation("alice", 1, 2), rotation("alice", 1, 2));
        same_id.new.id = taken.id;
        same_digest.new.digest = taken.digest;
        for rotation in [same_id, same_digest] {
            let outcome = store.rotate(&rotation, Commit::audited(&[event(1)])).await;
            assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
        }
    }
    is_untouched(&store).await;
    assert_eq!(found(&store, &key("bob", 9)).await.map(|found| found.key), Some(key("bob", 9)));
}

async fn is_untouched(store: &impl Store) {
    assert_eq!(store.keys(&user_id("alice")).await.expect("a list"), [key("alice", 1)]);
    assert_eq!(found(store, &key("alice", 2)).await, None);
    assert_eq!(trail(store).await, []);
}
