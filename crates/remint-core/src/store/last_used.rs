use std::fmt;

use async_trait::async_trait;

use crate::{KeyId, Timestamp, Unavailable};

/// Where it is kept when a key was last used.
///
/// # Contract
///
/// - A later moment replaces an earlier one, never the reverse, in whatever order they come.
/// - A key that is gone is passed over.
#[async_trait]
pub trait LastUsedStore: fmt::Debug + Send + Sync + 'static {
    /// Records a batch.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer; the batch may be sent again.
    async fn record_last_used(&self, batch: &[(KeyId, Timestamp)]) -> Result<(), Unavailable>;
}
