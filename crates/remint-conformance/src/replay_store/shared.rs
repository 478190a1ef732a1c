//! Cases of a store that several nodes share.

use remint_core::ReplayStore;

use super::{MINUTE, NOON, first_use, replay_key};

/// By five minutes at most: what one of them would forget, another would let pass again.
pub async fn a_node_whose_clock_is_ahead_forgets_nothing_of_the_others(store: impl ReplayStore) {
    assert!(first_use(&store, replay_key(0), NOON).await);
    let ahead = NOON.saturating_add(MINUTE * 5);
    for number in 1..300 {
        assert!(first_use(&store, replay_key(number), ahead).await);
    }
    for late in [MINUTE / 60, MINUTE / 2] {
        assert!(!first_use(&store, replay_key(0), NOON.saturating_add(late)).await, "after {late:?}");
    }
}
