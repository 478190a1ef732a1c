//! Cases of many callers at once. They need a runtime of several threads.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use remint_core::{FoundKey, StoreError, Timestamp};

use super::{Plain as _, Store, found, key, user, user_id};

pub(super) const CALLERS: u32 = 16;

/// Runs so many calls at once and gathers what they return.
pub(super) async fn at_once<T, F>(call: impl Fn(u32) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let tasks: Vec<_> = (0..CALLERS).map(|number| tokio::spawn(call(number))).collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.expect("a call that does not panic"));
    }
    outcomes
}

fn wins(outcomes: &[Result<(), StoreError>]) -> usize {
    for outcome in outcomes {
        assert!(matches!(outcome, Ok(()) | Err(StoreError::Conflict)), "{outcome:?}");
    }
    outcomes.iter().filter(|outcome| outcome.is_ok()).count()
}

/// One `Ok`, conflicts for the rest, and the one that was told so is the one that is there.
pub async fn of_many_keys_with_one_digest_one_is_kept(store: impl Store) {
    let store = Arc::new(store);
    store.insert_user(&user("alice")).await.expect("a user");
    let outcomes = at_once(|number| {
        let (store, mut key) = (store.clone(), key("alice", number));
        key.digest = self::key("alice", 0).digest;
        async move { store.insert_key(&key).await }
    })
    .await;
    assert_eq!(wins(&outcomes), 1);
    let winner = (0..).zip(&outcomes).find(|(_, outcome)| outcome.is_ok()).map(|(number, _)| key("alice", number).id);
    assert_eq!(found(&*store, &key("alice", 0)).await.map(|found| found.key.id), winner);
    assert_eq!(store.keys(&user_id("alice")).await.expect("a list").len(), 1);
}

/// One `Ok`, conflicts for the rest.
pub async fn of_many_users_with_one_id_one_is_kept(store: impl Store) {
    let store = Arc::new(store);
    let outcomes = at_once(|number| {
        let (store, mut user) = (store.clone(), user("alice"));
        user.created_at = Timestamp::from_secs(number.into());
        async move { store.insert_user(&user).await }
    })
    .await;
    assert_eq!(wins(&outcomes), 1);
    let winner = (0..).zip(&outcomes).find(|(_, outcome)| outcome.is_ok()).map(|(at, _)| Timestamp::from_secs(at));
    let kept = store.user(&user_id("alice")).await.expect("the store answers");
    assert_eq!(kept.map(|user| user.created_at), winner);
}

/// Whatever comes first: a key inserted while its user is deleted is gone with them, or refused.
pub async fn no_key_outlives_its_user(store: impl Store) {
    let store = Arc::new(store);
    for round in 0..20 {
        store.insert_user(&user("alice")).await.expect("a user");
        let outcomes = at_once(|number| {
            let (store, key) = (store.clone(), key("alice", round * CALLERS + number));
            async move {
                if number == CALLERS / 2 {
                    assert!(store.remove_user(&user_id("alice")).await.expect("the store answers"));
                    Ok(())
                } else {
                    store.insert_key(&key).await
                }
            }
        })
        .await;
        for (number, outcome) in (0..).zip(outcomes) {
            assert!(matches!(outcome, Ok(()) | Err(StoreError::UnknownUser)), "{outcome:?}");
            assert_eq!(found(&*store, &key("alice", round * CALLERS + number)).await, None);
        }
        assert_eq!(store.keys(&user_id("alice")).await.expect("a list"), []);
    }
}

/// Whichever connection they read through.
pub async fn every_reader_sees_an_acknowledged_revocation(store: impl Store) {
    let store = Arc::new(store);
    store.insert_user(&user("alice")).await.expect("a user");
    for round in 0..10 {
        store.insert_key(&key("alice", round)).await.expect("a key");
        let before = readers(&store, round).await;
        assert!(before.iter().all(|found| found.key.revoked_at.is_none()));
        store.revoke_key(&key("alice", round).id, Timestamp::from_secs(1)).await.expect("the store answers");
        let after = readers(&store, round).await;
        assert!(after.iter().all(|found| found.key.revoked_at.is_some()));
    }
}

