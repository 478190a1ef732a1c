use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use remint_core::{LogId, LoggedRevocation, Position, Revocation, RevocationLog, Stamp, Unavailable, UnavailableKind};

/// A log in memory, for one process. It keeps the last `capacity` rows.
pub struct MemoryLog {
    id: LogId,
    rows: Mutex<Rows>,
    capacity: usize,
}

#[derive(Debug, Default)]
struct Rows {
    head: u64,
    kept: VecDeque<LoggedRevocation>,
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

    /// Where it stands.
    pub(crate) fn position(&self) -> Stamp {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        Stamp { log: self.id.clone(), position: Position(rows.head) }
    }
}

#[async_trait]
impl RevocationLog for MemoryLog {
    async fn head(&self) -> Result<Stamp, Unavailable> {
        Ok(self.position())
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
