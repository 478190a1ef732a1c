use std::time::Duration;

use async_trait::async_trait;

use super::{Cursor, Effect, LoggedRevocation, Position, Revocation, Stamp, Target};
use crate::{LogId, Page, Unavailable};

/// What a log answers to a reader who goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// The rows after the cursor, in order. Fewer than were asked for: there are no more.
    Rows(Vec<LoggedRevocation>),
    /// It cannot say what came after the cursor: it is another log, or rows that the reader needs were forgotten.
    /// The reader takes what the log has [kept](RevocationLog::kept), and empties its caches.
    Gap,
    /// It stands before the cursor, or has another row there: history was rewritten, by a backup that was restored or
    /// a failover that lost rows. A node that may write gives the log [another id](RevocationWriter::renew), and every
    /// reader goes on as after a gap.
    Rewritten,
}

/// The log of revocations: the truth that every node's table follows.
///
/// # Contract
///
/// - Positions grow by one with each row, and no reader sees a row before all those with a smaller position.
/// - `read_after` returns rows in order, at most `limit`, and an empty list at the head.
/// - A cursor of another log is answered by [`Reading::Gap`], as is one after which rows were forgotten; one from
///   beyond the head, or with another row at its position, by [`Reading::Rewritten`].
/// - `kept` has every row that is not forgotten, by pages; `None` if the log's id is another one.
/// - `latest` has, of each target that has an ended row, the one with the greatest position.
/// - Dropping a call's future leaves the log whole.
#[async_trait]
pub trait RevocationLog: std::fmt::Debug + Send + Sync + 'static {
    /// Where the log stands.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the log does not answer.
    async fn head(&self) -> Result<Cursor, Unavailable>;

    /// Reads the rows after a cursor. A log that others write to may wait for a row before it answers that there is
    /// none.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the log does not answer.
    async fn read_after(&self, cursor: &Cursor, limit: usize) -> Result<Reading, Unavailable>;

    /// A page of the rows that this log has, from the beginning.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the log does not answer.
    async fn kept(&self, log: &LogId, page: Page<Position>) -> Result<Option<Vec<LoggedRevocation>>, Unavailable>;

    /// The last row that ended each of these targets, of those that have one.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the log does not answer.
    async fn latest(&self, targets: &[Target]) -> Result<Vec<LoggedRevocation>, Unavailable>;

    /// How long a reader who has read everything waits until it reads again.
    fn pause(&self) -> Duration;
}

/// A log that this process writes to.
///
/// # Contract
///
/// - `append` returns after the rows are as durable as the log ever makes them; an error may mean either outcome, and
///   the caller tries again (a row twice is harmless). All of the rows are there then, or none.
/// - A log with a clock of its own puts its time in the place of the rows' that are
///   [timed by us](super::TimedBy::Us).
/// - `renew` gives the log another id, if it still has this one. Nothing else changes.
/// - `forget` takes rows away that are as old as the retention or older, the oldest first and at most `limit` of them,
///   and none that is younger; readers who had not read them are told of a gap.
#[async_trait]
pub trait RevocationWriter: RevocationLog {
    /// Adds rows. Returns where the last of them stands.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the log does not acknowledge them.
    async fn append(&self, rows: &[Revocation]) -> Result<Stamp, Unavailable>;

    /// Gives the log another id: its history is not the one that readers have read.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the log does not answer.
    async fn renew(&self, log: &LogId) -> Result<(), Unavailable>;

    /// Takes away rows that are no longer in force. Returns how many.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the log does not answer.
    async fn forget(&self, retention: Retention, limit: usize) -> Result<usize, Unavailable>;
}

/// For how long a row is kept after it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Of whatever our own store holds the source of: the longest life of a cache entry and of an internal token.
    pub held: Duration,
    /// Of ended rows about [what is outside](Target::is_external): the longest life of a token that a trusted issuer
    /// makes, and no less than `held`.
    pub external: Duration,
}

impl Retention {
    /// For how long this row is kept.
    #[must_use]
    pub const fn of(&self, row: &Revocation) -> Duration {
        match row.effect {
            Effect::Ended if row.target.is_external() => self.external,
            Effect::Ended | Effect::Changed => self.held,
        }
    }
}
