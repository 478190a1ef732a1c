//! What is counted, what is written, and what a failure or a kill can lose.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{HashMap, HashSet};
use std::future::{pending, ready};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use remint_core::{
    CredentialRef, Day, Environment, Identity, KeyId, Page, Unavailable, UnavailableKind, UsageBatch, UsageCount,
    UsageFilter, UsageKey, UsageRow, UsageStore,
};
use remint_testkit::ManualClock;
use remint_usage::{Meter, Units};

/// Keeps each batch once, by its id. It may lose its answer, fail, or hang.
#[derive(Debug, Default)]
struct Store {
    seen: Mutex<HashSet<[u8; 16]>>,
    account: Mutex<HashMap<UsageKey, UsageCount>>,
    batches: Mutex<Vec<UsageBatch>>,
    is_down: AtomicBool,
    loses_its_answer: AtomicBool,
    hangs: AtomicBool,
}

#[async_trait]
impl UsageStore for Store {
    async fn add_usage(&self, batch: &UsageBatch) -> Result<(), Unavailable> {
        if self.is_down.load(Ordering::SeqCst) {
            return Err(Unavailable::new(UnavailableKind::Store));
        }
        self.batches.lock().unwrap().push(batch.clone());
        if self.seen.lock().unwrap().insert(batch.id) {
            let mut account = self.account.lock().unwrap();
            for row in &batch.rows {
                let sum = account.entry(row.key.clone()).or_default();
                sum.requests += row.count.requests;
                sum.units = sum.units.saturating_add(row.count.units);
            }
        }
        if self.hangs.load(Ordering::SeqCst) {
            pending::<()>().await;
        }
        if self.loses_its_answer.load(Ordering::SeqCst) {
            return Err(Unavailable::new(UnavailableKind::Store));
        }
        Ok(())
    }

    async fn usage(&self, _: &UsageFilter, _: Page<UsageKey>) -> Result<Vec<UsageRow>, Unavailable> {
        unreachable!("the meter only writes")
    }
}

impl Store {
    fn total(&self) -> (u64, u64) {
        let account = self.account.lock().unwrap();
        account.values().fold((0, 0), |sum, count| (sum.0 + count.requests, sum.1 + count.units))
    }

    fn days(&self) -> Vec<(u32, u64, u64)> {
        let account = self.account.lock().unwrap();
        let mut days: Vec<_> = account.iter().map(|(key, count)| (key.day.0, count.requests, count.units)).collect();
        days.sort_unstable();
        days
    }
}

fn meter() -> (Meter, Arc<Store>, ManualClock) {
    let (store, clock) = (Arc::new(Store::default()), ManualClock::default());
    (Meter::new(Arc::<Store>::clone(&store), clock.clone()), store, clock)
}

fn by_key(subject: &str, key: &str) -> Arc<Identity> {
    let credential = CredentialRef::ApiKey { id: KeyId::new(key).unwrap() };
    Arc::new(Identity::new(subject.parse().unwrap(), Environment::Live, key.parse().unwrap(), credential))
}

fn by_token(subject: &str) -> Arc<Identity> {
    let issuer = "https://idp.example".parse().unwrap();
    let credential = CredentialRef::Jwt { issuer, subject: subject.parse().unwrap(), id: None, digest: None };
    Arc::new(Identity::new(subject.parse().unwrap(), Environment::Live, "web".parse().unwrap(), credential))
}

#[tokio::test]
async fn requests_are_counted_by_user_tenant_key_and_environment() {
    let (meter, store, _) = meter();
    let mut test = Identity::clone(&by_key("alice", "key_2"));
    test.environment = Environment::Test;
    test.tenant = Some("acme".parse().unwrap());
    for identity in [by_key("alice", "key_1"), by_key("alice", "key_2"), Arc::new(test), by_token("alice")] {
        meter.record(&identity, 1);
        meter.record(&identity, 3);
    }
    // The same caller behind another address, as another thread of the cache has it.
    meter.record(&by_key("alice", "key_1"), 1);
    meter.flush().await.unwrap();

    let account = store.account.lock().unwrap();
    let mut counts: Vec<_> = account
        .iter()
        .map(|(key, count)| {
            let id = key.key.as_ref().map(KeyId::as_str);
            (key.tenant.is_some(), id, key.environment == Environment::Test, count.requests, count.units)
        })
        .collect();
    counts.sort_unstable();
    assert_eq!(
        counts,
        [
            (false, None, false, 2, 4),
            (false, Some("key_1"), false, 3, 5),
            (false, Some("key_2"), false, 2, 4),
            (true, Some("key_2"), true, 2, 4),
        ]
    );
}

#[tokio::test]
async fn no_request_writes_and_an_idle_flush_writes_nothing() {
    let (meter, store, _) = meter();
    let alice = by_key("alice", "key_1");
    (0..1000).for_each(|_| meter.record(&alice, 1));
    assert_eq!(store.batches.lock().unwrap().len(), 0);
    meter.flush().await.unwrap();
    meter.flush().await.unwrap();
    assert_eq!(store.batches.lock().unwrap().len(), 1);
    assert_eq!(store.total(), (1000, 1000));
}

#[tokio::test]
async fn the_day_is_the_requests_and_not_the_flushs() {
    let (meter, store, clock) = meter();
    let (alice, today) = (by_key("alice", "key_1"), Day::of(remint_core::Clock::now(&clock)).0);
    clock.advance(Duration::from_secs(24 * 3600 - 1));
    meter.record(&alice, 1);
    let running = meter.begin(&alice);
    clock.advance(Duration::from_secs(1));
    meter.record(&alice, 1);
    running.report(Units(7));
    meter.flush().await.unwrap();
    assert_eq!(store.days(), [(today, 2, 8), (today + 1, 1, 1)]);
}

