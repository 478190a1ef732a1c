//! Cases of moments. After the end a key may be forgotten or not: a store that goes by its server's
//! time passes as well.

use std::time::Duration;

use remint_core::{Clock as _, ReplayStore, Timestamp};

use super::{MINUTE, NOON, first_use, replay_key};
use crate::ManualClock;

const MILLISECOND: Duration = Duration::from_millis(1);

/// To the last millisecond before it.
pub async fn a_use_is_remembered_until_its_end(store: impl ReplayStore) {
    let clock = ManualClock::at(NOON);
    assert!(first_use(&store, replay_key(1), clock.now()).await);
    for moment in [MILLISECOND, MINUTE / 2, MINUTE.saturating_sub(MILLISECOND)] {
        clock.set(NOON.saturating_add(moment));
        assert!(!first_use(&store, replay_key(1), clock.now()).await, "after {moment:?}");
    }
}

/// Whichever of them comes first.
pub async fn each_use_has_an_end_of_its_own(store: impl ReplayStore) {
    let clock = ManualClock::at(NOON);
    for (number, minutes) in [(1, 1), (2, 60), (3, 1), (4, 30)] {
        let until = clock.now().saturating_add(MINUTE * minutes);
        assert!(store.first_use(replay_key(number), clock.now(), until).await.expect("the store answers"));
    }
    clock.advance(MINUTE * 20);
    for number in 10..200 {
        assert!(first_use(&store, replay_key(number), clock.now()).await);
    }
    assert!(!first_use(&store, replay_key(4), clock.now()).await);
    clock.advance(MINUTE * 40 - MILLISECOND);
    assert!(!first_use(&store, replay_key(2), clock.now()).await);
}

/// Whatever end it names: one that is nearer, or one that has come.
pub async fn a_replay_brings_the_end_no_nearer(store: impl ReplayStore) {
    let clock = ManualClock::at(NOON);
    assert!(first_use(&store, replay_key(1), clock.now()).await);
    for until in [NOON.saturating_add(MILLISECOND), NOON, NOON.saturating_sub(MINUTE)] {
        assert!(!store.first_use(replay_key(1), NOON, until).await.expect("the store answers"), "{until:?}");
    }
    clock.advance(MINUTE - MILLISECOND);
    assert!(!first_use(&store, replay_key(1), clock.now()).await);
}

/// Also further than a signed integer holds.
pub async fn an_end_may_be_as_far_as_there_is(store: impl ReplayStore) {
    let signed = u64::try_from(i64::MAX).expect("a positive number");
    let ends = [Timestamp::MAX, Timestamp::from_millis(signed), Timestamp::from_millis(signed + 1)];
    for (number, until) in (1..).zip(ends) {
        assert!(store.first_use(replay_key(number), NOON, until).await.expect("the store answers"));
    }
    for years in [0, 1, 1_000] {
        let now = NOON.saturating_add(Duration::from_secs(years * 365 * 24 * 3600));
        for number in 1..=3 {
            assert!(!first_use(&store, replay_key(number), now).await, "end {number}, after {years} years");
        }
    }
}

/// What was used in its future was used all the same.
pub async fn a_clock_that_is_set_back_forgets_nothing(store: impl ReplayStore) {
    let clock = ManualClock::at(NOON);
    assert!(first_use(&store, replay_key(1), clock.now()).await);
    for back in [MILLISECOND, MINUTE * 5, MINUTE * 60 * 24] {
        clock.set(NOON.saturating_sub(back));
        assert!(!first_use(&store, replay_key(1), clock.now()).await, "{back:?} before");
    }
    clock.set(NOON.saturating_add(MINUTE / 2));
    assert!(!first_use(&store, replay_key(1), clock.now()).await);
}
