use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use remint_conformance::ManualClock;
use remint_core::{Clock, SharedKey, SharedTier, Timestamp, Unavailable};
use remint_redis::{Redis, RedisSettings, RedisTier};

use crate::server::{Server, patient};

remint_conformance::shared_tier_suite!(|clock| Hurried::new(Server::start(), clock));

const NAME: SharedKey = SharedKey([1; 32]);
const MINUTE: Duration = Duration::from_secs(60);

/// A tier whose server's time passes as the clock of the test says: what the clock has advanced by is taken from the
/// time that each key has left there.
#[derive(Debug)]
struct Hurried {
    tier: RedisTier,
    server: Server,
    clock: ManualClock,
    last: Mutex<Timestamp>,
}

impl Hurried {
    fn new(server: Server, clock: ManualClock) -> Self {
        let (tier, last) = (RedisTier::new(server.redis()), Mutex::new(clock.now()));
        Self { tier, server, clock, last }
    }

    fn hurry(&self) {
        let mut last = self.last.lock().unwrap();
        let passed = self.clock.now().saturating_duration_since(*last);
        *last = self.clock.now();
        if passed.is_zero() {
            return;
        }
        for key in self.server.cli(&["KEYS", "*"]).lines().filter(|key| !key.is_empty()) {
            let left: i64 = self.server.cli(&["PTTL", key]).parse().unwrap();
            assert!(left > 0, "{key} ends by itself");
            let left = left - i64::try_from(passed.as_millis()).unwrap();
            self.server.cli(&["PEXPIRE", key, &left.to_string()]);
        }
    }
}

#[async_trait]
impl SharedTier for Hurried {
    async fn get(&self, key: &SharedKey) -> Result<Option<Vec<u8>>, Unavailable> {
        self.hurry();
        self.tier.get(key).await
    }

    async fn put(&self, key: &SharedKey, value: Vec<u8>, ttl: Duration) -> Result<(), Unavailable> {
        self.hurry();
        self.tier.put(key, value, ttl).await
    }

    async fn remove(&self, key: &SharedKey) -> Result<(), Unavailable> {
        self.hurry();
        self.tier.remove(key).await
    }
}

#[tokio::test]
async fn an_empty_value_is_not_an_absent_one() {
    let server = Server::start();
    let tier = RedisTier::new(server.redis());
    tier.put(&NAME, Vec::new(), MINUTE).await.unwrap();
    assert_eq!(tier.get(&NAME).await.unwrap(), Some(Vec::new()));
}

#[tokio::test]
async fn a_value_without_time_to_live_is_not_stored_and_one_that_lives_too_long_ends_too() {
    let server = Server::start();
    let tier = RedisTier::new(server.redis());
    tier.put(&NAME, vec![1], MINUTE).await.unwrap();
    tier.put(&NAME, vec![2], Duration::from_micros(1)).await.unwrap();
    assert_eq!(tier.get(&NAME).await.unwrap(), None, "nor is the one before it found");
    tier.put(&NAME, vec![3], Duration::MAX).await.unwrap();
    assert_eq!(tier.get(&NAME).await.unwrap(), Some(vec![3]));
    assert_ne!(server.cli(&["TTL", &server.key()]), "-1");
}

#[tokio::test]
async fn a_value_of_another_type_or_of_somebody_else_is_a_miss_and_is_written_over() {
    let server = Server::start();
    let tier = RedisTier::new(server.redis());
    tier.put(&NAME, vec![1], MINUTE).await.unwrap();
    let key = server.key();
    for command in
        [&["RPUSH", &key, "a"][..], &["HSET", &key, "a", "b"], &["SET", &key, "a"], &["XADD", &key, "*", "a", "b"]]
    {
        server.cli(&["DEL", &key]);
        server.cli(command);
        assert_eq!(tier.get(&NAME).await.unwrap(), None, "{command:?}");
        tier.put(&NAME, vec![2], MINUTE).await.unwrap();
        assert_eq!(tier.get(&NAME).await.unwrap(), Some(vec![2]), "{command:?}");
    }
}

#[tokio::test]
async fn the_longest_value_is_stored_and_a_longer_one_is_a_miss_that_costs_no_connection() {
    let server = Server::start();
    let settings = RedisSettings { max_value: 1000, ..patient() };
    let redis = Redis::new(format!("redis://127.0.0.1:{}", server.port()).parse().unwrap(), settings);
    let tier = RedisTier::new(redis);
    tier.put(&NAME, vec![7; 1000], MINUTE).await.unwrap();
    assert_eq!(tier.get(&NAME).await.unwrap(), Some(vec![7; 1000]));
    let key = server.key();
    // One byte more, and a hundred megabytes.
    for end in ["1001", "104857600"] {
        server.cli(&["SETRANGE", &key, end, "x"]);
        assert_eq!(tier.get(&NAME).await.unwrap(), None);
    }
    tier.put(&NAME, vec![7; 1001], MINUTE).await.unwrap();
    assert_eq!(tier.get(&NAME).await.unwrap(), None);
    let connections = server.cli(&["INFO", "stats"]);
    let received = connections.lines().find_map(|line| line.strip_prefix("total_connections_received:")).unwrap();
    let errors = server.cli(&["INFO", "clients"]);
    // The tier's, and that of the client that asks.
    assert!(errors.contains("connected_clients:2"), "{received} {errors}");
}
