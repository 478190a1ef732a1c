//! Cases of a store that has room for a number of keys.

use std::time::Duration;

use remint_core::{ReplayStore, Unavailable};

use super::{MINUTE, NOON, replay_key};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Uses keys until there is no room for one more, and returns how many there was room for.
async fn fill(store: &impl ReplayStore, room: u32) -> u32 {
    let mut full = 0;
    while let Ok(first) = ask(store, full).await {
        assert!(first, "key {full}");
        full += 1;
        assert!(full <= room, "there was room for more than {room} keys");
    }
    full
}

async fn ask(store: &impl ReplayStore, number: u32) -> Result<bool, Unavailable> {
    store.first_use(replay_key(number), NOON, NOON.saturating_add(MINUTE)).await
}

/// However often it is tried.
pub async fn what_has_no_room_is_an_error(store: impl ReplayStore, room: u32) {
    let full = fill(&store, room).await;
    assert!(full > 0, "there is room for something");
    for _ in 0..3 {
        let outcome = ask(&store, full).await;
        assert!(outcome.is_err(), "{outcome:?}");
    }
}

/// And says of what it remembers that it was used.
pub async fn a_full_store_forgets_nothing(store: impl ReplayStore, room: u32) {
    let full = fill(&store, room).await;
    for number in full..full + room {
        let outcome = ask(&store, number).await;
        assert!(!matches!(outcome, Ok(false)), "key {number} was never used: {outcome:?}");
    }
    for number in 0..full {
        let outcome = ask(&store, number).await;
        assert!(matches!(outcome, Ok(false)), "key {number}: {outcome:?}");
    }
}

/// For as many as before.
pub async fn what_has_ended_makes_room(store: impl ReplayStore, room: u32) {
    let full = fill(&store, room).await;
    let now = NOON.saturating_add(DAY);
    for number in full..full * 2 {
        let outcome = store.first_use(replay_key(number), now, now.saturating_add(MINUTE)).await;
        assert!(matches!(outcome, Ok(true)), "key {number}: {outcome:?}");
    }
}
