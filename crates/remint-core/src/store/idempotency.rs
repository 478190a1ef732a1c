use std::fmt;
use std::time::Duration;

use crate::Timestamp;

/// An idempotency key at rest: of several equal requests that carry it, one is carried out.
///
/// # Contract
///
/// It is checked and kept in the transaction of what it guards, before anything else is checked:
///
/// - no row of this `key`, or one of [`IdempotencyRecord::KEPT`] ago or longer: the change is made and the row
///   written (over the old one), with the id of what was made;
/// - a row with the same `request`: [`StoreError::Replayed`](crate::StoreError::Replayed);
/// - a row with another: [`StoreError::IdempotencyKeyReused`](crate::StoreError::IdempotencyKeyReused).
///
/// A change that fails leaves no row.
#[derive(Clone, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// A digest of who asks, for which operation, and the `Idempotency-Key` they sent.
    pub key: [u8; 32],
    /// A digest of what they ask for.
    pub request: [u8; 32],
    /// When they ask.
    pub at: Timestamp,
}

impl IdempotencyRecord {
    /// How long a request is remembered.
    pub const KEPT: Duration = Duration::from_secs(24 * 3600);
}

impl fmt::Debug for IdempotencyRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdempotencyRecord").field("at", &self.at).finish_non_exhaustive()
    }
}
