use std::fmt;

use async_trait::async_trait;

use crate::{Page, Unavailable, UsageBatch, UsageFilter, UsageKey, UsageRow};

/// Where usage is kept.
///
/// # Contract
///
/// - A batch is added whole or not at all, and once: its id is kept, in the same transaction, for
///   at least a day.
/// - Counts add up, whoever adds them; they stop at the greatest 63-bit integer.
/// - Usage stays when the users and keys that it names go.
#[async_trait]
pub trait UsageStore: fmt::Debug + Send + Sync + 'static {
    /// Adds a batch.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer; the batch may be sent again.
    async fn add_usage(&self, batch: &UsageBatch) -> Result<(), Unavailable>;

    /// The account, in ascending order of its keys (texts by their bytes, `None` first, `live`
    /// before `test`).
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn usage(&self, filter: &UsageFilter, page: Page<UsageKey>) -> Result<Vec<UsageRow>, Unavailable>;
}
