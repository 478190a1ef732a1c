use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use remint_core::{
    Cursor, Effect, LogId, LoggedRevocation, Page, Position, Reading, Retention, Revocation, RevocationLog,
    RevocationWriter, RowId, Stamp, Target, Timestamp, Unavailable, UnavailableKind,
};

/// A log in memory, for one process. It keeps the last `capacity` rows.
pub struct MemoryLog {
    rows: Mutex<Rows>,
    capacity: usize,
}

#[derive(Debug)]
struct Rows {
    id: LogId,
    head: Position,
    head_row: RowId,
    /// The smallest position from which on every row is there.
    complete_from: Position,
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
        let rows = Rows {
            id: new_id()?,
            head: Position(0),
            head_row: RowId::NONE,
            complete_from: Position(1),
            kept: VecDeque::new(),
        };
        Ok(Self { rows: Mutex::new(rows), capacity })
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes of the last row another one, as if a backup had been restored and written to: for tests.
    #[doc(hidden)]
    pub fn rewrite_history(&self) {
        let mut rows = self.rows();
        let another = RowId(rows.head_row.0 ^ 1);
        rows.head_row = another;
        if let Some(last) = rows.kept.back_mut() {
            last.id = another;
        }
    }

    /// Where it stands.
    pub(crate) fn position(&self) -> Cursor {
        self.rows().cursor()
    }
}

impl Rows {
    fn cursor(&self) -> Cursor {
        Cursor { log: self.id.clone(), position: self.head, row: self.head_row }
    }

    fn push(&mut self, revocation: &Revocation) -> Result<(), Unavailable> {
        let id = RowId(random()?);
        self.head = Position(self.head.0 + 1);
        self.head_row = id;
        let (position, logged_at) = (self.head, revocation.at);
        self.kept.push_back(LoggedRevocation { position, id, logged_at, revocation: revocation.clone() });
        Ok(())
    }

    fn after(&self, position: Position) -> impl Iterator<Item = &LoggedRevocation> {
        let skipped = self.kept.partition_point(|row| row.position <= position);
        self.kept.range(skipped..)
    }

    /// The row at a position, where the log still knows it.
    fn row_at(&self, position: Position) -> Option<RowId> {
        if position == self.head {
            return Some(self.head_row);
        }
        let index = self.kept.binary_search_by_key(&position, |row| row.position).ok()?;
        self.kept.get(index).map(|row| row.id)
    }

    fn dropped_up_to(&mut self, position: Position) {
        self.complete_from = self.complete_from.max(Position(position.0 + 1));
    }
}

#[async_trait]
impl RevocationLog for MemoryLog {
    async fn head(&self) -> Result<Cursor, Unavailable> {
        Ok(self.position())
    }

    async fn read_after(&self, cursor: &Cursor, limit: usize) -> Result<Reading, Unavailable> {
        let rows = self.rows();
        if cursor.log != rows.id {
            return Ok(Reading::Gap);
        }
        let known = rows.row_at(cursor.position);
        let is_before = cursor.position == Position(0) && cursor.row == RowId::NONE;
        if cursor.position > rows.head || !is_before && known.is_some_and(|row| row != cursor.row) {
            return Ok(Reading::Rewritten);
        }
        if cursor.position.0 + 1 < rows.complete_from.0 {
            return Ok(Reading::Gap);
        }
        Ok(Reading::Rows(rows.after(cursor.position).take(limit).cloned().collect()))
    }

    async fn kept(&self, log: &LogId, page: Page<Position>) -> Result<Option<Vec<LoggedRevocation>>, Unavailable> {
        let rows = self.rows();
        let after = page.after.unwrap_or_default();
        Ok((*log == rows.id).then(|| rows.after(after).take(page.limit).cloned().collect()))
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
        Ok(rows.cursor().stamp())
    }

    async fn renew(&self, log: &LogId) -> Result<(), Unavailable> {
        let mut rows = self.rows();
        if rows.id == *log {
            rows.id = new_id()?;
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
        f.debug_struct("MemoryLog").field("head", &self.rows().head).finish_non_exhaustive()
    }
}

fn new_id() -> Result<LogId, Unavailable> {
    let id = LogId::new(format!("memory-{:016x}", random()?));
    id.map_err(|error| Unavailable::new(UnavailableKind::Internal).with_source(error))
}

fn random() -> Result<u64, Unavailable> {
    getrandom::u64().map_err(|error| Unavailable::new(UnavailableKind::Internal).with_source(error))
}
