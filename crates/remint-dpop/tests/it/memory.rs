//! The store of one process.

use std::time::Duration;

use remint_core::{ReplayKey, ReplayStore, Timestamp};
use remint_dpop::MemoryReplays;

remint_conformance::replay_store_suite!(async || (MemoryReplays::new(2_000), ()));
remint_conformance::replay_store_bound_suite!(async || (MemoryReplays::new(20), 20));

fn key(number: u32) -> ReplayKey {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    ReplayKey(bytes)
}

/// Its first end is still being forgotten then, since that is done a few at a time.
#[tokio::test]
async fn what_was_used_again_after_its_end_is_remembered_until_its_second_end() {
    let (store, at) = (MemoryReplays::new(200), Timestamp::from_secs);
    for number in 0..100 {
        assert!(store.first_use(key(number), at(0), at(10)).await.unwrap());
    }
    assert!(store.first_use(key(99), at(10), at(20)).await.unwrap());
    for number in 100..110 {
        assert!(store.first_use(key(number), at(11), at(12)).await.unwrap());
    }
    assert!(!store.first_use(key(99), at(19), at(29)).await.unwrap());
}

#[tokio::test]
async fn room_comes_back_as_fast_as_it_is_needed() {
    let (store, minute) = (MemoryReplays::new(100), Duration::from_secs(60));
    let mut now = Timestamp::from_secs(1_000);
    for round in 0..20_u32 {
        for number in 0..100 {
            assert!(store.first_use(key(round * 100 + number), now, now.saturating_add(minute)).await.unwrap());
        }
        assert!(store.first_use(key(u32::MAX), now, now.saturating_add(minute)).await.is_err());
        now = now.saturating_add(minute);
    }
}
