//! Cases of moments: what holds until one, and not at it.

use std::time::Duration;

use remint_core::{Commit, IdempotencyRecord, StoreError, Timestamp};

use super::onces::replayed;
use super::{MORNING, Plain as _, Store, found, key, once, rotation, sign_up, user};

const A_MILLISECOND: Duration = Duration::from_millis(1);

fn asked(request: u8, at: Timestamp) -> IdempotencyRecord {
    IdempotencyRecord { at, ..once(1, request) }
}

/// To the millisecond; from then on the later request is the one that is remembered.
pub async fn a_request_is_forgotten_after_a_day(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let evening = MORNING.saturating_add(IdempotencyRecord::KEPT);
    store.insert(&[key("alice", 1)], Commit::default().with_once(Some(&asked(1, MORNING)))).await.expect("a key");
    let just_before = asked(1, evening.saturating_sub(A_MILLISECOND));
    assert_eq!(
        replayed(store.insert(&[key("alice", 2)], Commit::default().with_once(Some(&just_before))).await),
        "key_1"
    );
    store.insert(&[key("alice", 3)], Commit::default().with_once(Some(&asked(2, evening)))).await.expect("a key");
    let next_day = asked(2, evening.saturating_add(IdempotencyRecord::KEPT).saturating_sub(A_MILLISECOND));
    assert_eq!(replayed(store.insert(&[key("alice", 4)], Commit::default().with_once(Some(&next_day))).await), "key_3");
    let outcome = store.insert(&[key("alice", 4)], Commit::default().with_once(Some(&asked(1, next_day.at)))).await;
    assert!(matches!(outcome, Err(StoreError::IdempotencyKeyReused)), "{outcome:?}");
}

/// Each of the three that remember.
pub async fn every_kind_of_request_is_forgotten_after_a_day(store: impl Store) {
    let once = |number| IdempotencyRecord { at: MORNING, ..once(number, 1) };
    let later = |number| IdempotencyRecord { at: MORNING.saturating_add(IdempotencyRecord::KEPT), ..once(number) };
    store
        .sign_up(&sign_up("alice", &[], &[key("alice", 1)]), Commit::default().with_once(Some(&once(1))))
        .await
        .expect("a user");
    store.sign_up(&sign_up("bob", &[], &[]), Commit::default().with_once(Some(&later(1)))).await.expect("a user");
    store.rotate(&rotation("alice", 1, 2), Commit::default().with_once(Some(&once(2)))).await.expect("a rotation");
    store.rotate(&rotation("alice", 2, 3), Commit::default().with_once(Some(&later(2)))).await.expect("a rotation");
    assert_eq!(
        replayed(store.rotate(&rotation("alice", 3, 4), Commit::default().with_once(Some(&later(2)))).await),
        "key_3"
    );
}

/// A node whose clock is behind does not do it again.
pub async fn a_clock_that_is_behind_forgets_nothing(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    store.insert(&[key("alice", 1)], Commit::default().with_once(Some(&asked(1, MORNING)))).await.expect("a key");
    for at in [MORNING.saturating_sub(IdempotencyRecord::KEPT * 2), Timestamp::from_secs(0)] {
        assert_eq!(
            replayed(store.insert(&[key("alice", 2)], Commit::default().with_once(Some(&asked(1, at)))).await),
            "key_1"
        );
    }
}

/// At its end it has ended; a moment before it has not.
pub async fn a_key_at_its_end_is_not_rotated(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let mut ending = key("alice", 1);
    let end = rotation("alice", 1, 2).new.created_at;
    ending.expires_at = Some(end);
    store.insert_key(&ending).await.expect("a key");
    for at in [end, end.saturating_add(A_MILLISECOND), Timestamp::MAX] {
        let mut late = rotation("alice", 1, 2);
        late.new.created_at = at;
        let outcome = store.rotate(&late, Commit::default()).await;
        assert!(matches!(outcome, Err(StoreError::Ended)), "{outcome:?}");
    }
    assert_eq!(found(&store, &key("alice", 2)).await, None);
    assert_eq!(found(&store, &ending).await.map(|found| found.key).as_ref(), Some(&ending));
    let mut in_time = rotation("alice", 1, 2);
    in_time.new.created_at = end.saturating_sub(A_MILLISECOND);
    store.rotate(&in_time, Commit::default()).await.expect("a rotation");
}

/// Expired ones are found too: the caller tells them apart.
pub async fn a_key_is_found_after_its_end(store: impl Store) {
    store.insert_user(&user("alice")).await.expect("a user");
    let mut ended = key("alice", 1);
    ended.expires_at = Some(Timestamp::from_millis(1));
    store.insert_key(&ended).await.expect("a key");
    assert_eq!(found(&store, &ended).await.map(|found| found.key).as_ref(), Some(&ended));
    assert_eq!(store.key(&ended.id).await.expect("the store answers").as_ref(), Some(&ended));
    assert_eq!(store.keys(&ended.user).await.expect("a list"), [ended]);
}
