use std::time::Duration;

/// By how much a revocation outlives what it ends.
pub(crate) const AN_HOUR: Duration = Duration::from_secs(3600);
