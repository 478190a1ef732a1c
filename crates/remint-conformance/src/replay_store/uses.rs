//! Cases of one caller.

use remint_core::{ReplayKey, ReplayStore};

use super::{NOON, first_use, replay_key};

/// However often it comes.
pub async fn only_the_first_use_is_the_first(store: impl ReplayStore) {
    for number in [1, 2] {
        assert!(first_use(&store, replay_key(number), NOON).await, "key {number}");
        for time in 2..6 {
            assert!(!first_use(&store, replay_key(number), NOON).await, "key {number}, use {time}");
        }
    }
}

/// Every byte counts, whatever it is: none ends a name, and none is a blank.
pub async fn keys_that_differ_in_one_bit_are_two(store: impl ReplayStore) {
    let mut keys = vec![[0; 32], [0xff; 32], [b' '; 32]];
    for place in 0..32 {
        let mut key = [0; 32];
        key[place] = 1 << (place % 8);
        keys.push(key);
    }
    for first in [true, false] {
        for key in &keys {
            assert_eq!(first_use(&store, ReplayKey(*key), NOON).await, first, "{key:?}");
        }
    }
}

/// Not for what is new, and not for what is used more often.
pub async fn nothing_is_forgotten_for_what_comes_after_it(store: impl ReplayStore) {
    const MANY: u32 = 500;
    for number in 0..MANY {
        assert!(first_use(&store, replay_key(number), NOON).await, "key {number}");
        assert!(!first_use(&store, replay_key(number / 2), NOON).await, "key {}", number / 2);
    }
    for number in 0..MANY {
        assert!(!first_use(&store, replay_key(number), NOON).await, "key {number}");
    }
}
