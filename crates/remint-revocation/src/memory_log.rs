use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use remint_core::{
    Cursor, Effect, LogId, LogState, LoggedRevocation, Page, Position, Reading, Retention, Revocation, RevocationLog,
    RevocationWriter, RowId, Stamp, Target, Timestamp, Unavailable, UnavailableKind,
};

/// A log in memory, for one process. It keeps the last `capacity` rows.
pub struct MemoryLog {
    rows: Mutex<Rows>,
    capacity: usize,
}

#[derive(Debug)]
struct Rows {
    state: LogState,
    /// By position.
    kept: VecDeque<LoggedRevocation>,
}

impl MemoryLog {
    /// A new, empty log with a name of its own.
    ///
    /// # Errors
    ///
    /// `Internal` if the operating system has no randomness.
    pub fn new(capacity: usize) -> Result<Self, Unavailable> {
        let head = Cursor { log: new_id()?, position: Position(0), row: RowId::NONE };
        let state = LogState { head, complete_from: Position(1) };
        let rows = Rows { state, kept: VecDeque::new() };
        Ok(Self { rows: Mutex::new(rows), capacity })
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes of the last row another one, as if a backup had been restored and written to: for tests.
    #[doc(hidden)]
    pub fn rewrite_history(&self) {
        let mut rows = self.rows();
        let another = RowId(rows.state.head.row.0 ^ 1);
        rows.state.head.row = another;
        if let Some(last) = rows.kept.back_mut() {
            last.id = another;
        }
    }

    /// Where it stands.
    pub(crate) fn position(&self) -> Cursor {
        self.rows().state.head.clone()
    }
}

impl Rows {
    fn push(&mut self, revocation: &Revocation) -> Result<(), Unavailable> {
        let id = RowId(random()?);
        let (position, logged_at) = (Position(self.state.head.position.0 + 1), revocation.at);
        (self.state.head.position, self.state.head.row) = (position, id);
        self.kept.push_back(LoggedRevocation { position, id, logged_at, revocation: revocation.clone() });
        Ok(())
    }

    fn after(&self, position: Position) -> impl Iterator<Item = &LoggedRevocation> {
        let skipped = self.kept.partition_point(|row| row.position <= position);
        self.kept.range(skipped..)
    }

    /// The row at a position, where the log still knows it.
    fn row_at(&self, position: Position) -> Option<RowId> {
        let index = self.kept.binary_search_by_key(&position, |row| row.position).ok()?;
        self.kept.get(index).map(|row| row.id)
    }

    fn dropped_up_to(&mut self, position: Position) {
        self.state.complete_from = self.state.complete_from.max(Position(position.0 + 1));
    }
}

#[async_trait]
impl RevocationLog for MemoryLog {
    async fn head(&self) -> Result<Cursor, Unavailable> {
        Ok(self.position())
    }

    async fn read_after(&self, cursor: &Cursor, limit: usize) -> Result<Reading, Unavailable> {
        let rows = self.rows();
        let follow = || Reading::Rows(rows.after(cursor.position).take(limit).cloned().collect());
        Ok(rows.state.refuse(cursor, rows.row_at(cursor.position)).unwrap_or_else(follow))
    }

    async fn kept(&self, log: &LogId, page: Page<Position>) -> Result<Option<Vec<LoggedRevocation>>, Unavailable> {
        let rows = self.rows();
        let after = page.after.unwrap_or_default();
        Ok((*log == rows.state.head.log).then(|| rows.after(after).take(page.limit).cloned().collect()))
    }

    async fn latest(&self, targets: &[Target]) -> Result<Vec<LoggedRevocation>, Unavailable> {
        let rows = self.rows();
        let ended = rows.kept.iter().filter(|row| row.revocation.effect == Effect::Ended);
        let named = ended.filter(|row| targets.contains(&row.revocation.target));
        let latest: HashMap<_, _> = named.map(|row| (&row.revocation.target, row)).collect();
        Ok(latest.into_values().cloned().collect())
    }

    fn pause(&self) -> Duration {
        Duration::from_millis(100)
    }
}

#[async_trait]
impl RevocationWriter for MemoryLog {
    async fn append(&self, revocations: &[Revocation]) -> Result<Stamp, Unavailable> {
        let mut rows = self.rows();
        for revocation in revocations {
            rows.push(revocation)?;
        }
        while rows.kept.len() > self.capacity {
            if let Some(dropped) = rows.kept.pop_front() {
                rows.dropped_up_to(dropped.position);
            }
        }
        Ok(rows.state.head.stamp())
    }

    async fn renew(&self, log: &LogId) -> Result<(), Unavailable> {
        let mut rows = self.rows();
        if rows.state.head.log == *log {
            rows.state.head.log = new_id()?;
        }
        Ok(())
    }

    async fn forget(&self, retention: Retention, limit: usize) -> Result<usize, Unavailable> {
        let mut rows = self.rows();
        // Its clock is that of the rows.
        let now = rows.kept.iter().map(|row| row.logged_at).max().unwrap_or(Timestamp::from_secs(0));
        let is_over = |row: &LoggedRevocation| row.logged_at <= now.saturating_sub(retention.of(&row.revocation));
        let over: Vec<Position> =
            rows.kept.iter().filter(|row| is_over(row)).map(|row| row.position).take(limit).collect();
        rows.kept.retain(|row| over.binary_search(&row.position).is_err());
        if let Some(last) = over.last() {
            rows.dropped_up_to(*last);
        }
        Ok(over.len())
    }
}

impl fmt::Debug for MemoryLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryLog").field("head", &self.rows().state.head.position).finish_non_exhaustive()
    }
}

fn new_id() -> Result<LogId, Unavailable> {
    let id = LogId::new(format!("memory-{:016x}", random()?));
    id.map_err(|error| Unavailable::new(UnavailableKind::Internal).with_source(error))
}

fn random() -> Result<u64, Unavailable> {
    getrandom::u64().map_err(|error| Unavailable::new(UnavailableKind::Internal).with_source(error))
}
