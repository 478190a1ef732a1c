use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use remint_core::{
    Authentication, Clock, LogId, LoggedRevocation, Position, Revocation, RevocationLog, Revoker, Stamp, Unavailable,
    UnavailableKind,
};

use crate::RevocationTable;

/// The log and the table that follows it.
pub struct Revocations {
    log: Arc<dyn RevocationLog>,
    table: Arc<RevocationTable>,
    clock: Arc<dyn Clock>,
    read: tokio::sync::Mutex<Stamp>,
}

impl Revocations {
    /// Follows a log from where it stands now.
    ///
    /// # Errors
    ///
    /// `RevocationLog` if the log does not answer.
    pub async fn follow(
        log: Arc<dyn RevocationLog>,
        table: Arc<RevocationTable>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Unavailable> {
        let read = tokio::sync::Mutex::new(log.head().await?);
        Ok(Self { log, table, clock, read })
    }

    /// Reads what is new and applies it.
    ///
    /// If the log cannot answer from where this node stopped, every cached entry is forgotten and
    /// reading goes on from the log's head.
    ///
    /// # Errors
    ///
    /// `RevocationLog` if the log does not answer.
    pub async fn catch_up(&self) -> Result<Stamp, Unavailable> {
        let mut read = self.read.lock().await;
        loop {
            match self.log.read_after(&read, BATCH).await? {
                Some(rows) => {
                    let Some(last) = rows.last() else { return Ok(read.clone()) };
                    rows.iter().for_each(|row| self.table.apply(&row.revocation));
                    read.position = last.position;
                }
                None => {
                    let head = self.log.head().await?;
                    self.table.forget_entries(self.clock.now());
                    *read = head;
                }
            }
        }
    }

    /// The table.
    #[must_use]
    pub const fn table(&self) -> &Arc<RevocationTable> {
        &self.table
    }
}

#[async_trait]
impl Revoker for Revocations {
    async fn revoke(&self, revocation: Revocation) -> Result<Stamp, Unavailable> {
        self.log.append(&revocation).await?;
        // By itself, too: if others fill the log, this row may be gone before it is read.
        self.table.apply(&revocation);
        self.catch_up().await
    }

    fn refuses(&self, authentication: &Authentication) -> bool {
        self.table.refuses(authentication, RevocationTable::SKEW)
    }
}

impl fmt::Debug for Revocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocations").field("log", &self.log).finish_non_exhaustive()
    }
}

/// A log in memory, for one process. It keeps the last `capacity` rows.
pub struct MemoryLog {
    id: LogId,
    rows: Mutex<Rows>,
    capacity: usize,
}

#[derive(Debug, Default)]
struct Rows {
    head: u64,
    kept: std::collections::VecDeque<LoggedRevocation>,
}

impl MemoryLog {
    /// A new, empty log with a name of its own.
    ///
    /// # Errors
    ///
    /// `Internal` if the operating system has no randomness.
    pub fn new(capacity: usize) -> Result<Self, Unavailable> {
        let internal = || Unavailable::new(UnavailableKind::Internal);
        let random = getrandom::u64().map_err(|error| internal().with_source(error))?;
        let id = LogId::new(format!("memory-{random:016x}")).map_err(|error| internal().with_source(error))?;
        Ok(Self { id, rows: Mutex::default(), capacity })
    }
}

#[async_trait]
impl RevocationLog for MemoryLog {
    async fn head(&self) -> Result<Stamp, Unavailable> {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Stamp { log: self.id.clone(), position: Position(rows.head) })
    }

    async fn append(&self, revocation: &Revocation) -> Result<Position, Unavailable> {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.head += 1;
        let position = Position(rows.head);
        rows.kept.push_back(LoggedRevocation { position, revocation: revocation.clone() });
        if rows.kept.len() > self.capacity {
            rows.kept.pop_front();
        }
        Ok(position)
    }

    async fn read_after(&self, stamp: &Stamp, limit: usize) -> Result<Option<Vec<LoggedRevocation>>, Unavailable> {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = rows.kept.len() as u64;
        let reaches_back = stamp.position.0 >= rows.head - kept && stamp.position.0 <= rows.head;
        if stamp.log != self.id || !reaches_back {
            return Ok(None);
        }
        let after = rows.kept.iter().filter(|row| row.position > stamp.position);
        Ok(Some(after.take(limit).cloned().collect()))
    }
}

impl fmt::Debug for MemoryLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryLog").field("id", &self.id).finish_non_exhaustive()
    }
}

const BATCH: usize = 256;
