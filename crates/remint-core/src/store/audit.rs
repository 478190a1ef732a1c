use std::fmt;

use async_trait::async_trait;

use crate::{AuditEvent, Page, Unavailable};

/// Where the audit trail is kept. Most events are written by the change they tell of, in its
/// transaction.
///
/// # Contract
///
/// - It only grows: the store itself refuses to change or remove an event.
/// - Events stay when the users and keys that they name go.
#[async_trait]
pub trait AuditLog: fmt::Debug + Send + Sync + 'static {
    /// Adds events that go with no change of the store, all or none.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn append(&self, events: &[AuditEvent]) -> Result<(), Unavailable>;

    /// Events with their numbers, in ascending order of them. The cursor is the last number read.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer.
    async fn events(&self, page: Page<u64>) -> Result<Vec<(u64, AuditEvent)>, Unavailable>;
}