/// Whichever connection they read through.
pub async fn every_reader_sees_a_disabled_user(store: impl Store) {
    let store = Arc::new(store);
    store.insert_user(&user("alice")).await.expect("a user");
    store.insert_key(&key("alice", 1)).await.expect("a key");
    for round in 0..20 {
        let enabled = round % 2 == 1;
        store.set_enabled(&user_id("alice"), enabled).await.expect("the store answers");
        assert!(readers(&store, 1).await.iter().all(|found| found.user.enabled == enabled));
    }
}

async fn readers(store: &Arc<impl Store>, number: u32) -> Vec<FoundKey> {
    at_once(|_| {
        let store = store.clone();
        async move { found(&*store, &key("alice", number)).await.expect("the key") }
    })
    .await
}

/// All callers are told the same moment, and it is the one that stays.
pub async fn concurrent_revocations_agree_on_one_moment(store: impl Store) {
    let store = Arc::new(store);
    store.insert_user(&user("alice")).await.expect("a user");
    store.insert_key(&key("alice", 1)).await.expect("a key");
    let told = at_once(|number| {
        let store = store.clone();
        async move {
            let at = Timestamp::from_secs(1_000 + u64::from(number));
            store.revoke_key(&key("alice", 1).id, at).await.expect("the store answers").expect("the key").revoked_at
        }
    })
    .await;
    let kept = found(&*store, &key("alice", 1)).await.expect("the key").key.revoked_at;
    assert!(kept.is_some() && told.iter().all(|at| *at == kept), "{told:?} {kept:?}");
}

/// Batches that overlap, in any order.
pub async fn concurrent_uses_settle_on_the_latest(store: impl Store) {
    let store = Arc::new(store);
    store.insert_user(&user("alice")).await.expect("a user");
    for number in 0..3 {
        store.insert_key(&key("alice", number)).await.expect("a key");
    }
    at_once(|caller| {
        let store = store.clone();
        async move {
            let at = Timestamp::from_secs(u64::from(CALLERS - caller));
            // Each caller in another order, which is how batches run into each other.
            let batch: Vec<_> = (0..3).map(|step| (key("alice", (caller + step) % 3).id, at)).collect();
            store.record_last_used(&batch).await.expect("the store answers");
        }
    })
    .await;
    for number in 0..3 {
        let found = found(&*store, &key("alice", number)).await.expect("the key");
        assert_eq!(found.key.last_used_at, Some(Timestamp::from_secs(CALLERS.into())));
    }
}

/// A caller who goes away in the middle: the call is done or it is not, and the store goes on.
pub async fn a_dropped_call_leaves_the_store_whole(store: impl Store) {
    for round in 0..30 {
        let name = format!("user {round}");
        let (new, key, at) = (user(&name), key(&name, round), Timestamp::from_secs(1));
        polled(store.insert_user(&new), round % 5).await;
        let _ = store.insert_user(&new).await;
        polled(store.insert_key(&key), round % 7).await;
        let _ = store.insert_key(&key).await;
        polled(store.record_last_used(&[(key.id.clone(), at)]), round % 3).await;
        polled(store.revoke_key(&key.id, at), round % 4).await;
        polled(store.find(&key.digest), round % 5).await;
        polled(store.keys(&key.user), round % 3).await;
        let before = found(&store, &key).await.expect("inserted by the first call or the second");
        assert_eq!((&before.key.id, before.user), (&key.id, new));
        polled(store.remove_user(&key.user), round % 6).await;
        // In this order: a deletion may well go on behind the caller's back.
        let user = store.user(&key.user).await.expect("the store answers");
        let listed = store.keys(&key.user).await.expect("a list");
        assert!(user.is_some() || listed.is_empty(), "half of a deletion");
        store.remove_user(&key.user).await.expect("the store answers");
        assert_eq!(found(&store, &key).await, None);
    }
}

/// Polls a call at most so many times and drops it.
async fn polled(call: impl Future, times: u32) {
    let mut call = pin!(call);
    for _ in 0..times {
        if call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            break;
        }
        tokio::task::yield_now().await;
    }
}
