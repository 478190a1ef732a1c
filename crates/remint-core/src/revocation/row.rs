use serde::{Deserialize, Serialize};

use super::{Position, RowId, Target};
use crate::{Timestamp, UserId};

/// What a revocation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Revoked, disabled, deleted, moved: cache entries and issued tokens are dead.
    Ended,
    /// Rotated, scopes changed, enabled again: caches forget, and callers who still have the
    /// right are authenticated again.
    Changed,
}

/// Whose clock a row's time is of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimedBy {
    /// Ours. Issuers of tokens have clocks of their own, so the row reaches further than its time by
    /// [`CLOCK_SKEW`](crate::CLOCK_SKEW). A log with a clock of its own puts its own time in the place of the row's.
    #[default]
    Us,
    /// The one that tokens are issued by: the row reaches to its time exactly. A login right after a logout is not
    /// taken for one from before it.
    Source,
}

/// One row of the revocation log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// What is revoked.
    pub target: Target,
    /// Whether it ended or changed.
    pub effect: Effect,
    /// What was issued up to then has ended.
    pub at: Timestamp,
    /// Whose time that is.
    #[serde(default)]
    pub timed_by: TimedBy,
    /// Whose key it is, of a key's row: what the row becomes where there is no room for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
}

impl Revocation {
    /// A row of this effect, by our clock.
    #[must_use]
    pub const fn new(target: Target, effect: Effect, at: Timestamp) -> Self {
        Self { target, effect, at, timed_by: TimedBy::Us, user: None }
    }

    /// What was revoked, disabled, deleted or moved at this moment of our clock.
    #[must_use]
    pub const fn ended(target: Target, at: Timestamp) -> Self {
        Self::new(target, Effect::Ended, at)
    }

    /// What changed at this moment of our clock.
    #[must_use]
    pub const fn changed(target: Target, at: Timestamp) -> Self {
        Self::new(target, Effect::Changed, at)
    }

    /// The same, of a source that told the time itself.
    #[must_use]
    pub const fn timed_by_source(mut self) -> Self {
        self.timed_by = TimedBy::Source;
        self
    }

    /// The same of a key that belongs to this user.
    #[must_use]
    pub fn of_user(mut self, user: UserId) -> Self {
        self.user = Some(user);
        self
    }

    /// Up to when tokens that name the target were issued before it ended, inclusive.
    #[must_use]
    pub fn reaches_to(&self) -> Timestamp {
        match self.timed_by {
            TimedBy::Us => self.at.saturating_add(crate::CLOCK_SKEW),
            TimedBy::Source => self.at,
        }
    }
}

/// A row with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedRevocation {
    /// Its place.
    #[serde(rename = "pos")]
    pub position: Position,
    /// Which row stands there: another one means that history was rewritten.
    pub id: RowId,
    /// When it was written, by the log's clock.
    pub logged_at: Timestamp,
    /// The row.
    #[serde(flatten)]
    pub revocation: Revocation,
}
