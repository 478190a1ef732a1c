use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// Which of our parts could not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnavailableKind {
    /// The store of keys and users.
    Store,
    /// A pepper that the digest of a key names, and that is not here.
    Pepper,
    /// An issuer's key set, which could not be fetched.
    KeySet,
    /// An issuer's introspection endpoint, which gave no answer that could be used.
    Introspection,
    /// The internal issuer, which could not sign.
    Issuer,
    /// An enricher that is not optional.
    Enricher,
    /// The revocation log.
    RevocationLog,
    /// The shared cache tier.
    SharedTier,
    /// The counter of quotas.
    QuotaCounter,
    /// Too much work at once.
    Overloaded,
    /// An answer that did not come in time.
    Deadline,
    /// A defect of ours.
    Internal,
}

impl UnavailableKind {
    /// Each of them.
    pub const ALL: [Self; 12] = [
        Self::Store,
        Self::Pepper,
        Self::KeySet,
        Self::Introspection,
        Self::Issuer,
        Self::Enricher,
        Self::RevocationLog,
        Self::SharedTier,
        Self::QuotaCounter,
        Self::Overloaded,
        Self::Deadline,
        Self::Internal,
    ];

    /// The kind of this [`reason`](Self::reason).
    #[must_use]
    pub fn from_reason(reason: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.reason() == reason)
    }

    /// The kind's name in metrics and logs.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Pepper => "pepper",
            Self::KeySet => "key_set",
            Self::Introspection => "introspection",
            Self::Issuer => "issuer",
            Self::Enricher => "enricher",
            Self::RevocationLog => "revocation_log",
            Self::SharedTier => "shared_tier",
            Self::QuotaCounter => "quota_counter",
            Self::Overloaded => "overloaded",
            Self::Deadline => "deadline",
            Self::Internal => "internal",
        }
    }
}

/// An outage of ours: 503 with `Retry-After`, never a 401.
///
/// It can be cloned, since one failure answers every caller who waited for the same work.
#[derive(Debug, Clone, thiserror::Error)]
#[error("unavailable: {}", kind.reason())]
pub struct Unavailable {
    kind: UnavailableKind,
    retry_after: Duration,
    #[source]
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl Unavailable {
    /// An outage without a cause to name.
    #[must_use]
    pub const fn new(kind: UnavailableKind) -> Self {
        Self { kind, retry_after: Duration::from_secs(1), source: None }
    }

    /// The same with its cause, for the log.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(Arc::from(source.into()));
        self
    }

    /// The same with another `Retry-After` (one second unless set).
    #[must_use]
    pub const fn with_retry_after(mut self, retry_after: Duration) -> Self {
        self.retry_after = retry_after;
        self
    }

    /// Which part.
    #[must_use]
    pub const fn kind(&self) -> UnavailableKind {
        self.kind
    }

    /// When to try again.
    #[must_use]
    pub const fn retry_after(&self) -> Duration {
        self.retry_after
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A new kind does not compile here until it has a place, and has none until it is in the list.
    const fn place(kind: UnavailableKind) -> usize {
        match kind {
            UnavailableKind::Store => 0,
            UnavailableKind::Pepper => 1,
            UnavailableKind::KeySet => 2,
            UnavailableKind::Introspection => 3,
            UnavailableKind::Issuer => 4,
            UnavailableKind::Enricher => 5,
            UnavailableKind::RevocationLog => 6,
            UnavailableKind::SharedTier => 7,
            UnavailableKind::QuotaCounter => 8,
            UnavailableKind::Overloaded => 9,
            UnavailableKind::Deadline => 10,
            UnavailableKind::Internal => 11,
        }
    }

    #[test]
    fn the_list_has_each_kind_once() {
        let places: Vec<_> = UnavailableKind::ALL.into_iter().map(place).collect();
        assert_eq!(places, (0..=place(UnavailableKind::Internal)).collect::<Vec<_>>());
    }

    #[test]
    fn each_kind_is_found_by_its_own_reason() {
        for kind in UnavailableKind::ALL {
            assert_eq!(UnavailableKind::from_reason(kind.reason()), Some(kind));
        }
        assert_eq!(UnavailableKind::from_reason("nothing"), None);
    }
}