#[tokio::test]
async fn a_request_counts_when_it_begins_and_its_units_when_they_are_known() {
    let (meter, store, clock) = meter();
    let alice = by_key("alice", "key_1");
    let reported = meter.begin(&alice);
    let dropped = meter.begin(&alice);
    meter.flush().await.unwrap();
    assert_eq!(store.total(), (2, 0));
    // Days and flushes go by while it runs.
    clock.advance(Duration::from_secs(48 * 3600));
    meter.record(&alice, 1);
    meter.flush().await.unwrap();
    meter.flush().await.unwrap();
    reported.report(Units(5));
    drop(dropped);
    meter.flush().await.unwrap();
    assert_eq!(store.total(), (3, 7));
    let none = meter.begin(&alice);
    none.report(Units(0));
    meter.flush().await.unwrap();
    assert_eq!(store.total(), (4, 7));
}

#[tokio::test]
async fn a_batch_that_failed_is_sent_again_and_counts_once() {
    let (meter, store, _) = meter();
    let alice = by_key("alice", "key_1");
    meter.record(&alice, 1);
    store.loses_its_answer.store(true, Ordering::SeqCst);
    meter.flush().await.unwrap_err();
    meter.record(&alice, 1);
    meter.flush().await.unwrap_err();
    store.loses_its_answer.store(false, Ordering::SeqCst);
    meter.flush().await.unwrap();
    assert_eq!(store.total(), (2, 2));
    let batches = store.batches.lock().unwrap();
    assert_eq!(batches.len(), 4);
    assert!(batches[0] == batches[1] && batches[1] == batches[2], "the same batch under the same id");
    assert_ne!(batches[2].id, batches[3].id);
}

#[tokio::test]
async fn nothing_is_lost_in_an_outage() {
    let (meter, store, _) = meter();
    let alice = by_key("alice", "key_1");
    store.is_down.store(true, Ordering::SeqCst);
    for _ in 0..50 {
        meter.record(&alice, 2);
        meter.flush().await.unwrap_err();
    }
    store.is_down.store(false, Ordering::SeqCst);
    meter.flush().await.unwrap();
    assert_eq!(store.total(), (50, 100));
    assert_eq!(store.batches.lock().unwrap().len(), 2, "an outage piles up no batches");
}

#[tokio::test]
async fn a_flush_that_is_dropped_loses_nothing_and_counts_nothing_twice() {
    let (meter, store, _) = meter();
    meter.record(&by_key("alice", "key_1"), 1);
    store.hangs.store(true, Ordering::SeqCst);
    tokio::select! {
        biased;
        _ = meter.flush() => unreachable!("it hangs"),
        () = ready(()) => {}
    }
    store.hangs.store(false, Ordering::SeqCst);
    meter.flush().await.unwrap();
    assert_eq!(store.total(), (1, 1));
    assert_eq!(store.batches.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_kill_loses_what_was_not_flushed_and_no_more() {
    let (meter, store, _) = meter();
    let alice = by_key("alice", "key_1");
    (0..10).for_each(|_| meter.record(&alice, 1));
    meter.flush().await.unwrap();
    (0..3).for_each(|_| meter.record(&alice, 1));
    drop(meter);
    assert_eq!(store.total(), (10, 10));
}

#[tokio::test]
async fn counts_saturate() {
    let (meter, store, _) = meter();
    let alice = by_key("alice", "key_1");
    (0..3).for_each(|_| meter.record(&alice, u64::MAX));
    meter.flush().await.unwrap();
    assert_eq!(store.total(), (3, u64::MAX));
}

#[tokio::test]
async fn threads_that_count_while_others_flush_lose_nothing() {
    const THREADS: u64 = 4;
    const EACH: u64 = 20_000;
    let (meter, store, _) = meter();
    let shared = by_key("alice", "key_1");
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (meter, shared) = (&meter, &shared);
            scope.spawn(move || {
                let own = by_key(&format!("user-{thread}"), "key_2");
                for number in 0..EACH / 2 {
                    meter.record(shared, 1);
                    let running = meter.begin(&own);
                    if number % 2 == 0 {
                        running.report(Units(3));
                    }
                }
            });
        }
        let meter = &meter;
        scope.spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            (0..200).for_each(|_| runtime.block_on(meter.flush()).unwrap());
        });
    });
    meter.flush().await.unwrap();
    assert_eq!(store.total(), (THREADS * EACH, THREADS * EACH * 3 / 2));
}

#[tokio::test]
async fn a_stream_of_callers_is_counted_and_their_identities_are_let_go() {
    let (meter, store, _) = meter();
    let mut watched = Vec::new();
    for number in 0..20_000 {
        let caller = by_key(&format!("user-{number}"), "key_1");
        meter.record(&caller, 1);
        if number % 1000 == 0 {
            watched.push(Arc::downgrade(&caller));
        }
    }
    assert!(watched.iter().all(|caller| caller.upgrade().is_none()), "the meter keeps no identity alive");
    meter.flush().await.unwrap();
    assert_eq!(store.total(), (20_000, 20_000));
    assert_eq!(store.account.lock().unwrap().len(), 20_000);
    assert!(store.batches.lock().unwrap().iter().all(|batch| batch.rows.len() <= 1000));
}
