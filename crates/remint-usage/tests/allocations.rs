//! A request of a caller who was seen since the last flush allocates nothing. One test, in a process of
//! its own: its allocator counts.

use std::sync::Arc;

use async_trait::async_trait;
use remint_core::{
    CredentialRef, Environment, Identity, KeyId, Page, SystemClock, Unavailable, UsageBatch, UsageFilter, UsageKey,
    UsageRow, UsageStore,
};
use remint_usage::{Meter, Units};

#[derive(Debug)]
struct Nowhere;

#[async_trait]
impl UsageStore for Nowhere {
    async fn add_usage(&self, _: &UsageBatch) -> Result<(), Unavailable> {
        Ok(())
    }

    async fn usage(&self, _: &UsageFilter, _: Page<UsageKey>) -> Result<Vec<UsageRow>, Unavailable> {
        unreachable!("a meter only writes")
    }
}

#[tokio::test]
async fn a_caller_who_was_seen_is_counted_without_an_allocation() {
    let meter = Meter::new(Arc::new(Nowhere), SystemClock);
    let credential = CredentialRef::ApiKey { id: KeyId::new("key_1").unwrap() };
    let client = "key_1".parse().unwrap();
    let alice = Arc::new(Identity::new("alice".parse().unwrap(), Environment::Live, client, credential));
    let count = || {
        allocation_counter::measure(|| {
            for _ in 0..100 {
                meter.record(&alice, 1);
                meter.begin(&alice).report(Units(3));
            }
        })
        .count_total
    };
    assert!(count() > 0, "the first request makes a place");
    assert_eq!(count(), 0);
    meter.flush().await.unwrap();
    assert_eq!(count(), 0, "who is active keeps the place beyond a flush");
}
