use std::time::Duration;

use remint_core::{ApiKeyRecord, IdempotencyRecord, KeyId, Timestamp};

use crate::ApiKey;

/// How a key is to be rotated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotateKey {
    pub(crate) id: KeyId,
    pub(crate) overlap: Duration,
    pub(crate) not_after: Option<Timestamp>,
    pub(crate) once: Option<IdempotencyRecord>,
}

impl RotateKey {
    /// Rotates this key; the old one goes on for 24 hours.
    ///
    /// The new one has its user, environment, name, scopes and networks and acts for whom it did; if
    /// it was made with an end, it has as long a life from now on.
    #[must_use]
    pub const fn new(id: KeyId) -> Self {
        Self { id, overlap: Self::DEFAULT_OVERLAP, not_after: None, once: None }
    }

    /// How long the old key goes on, unless it ends before that; zero ends it now.
    #[must_use]
    pub const fn overlapping(mut self, overlap: Duration) -> Self {
        self.overlap = overlap;
        self
    }

    /// With an end of the new key no later than this.
    #[must_use]
    pub const fn not_after(mut self, end: Timestamp) -> Self {
        self.not_after = Some(end);
        self
    }

    /// Once only, however often the request comes.
    #[must_use]
    pub const fn once(mut self, once: IdempotencyRecord) -> Self {
        self.once = Some(once);
        self
    }

    /// How long an old key goes on unless something else is asked for.
    pub const DEFAULT_OVERLAP: Duration = Duration::from_secs(24 * 3600);
}

/// What a rotation gave.
#[derive(Debug)]
pub struct RotatedKey {
    /// The new key's text, this once.
    pub key: ApiKey,
    /// The new key.
    pub new: ApiKeyRecord,
    /// The old key, with its deadline.
    pub old: ApiKeyRecord,
}
