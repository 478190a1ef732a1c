use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use remint_conformance::quota_counter::{CounterClock, charge, give_back, subject, take};
use remint_core::QuotaHolder;
use remint_redis::RedisCounter;

use crate::server::Server;

fn counter() -> (RedisCounter, ServerClock, Server) {
    let (server, shift) = (Server::start(), Arc::<AtomicI64>::default());
    (RedisCounter::new(server.redis()).with_clock_shift(shift.clone()), ServerClock(shift), server)
}

remint_conformance::quota_counter_suite!(async || counter());

remint_conformance::quota_counter_outage_suite!(async || {
    let (counter, _, mut server) = counter();
    (counter, async move || server.kill())
});

/// The server's clock, which runs on by itself.
#[derive(Debug)]
struct ServerClock(Arc<AtomicI64>);

#[async_trait]
impl CounterClock for ServerClock {
    async fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    async fn set_back(&self, by: Duration) {
        self.0.fetch_sub(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    fn drift(&self) -> Duration {
        Duration::from_secs(60)
    }
}

#[tokio::test]
async fn two_nodes_share_a_budget() {
    let server = Server::start();
    let nodes = [RedisCounter::new(server.redis()), RedisCounter::new(server.redis())];
    let alice = subject("alice");
    let one = charge(QuotaHolder::Subject(&alice), 4, 1);
    for _ in 0..2 {
        for node in &nodes {
            assert!(take(node, &[one]).await.is_allowed());
        }
    }
    for node in &nodes {
        assert!(!take(node, &[one]).await.is_allowed());
    }
}

#[tokio::test]
async fn a_server_that_has_forgotten_the_script_is_told_it_again() {
    let server = Server::start();
    let counter = RedisCounter::new(server.redis());
    let alice = subject("alice");
    let one = charge(QuotaHolder::Subject(&alice), 4, 1);
    for left in [3, 2, 1] {
        assert_eq!(take(&counter, &[one]).await.standings()[0].remaining, left);
        server.cli(&["SCRIPT", "FLUSH"]);
    }
}

#[tokio::test]
async fn a_budget_ends_by_itself_when_it_is_full_again() {
    let server = Server::start();
    let counter = RedisCounter::new(server.redis());
    let alice = subject("alice");
    let one = charge(QuotaHolder::Subject(&alice), 4, 1);
    take(&counter, &[one]).await;
    let left: u64 = server.cli(&["PTTL", &server.key()]).parse().unwrap();
    assert!((3_500_000..=3_600_010).contains(&left), "{left}");
    give_back(&counter, &[one]).await;
    assert_eq!(server.cli(&["DBSIZE"]), "0");
}

#[tokio::test]
async fn one_request_is_one_round_trip() {
    let server = Server::start();
    let counter = RedisCounter::new(server.redis());
    let (alice, bob) = (subject("alice"), subject("bob"));
    let both = [charge(QuotaHolder::Subject(&alice), 4, 1), charge(QuotaHolder::Subject(&bob), 4, 1)];
    take(&counter, &both).await;
    server.cli(&["CONFIG", "RESETSTAT"]);
    take(&counter, &both).await;
    let stats = server.cli(&["INFO", "commandstats"]);
    assert!(stats.contains("cmdstat_evalsha:calls=1,"), "{stats}");
    assert!(!stats.contains("cmdstat_eval:"), "{stats}");
}
