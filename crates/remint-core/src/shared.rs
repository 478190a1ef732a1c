use std::time::Duration;

use async_trait::async_trait;

use crate::Unavailable;

/// A key of the shared tier: an HMAC-SHA-256 under the cluster's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SharedKey(pub [u8; 32]);

/// The tier that several nodes share. It holds sealed bytes and cannot read them.
///
/// # Contract
///
/// - `get` returns what the last `put` for that key stored, whole, or `None`; never a part.
/// - A value is gone once its time to live has passed, and may be gone before.
/// - `remove` of an absent key succeeds.
/// - An outage is an error, never `None`.
#[async_trait]
pub trait SharedTier: std::fmt::Debug + Send + Sync + 'static {
    /// Reads a value.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the tier does not answer.
    async fn get(&self, key: &SharedKey) -> Result<Option<Vec<u8>>, Unavailable>;

    /// Stores a value for at most `ttl`.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the tier does not acknowledge it.
    async fn put(&self, key: &SharedKey, value: Vec<u8>, ttl: Duration) -> Result<(), Unavailable>;

    /// Removes a value.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the tier does not acknowledge it.
    async fn remove(&self, key: &SharedKey) -> Result<(), Unavailable>;
}
