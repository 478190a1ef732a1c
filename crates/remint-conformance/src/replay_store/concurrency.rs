//! Cases of many callers at once.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use remint_core::{ReplayStore, Timestamp};
use tokio::sync::Barrier;

use super::{MINUTE, NOON, first_use, replay_key};

const CALLERS: u32 = 8;
const ROUNDS: u32 = 30;
const DAY: Duration = Duration::from_secs(24 * 3600);

/// No more and no fewer.
pub async fn of_many_uses_at_once_one_is_the_first(store: impl ReplayStore) {
    let store = Arc::new(store);
    for round in 0..ROUNDS {
        assert_eq!(firsts(&store, move |_| round, NOON).await, 1, "round {round}");
    }
}

/// A key that may be forgotten is not forgotten twice.
pub async fn of_many_uses_after_the_end_one_at_most_is_the_first(store: impl ReplayStore) {
    let store = Arc::new(store);
    for round in 0..ROUNDS {
        assert!(first_use(&*store, replay_key(round), NOON).await);
    }
    let after = NOON.saturating_add(DAY);
    for round in 0..ROUNDS {
        assert!(firsts(&store, move |_| round, after).await <= 1, "round {round}");
    }
}

/// Each caller with a key of its own is the first.
pub async fn keys_do_not_stand_in_each_others_way(store: impl ReplayStore) {
    let store = Arc::new(store);
    for round in 0..ROUNDS {
        let all = firsts(&store, move |caller| round * CALLERS + caller, NOON).await;
        assert_eq!(all, CALLERS, "round {round}");
    }
}

/// It is remembered when it is answered, for every caller and on every connection.
pub async fn who_comes_after_the_answer_is_not_the_first(store: impl ReplayStore) {
    let store = Arc::new(store);
    for round in 0..ROUNDS {
        assert!(first_use(&*store, replay_key(round), NOON).await);
        assert_eq!(firsts(&store, move |_| round, NOON).await, 0, "round {round}");
    }
}

/// A caller who goes away in the middle: the call was made or it was not.
pub async fn a_dropped_call_leaves_no_second_first_use(store: impl ReplayStore) {
    let store = Arc::new(store);
    for round in 0..ROUNDS {
        let told = polled(first_use(&*store, replay_key(round), NOON), round % 6).await;
        assert!(u32::from(told) + firsts(&store, move |_| round, NOON).await <= 1, "round {round}");
        assert!(!first_use(&*store, replay_key(round), NOON).await, "round {round}");
    }
}

/// How many of the callers at once are told that they are the first, each with the key of a number.
async fn firsts(store: &Arc<impl ReplayStore>, number: impl Fn(u32) -> u32, now: Timestamp) -> u32 {
    let start = Arc::new(Barrier::new(CALLERS as usize));
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let (store, start, key) = (Arc::clone(store), Arc::clone(&start), replay_key(number(caller)));
            tokio::spawn(async move {
                start.wait().await;
                store.first_use(key, now, now.saturating_add(MINUTE)).await.expect("the store answers")
            })
        })
        .collect();
    let mut firsts = 0;
    for caller in callers {
        firsts += u32::from(caller.await.expect("a caller that does not panic"));
    }
    firsts
}

/// Polls a call at most so many times and drops it: whether it was told that it is the first.
async fn polled(call: impl Future<Output = bool>, times: u32) -> bool {
    let mut call = pin!(call);
    for _ in 0..times {
        if let Poll::Ready(first) = call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return first;
        }
        tokio::task::yield_now().await;
    }
    false
}
