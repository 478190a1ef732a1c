//! Cases of idempotency keys.

use remint_core::{Commit, IdempotencyRecord, StoreError};

use super::{Plain as _, Store, event, found, key, once, rotation, sign_up, trail, user, user_id};

/// What a repeated request is told was made then.
#[expect(clippy::panic, reason = "a suite is a test: it may panic")]
pub(super) fn replayed<T: std::fmt::Debug>(outcome: Result<T, StoreError>) -> String {
    match outcome {
        Err(StoreError::Replayed { resource }) => resource,
        other => panic!("{other:?}"),
    }
}

fn reused<T: std::fmt::Debug>(outcome: Result<T, StoreError>) {
    assert!(matches!(outcome, Err(StoreError::IdempotencyKeyReused)), "{outcome:?}");
}

/// And is told the id of what was made: the first key, the new key, the user.
pub async fn a_request_that_is_repeated_is_done_once(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let keys = [key("alice", 1), key("alice", 2)];
    store.insert(&keys, Commit::audited(&[event(1)]).with_once(Some(&once(1, 1)))).await.expect("keys");
    // As a service would: a new key with each attempt.
    let outcome = store
        .insert(&[key("alice", 3), key("alice", 4)], Commit::audited(&[event(9)]).with_once(Some(&once(1, 1))))
        .await;
    assert_eq!(replayed(outcome), "key_1");

    store
        .rotate(&rotation("alice", 2, 5), Commit::audited(&[event(2)]).with_once(Some(&once(2, 1))))
        .await
        .expect("a rotation");
    let outcome =
        store.rotate(&rotation("alice", 1, 6), Commit::audited(&[event(9)]).with_once(Some(&once(2, 1)))).await;
    assert_eq!(replayed(outcome), "key_5");

    store
        .sign_up(&sign_up("bob", &[], &[key("bob", 7)]), Commit::audited(&[event(3)]).with_once(Some(&once(3, 1))))
        .await
        .expect("a user");
    let outcome = store
        .sign_up(&sign_up("carol", &[], &[key("carol", 8)]), Commit::audited(&[event(9)]).with_once(Some(&once(3, 1))))
        .await;
    assert_eq!(replayed(outcome), "bob");

    for number in [3, 4, 6, 8] {
        assert_eq!(found(&store, &key("any", number)).await, None, "{number}");
    }
    assert_eq!(found(&store, &key("any", 1)).await.map(|found| found.key), Some(key("alice", 1)));
    assert_eq!(store.user(&user_id("carol")).await.expect("the store answers"), None);
    assert_eq!(trail(&store).await, [event(1), event(2), event(3)]);
}

/// Of any kind, and nothing is done.
pub async fn an_idempotency_key_is_of_one_request(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    store.insert(&[key("alice", 1)], Commit::default().with_once(Some(&once(1, 1)))).await.expect("a key");
    reused(store.insert(&[key("alice", 2)], Commit::audited(&[event(1)]).with_once(Some(&once(1, 2)))).await);
    reused(store.rotate(&rotation("alice", 1, 2), Commit::audited(&[event(1)]).with_once(Some(&once(1, 2)))).await);
    reused(store.sign_up(&sign_up("bob", &[], &[]), Commit::audited(&[event(1)]).with_once(Some(&once(1, 2)))).await);
    assert_eq!(store.keys(&user_id("alice")).await.expect("a list"), [key("alice", 1)]);
    assert_eq!(store.user(&user_id("bob")).await.expect("the store answers"), None);
    assert_eq!(trail(&store).await, []);
    assert_eq!(
        replayed(store.insert(&[key("alice", 2)], Commit::default().with_once(Some(&once(1, 1)))).await),
        "key_1"
    );
}

/// Down to the last byte.
pub async fn idempotency_keys_do_not_meet(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let (mut last, mut first) = (once(1, 1), once(1, 1));
    last.key[31] = 0;
    first.key[0] = 0;
    for (number, once) in (1..).zip([once(1, 1), last, first, once(0, 1)]) {
        store.insert(&[key("alice", number)], Commit::default().with_once(Some(&once))).await.expect("a key");
    }
}

/// The repeated request would be a conflict, or of a user or a key that is gone meanwhile.
pub async fn an_idempotency_key_is_looked_at_first(store: impl Store) {
    store
        .sign_up(&sign_up("alice", &[], &[key("alice", 1)]), Commit::default().with_once(Some(&once(1, 1))))
        .await
        .expect("a user");
    store.insert(&[key("alice", 2)], Commit::default().with_once(Some(&once(2, 1)))).await.expect("a key");
    store.rotate(&rotation("alice", 1, 3), Commit::default().with_once(Some(&once(3, 1)))).await.expect("a rotation");
    for _ in 0..2 {
        let outcome = store
            .sign_up(&sign_up("alice", &[], &[key("alice", 1)]), Commit::default().with_once(Some(&once(1, 1))))
            .await;
        assert_eq!(replayed(outcome), "alice");
        assert_eq!(
            replayed(store.insert(&[key("alice", 2)], Commit::default().with_once(Some(&once(2, 1)))).await),
            "key_2"
        );
        assert_eq!(
            replayed(store.rotate(&rotation("alice", 1, 3), Commit::default().with_once(Some(&once(3, 1)))).await),
            "key_3"
        );
        reused(store.insert(&[key("alice", 2)], Commit::default().with_once(Some(&once(2, 2)))).await);
        reused(store.rotate(&rotation("alice", 1, 3), Commit::default().with_once(Some(&once(3, 2)))).await);
        store.remove_user(&user_id("alice")).await.expect("the store answers");
    }
}

/// The next request with that idempotency key is carried out, whatever it asks for.
pub async fn a_change_that_fails_leaves_no_idempotency_key(store: impl Store) {
    store.sign_up(&sign_up("bob", &[], &[key("bob", 1)]), Commit::default()).await.expect("a user");
    let once: [IdempotencyRecord; 5] = [once(1, 1), once(2, 1), once(3, 1), once(4, 1), once(5, 1)];
    store.insert(&[key("nobody", 2)], Commit::default().with_once(Some(&once[0]))).await.expect_err("no such user");
    store
        .insert(&[key("bob", 2), key("bob", 1)], Commit::default().with_once(Some(&once[1])))
        .await
        .expect_err("a conflict");
    store
        .sign_up(&sign_up("carol", &[], &[key("carol", 1)]), Commit::default().with_once(Some(&once[2])))
        .await
        .expect_err("a conflict");
    store.rotate(&rotation("bob", 9, 2), Commit::default().with_once(Some(&once[3]))).await.expect_err("no such key");
    store.rotate(&rotation("bob", 1, 1), Commit::default().with_once(Some(&once[4]))).await.expect_err("a conflict");
    for (number, once) in (10..).zip(once) {
        let another = IdempotencyRecord { request: [9; 32], ..once };
        store.insert(&[key("bob", number)], Commit::default().with_once(Some(&another))).await.expect("a key");
    }
}
