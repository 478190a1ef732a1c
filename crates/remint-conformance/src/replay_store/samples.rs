use std::time::Duration;

use remint_core::{ReplayKey, ReplayStore, Timestamp};

/// The moment that the cases begin at.
pub const NOON: Timestamp = Timestamp::from_secs(1_767_268_800);

/// How long a use is remembered unless the case says otherwise.
pub const MINUTE: Duration = Duration::from_secs(60);

/// A key that follows from its number.
#[must_use]
pub fn replay_key(number: u32) -> ReplayKey {
    let mut bytes = [0xa7; 32];
    bytes[28..].copy_from_slice(&number.to_be_bytes());
    ReplayKey(bytes)
}

/// Whether it is the first use at this moment, to be remembered for a [`MINUTE`].
pub async fn first_use(store: &impl ReplayStore, key: ReplayKey, now: Timestamp) -> bool {
    store.first_use(key, now, now.saturating_add(MINUTE)).await.expect("the store answers")
}
