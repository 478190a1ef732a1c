use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use redis::{Cmd, Value};
use remint_core::{SharedKey, SharedTier, Unavailable, UnavailableKind};

use crate::Redis;
use crate::client::AskError;

/// The shared tier in Redis: each value is a string that ends by itself.
///
/// A key of Redis reads `remint:entry:` and the name in base64url. A value that is longer than
/// [`max_value`](crate::RedisSettings::max_value), or that something else wrote, is a miss.
#[derive(Debug, Clone)]
pub struct RedisTier {
    redis: Redis,
}

impl RedisTier {
    /// The tier in this server.
    #[must_use]
    pub const fn new(redis: Redis) -> Self {
        Self { redis }
    }

    async fn ask(&self, command: &Cmd) -> Result<Value, AskError> {
        self.redis.ask(command).await
    }
}

#[async_trait]
impl SharedTier for RedisTier {
    async fn get(&self, key: &SharedKey) -> Result<Option<Vec<u8>>, Unavailable> {
        // A longer value comes cut: no more of it is sent, and what is cut is a miss. The last place counts too.
        let longest = self.redis.max_value().saturating_add(MARK_LEN);
        let command = command("GETRANGE", key).arg(0).arg(longest).to_owned();
        match self.ask(&command).await {
            Ok(Value::BulkString(value)) if value.len() > longest => Ok(None),
            Ok(Value::BulkString(value)) => Ok(value.strip_prefix(&[MARK]).map(<[u8]>::to_vec)),
            Ok(_) => Err(outage(AskError::Unexpected)),
            Err(error) if error.code() == Some("WRONGTYPE") => Ok(None),
            Err(error) => Err(outage(error)),
        }
    }

    async fn put(&self, key: &SharedKey, mut value: Vec<u8>, ttl: Duration) -> Result<(), Unavailable> {
        let millis = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).min(LONGEST_MILLIS);
        if value.len() > self.redis.max_value() || millis == 0 {
            // It would never be found: then nor is what it replaces.
            return self.remove(key).await;
        }
        value.insert(0, MARK);
        let command = command("SET", key).arg(value).arg("PX").arg(millis).to_owned();
        match self.ask(&command).await.map_err(outage)? {
            Value::Okay => Ok(()),
            _ => Err(outage(AskError::Unexpected)),
        }
    }

    async fn remove(&self, key: &SharedKey) -> Result<(), Unavailable> {
        match self.ask(&command("UNLINK", key)).await.map_err(outage)? {
            Value::Int(_) => Ok(()),
            _ => Err(outage(AskError::Unexpected)),
        }
    }
}

fn command(name: &str, key: &SharedKey) -> Cmd {
    redis::cmd(name).arg(format!("remint:entry:{}", BASE64_URL_SAFE_NO_PAD.encode(key.0))).to_owned()
}

fn outage(error: AskError) -> Unavailable {
    error.into_unavailable(UnavailableKind::SharedTier)
}

/// Stands before each value: a range of an absent key is the empty string, and a value may be empty too.
const MARK: u8 = b'=';
const MARK_LEN: usize = 1;

/// A year: Redis refuses what it cannot add to its clock.
const LONGEST_MILLIS: u64 = 366 * 86_400_000;
