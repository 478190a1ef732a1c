use std::time::Duration;

/// By how much a revocation outlives what it ends.
pub(crate) const AN_HOUR: Duration = Duration::from_secs(3600);

/// How long what is cached answers while nobody knows what was revoked.
pub(crate) const MAX_STALENESS: Duration = Duration::from_secs(30);
