use crate::{Environment, KeyId, Subject, TenantId, Timestamp};

/// A day in UTC, counted from the Unix epoch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub u32);

impl Day {
    /// The day of this moment.
    #[must_use]
    pub fn of(moment: Timestamp) -> Self {
        Self(u32::try_from(moment.as_secs() / SECONDS).unwrap_or(u32::MAX))
    }

    /// Its first moment.
    #[must_use]
    pub fn starts_at(self) -> Timestamp {
        Timestamp::from_secs(u64::from(self.0) * SECONDS)
    }
}

/// What is counted separately: usage is billed by it.
///
/// The order is the order of the fields.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UsageKey {
    /// The day of the request.
    pub day: Day,
    /// The internal `sub`: the user's id, or `<trust name>|<subject>`.
    pub subject: Subject,
    /// The tenant.
    pub tenant: Option<TenantId>,
    /// The API key; `None` for a JWT.
    pub key: Option<KeyId>,
    /// `live` or `test`.
    pub environment: Environment,
}

/// What was used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UsageCount {
    /// Requests that passed the edge.
    pub requests: u64,
    /// Units: what the handler reported, and one for each request of which it reported none.
    pub units: u64,
}

/// One line of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageRow {
    /// Of what.
    pub key: UsageKey,
    /// How much.
    pub count: UsageCount,
}

/// Counts that are added in one transaction, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageBatch {
    /// Random: a batch that is sent again, after an answer that did not arrive, counts once.
    pub id: [u8; 16],
    /// When it was made.
    pub at: Timestamp,
    /// What is added.
    pub rows: Vec<UsageRow>,
}

/// Which lines of the account. What is `None` does not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageFilter {
    /// Of this subject.
    pub subject: Option<Subject>,
    /// Of this tenant.
    pub tenant: Option<TenantId>,
    /// From this day on.
    pub from: Option<Day>,
    /// Up to this day, included.
    pub to: Option<Day>,
}

const SECONDS: u64 = 24 * 3600;
