use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::{Timestamp, Unavailable};

/// The name of something that may be used once: a digest over its issuer (or key) and its `jti`, so
/// that names of different kinds cannot meet.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReplayKey(pub [u8; 32]);

impl fmt::Debug for ReplayKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplayKey(..)")
    }
}

/// Remembers what has been used: client assertions (RFC 7523 §3, `jti`) and DPoP proofs (RFC 9449
/// §11.1). Nodes that share one refuse what another has seen.
///
/// # Contract
///
/// - `first_use` is `true` for exactly one of all calls with a key, however many run at once, until
///   `until` has come.
/// - It is remembered before `true` is returned; an outage is an error and never `true`.
/// - After `until`, the key may be forgotten; the caller refuses what old a proof would be.
/// - It answers in bounded time: a request waits for it.
/// - Memory is bounded: if there is no room for one more, it is an error, never forgetfulness.
#[async_trait]
pub trait ReplayStore: fmt::Debug + Send + Sync + 'static {
    /// Whether this is the first use of `key`.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if that cannot be said.
    async fn first_use(&self, key: ReplayKey, now: Timestamp, until: Timestamp) -> Result<bool, Unavailable>;
}

#[async_trait]
impl<T: ReplayStore + ?Sized> ReplayStore for Arc<T> {
    async fn first_use(&self, key: ReplayKey, now: Timestamp, until: Timestamp) -> Result<bool, Unavailable> {
        (**self).first_use(key, now, until).await
    }
}
