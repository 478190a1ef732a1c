//! Cases of a store that cannot be reached. An outage is ours, and says so.

use std::time::Duration;

use remint_core::{ReplayStore, UnavailableKind};

use super::{MINUTE, NOON, first_use, replay_key};

/// Neither "first" nor "used before": of a key that was used, that was never used, or whose end has
/// come.
pub async fn an_outage_is_never_an_answer(store: impl ReplayStore, cut: impl AsyncFnOnce()) {
    assert!(first_use(&store, replay_key(1), NOON).await);
    cut().await;
    let after = NOON.saturating_add(Duration::from_secs(24 * 3600));
    for (number, now) in [(1, NOON), (2, NOON), (1, after), (3, after), (2, NOON)] {
        let outcome = store.first_use(replay_key(number), now, now.saturating_add(MINUTE)).await;
        let out = matches!(&outcome, Err(unavailable) if unavailable.kind() != UnavailableKind::Internal);
        assert!(out, "key {number}: {outcome:?}");
    }
}
