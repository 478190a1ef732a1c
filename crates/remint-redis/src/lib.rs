//! The shared cache tier and the shared quota counter in Redis 7 or Valkey 9.
//!
//! # Where it stands on the line
//!
//! Beside it: the ports [`SharedTier`](remint_core::SharedTier) and [`QuotaCounter`](remint_core::QuotaCounter) say what
//! several nodes may share, and this crate keeps it in one server.
//!
//! # The decision
//!
//! An answer is used if and only if it comes within [`RedisSettings::wait`], on a connection where every byte so far was
//! RESP2, no answer was longer than [`RedisSettings::max_value`] allows, and none came that nobody asked for. Otherwise:
//!
//! | what happens | the tier | the counter |
//! | --- | --- | --- |
//! | no value, one of another type, one that is too long | a miss | not possible; another type is an outage |
//! | no answer in time, no connection, another answer | [`Unavailable`](remint_core::Unavailable) | [`Unavailable`](remint_core::Unavailable) |
//! | [`RedisSettings::failures`] of these in a row | the same at once, for [`RedisSettings::cool_down`] | the same |
//!
//! Nothing is ever refused because Redis is gone: the caller decides that.
//!
//! # What the deployment must guarantee
//!
//! - One server, or a fixed primary: a replica refuses to write.
//! - A `maxmemory-policy` that does not evict budgets before they are full, where quotas are to hold: `volatile-ttl` or
//!   `noeviction`. What evicts an entry of the tier costs a miss.
//! - TLS (`rediss://`) where others can read or change what passes. Values of the tier are sealed by `remint-seal`; budgets
//!   are not secret, but anyone who can write to Redis can fill or empty them.
//! - A user that may call `AUTH`, `SELECT`, `CLIENT SETINFO`, `GETRANGE`, `SET`, `UNLINK`, `EVAL`, `EVALSHA`, `GET`, `DEL`
//!   and `TIME` for keys that begin with `remint:`.
//!
//! # Example
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use remint_core::{SharedKey, SharedTier};
//! use remint_redis::{Redis, RedisAddress, RedisSettings, RedisTier};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let address: RedisAddress = "rediss://edge:s3cret@cache.example:6380/0".parse()?;
//! let redis = Redis::new(address, RedisSettings::default());
//! let tier = RedisTier::new(redis);
//! let name = SharedKey([7; 32]); // remint-seal makes names and sealed values
//! tier.put(&name, b"sealed".to_vec(), Duration::from_secs(60)).await?;
//! assert_eq!(tier.get(&name).await?, Some(b"sealed".to_vec()));
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! - `testing`: a [`RedisCounter`] whose clock a test shifts. Never for a release build.
//!
//! # What this crate is not
//!
//! - Not used by the facade or the gateway yet: an edge has no shared tier, and counts quotas per node.
//! - Without metrics: two log lines tell when a server is left alone and when it answers again.
//! - Not a log of revocations.
//! - Not a client of Redis Cluster or Sentinel: it knows one address and follows no `MOVED`. Budgets stand in one slot, since
//!   a charge does not say which tenant it is for.
//! - Not a judge of what it stores: how old an entry may be, and what was revoked since, is for the cache to ask.

mod address;
mod bounded;
mod breaker;
mod client;
mod connection;
mod counter;
mod framing;
mod link;
mod rate;
mod settings;
mod tier;

pub use address::{RedisAddress, RedisAddressError};
pub use client::Redis;
pub use counter::RedisCounter;
pub use settings::RedisSettings;
pub use tier::RedisTier;
