//! What every [`SharedTier`] must do. A case gets an empty tier and the clock it goes by.

use std::time::Duration;

use remint_core::{SharedKey, SharedTier};

use crate::ManualClock;

/// Stamps a test for each case of the suite; `$make` builds an empty tier that goes by the
/// [`ManualClock`](crate::ManualClock) it is given.
#[macro_export]
macro_rules! shared_tier_suite {
    ($make:expr) => {
        mod shared_tier_suite {
            use super::*;

            $crate::shared_tier_suite!(@ $make, what_was_put_comes_back_whole, absence_is_none,
                a_value_is_gone_when_its_time_is_over, the_last_put_wins, removing_is_idempotent);
        }
    };
    (@ $make:expr, $($case:ident),*) => {
        $(
            #[tokio::test]
            async fn $case() {
                let (make, clock) = ($make, $crate::ManualClock::default());
                $crate::shared_tier::$case(make(clock.clone()), clock).await;
            }
        )*
    };
}

const MINUTE: Duration = Duration::from_secs(60);

const fn key(byte: u8) -> SharedKey {
    SharedKey([byte; 32])
}

/// Bytes come back as they were put, and under their own key only.
pub async fn what_was_put_comes_back_whole(tier: impl SharedTier, _: ManualClock) {
    let value: Vec<u8> = (0..=255).collect();
    tier.put(&key(1), value.clone(), MINUTE).await.expect("put");
    tier.put(&key(2), vec![2], MINUTE).await.expect("put");
    assert_eq!(tier.get(&key(1)).await.expect("get"), Some(value));
    assert_eq!(tier.get(&key(2)).await.expect("get"), Some(vec![2]));
}

/// A key that was never put is absent.
pub async fn absence_is_none(tier: impl SharedTier, _: ManualClock) {
    assert_eq!(tier.get(&key(1)).await.expect("get"), None);
}

/// A value is gone at the end of its time to live.
pub async fn a_value_is_gone_when_its_time_is_over(tier: impl SharedTier, clock: ManualClock) {
    tier.put(&key(1), vec![1], MINUTE).await.expect("put");
    clock.advance(MINUTE);
    assert_eq!(tier.get(&key(1)).await.expect("get"), None);
}

/// A second put replaces value and time to live.
pub async fn the_last_put_wins(tier: impl SharedTier, clock: ManualClock) {
    tier.put(&key(1), vec![1], MINUTE).await.expect("put");
    clock.advance(MINUTE / 2);
    tier.put(&key(1), vec![2], MINUTE).await.expect("put");
    clock.advance(MINUTE / 2);
    assert_eq!(tier.get(&key(1)).await.expect("get"), Some(vec![2]));
}

/// Removing works, twice too.
pub async fn removing_is_idempotent(tier: impl SharedTier, _: ManualClock) {
    tier.put(&key(1), vec![1], MINUTE).await.expect("put");
    tier.remove(&key(1)).await.expect("remove");
    tier.remove(&key(1)).await.expect("remove");
    assert_eq!(tier.get(&key(1)).await.expect("get"), None);
}
