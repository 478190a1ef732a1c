use crate::{AuditEvent, IdempotencyRecord, Revocation};

/// What a store writes together with a change, in its transaction.
///
/// # Contract
///
/// - `once` and `audit` are there with the change afterwards, or nothing is. A change that finds nothing to change
///   writes no event.
/// - `revocations` are the rows that the change means for the revocation log. A store that holds the log
///   ([`RevocationWriter`](crate::RevocationWriter)) writes them with the change, and none where it finds nothing to
///   change. A store without one keeps none of them; the caller tells the log when the change has returned, and again
///   when it repeats the change.
#[derive(Debug, Clone, Copy, Default)]
pub struct Commit<'a> {
    /// The row that makes a repeated request harmless; `None` if the request may be carried out again.
    pub once: Option<&'a IdempotencyRecord>,
    /// The events that tell of the change.
    pub audit: &'a [AuditEvent],
    /// The rows of the revocation log.
    pub revocations: &'a [Revocation],
}

impl<'a> Commit<'a> {
    /// With these events, and nothing else.
    #[must_use]
    pub const fn audited(audit: &'a [AuditEvent]) -> Self {
        Self { once: None, audit, revocations: &[] }
    }

    /// The same for a request that is carried out once.
    #[must_use]
    pub const fn with_once(self, once: Option<&'a IdempotencyRecord>) -> Self {
        Self { once, ..self }
    }

    /// The same with these rows for the revocation log.
    #[must_use]
    pub const fn with_revocations(self, revocations: &'a [Revocation]) -> Self {
        Self { revocations, ..self }
    }
}
