use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use remint_core::{Authentication, Clock, Revocation, RevocationLog, Revoker, Stamp, Unavailable};
use tokio::sync::Mutex;

use crate::{MemoryLog, RevocationTable};

/// The log, and the table that follows it. Clones are handles on the same.
///
/// It is the [`Revoker`] whose rows its [table](Self::table) has.
#[derive(Clone)]
pub struct Revocations(Arc<Followed>);

struct Followed {
    log: Arc<dyn RevocationLog>,
    table: Arc<RevocationTable>,
    clock: Arc<dyn Clock>,
    read: Mutex<Stamp>,
}

impl Revocations {
    /// Follows a log from where it stands now, with an empty table.
    ///
    /// # Errors
    ///
    /// `RevocationLog` if the log does not answer.
    pub async fn follow(log: Arc<dyn RevocationLog>, clock: impl Clock) -> Result<Self, Unavailable> {
        let read = log.head().await?;
        Ok(Self::new(log, read, clock.into_arc()))
    }

    /// An empty log of this process alone, and its table.
    ///
    /// # Errors
    ///
    /// `Internal` if the operating system has no randomness.
    pub fn in_memory(clock: impl Clock) -> Result<Self, Unavailable> {
        let log = MemoryLog::new(ROWS_IN_MEMORY)?;
        let read = log.position();
        Ok(Self::new(Arc::new(log), read, clock.into_arc()))
    }

    fn new(log: Arc<dyn RevocationLog>, read: Stamp, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Followed { log, table: Arc::new(RevocationTable::new()), clock, read: Mutex::new(read) }))
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
        let Followed { log, table, clock, read } = &*self.0;
        let mut read = read.lock().await;
        loop {
            match log.read_after(&read, BATCH).await? {
                Some(rows) => {
                    let Some(last) = rows.last() else { return Ok(read.clone()) };
                    rows.iter().for_each(|row| table.apply(&row.revocation));
                    read.position = last.position;
                }
                None => {
                    let head = log.head().await?;
                    table.forget_entries(clock.now());
                    *read = head;
                }
            }
        }
    }

    /// The table: for whoever asks what has been revoked.
    #[must_use]
    pub fn table(&self) -> &Arc<RevocationTable> {
        &self.0.table
    }
}

#[async_trait]
impl Revoker for Revocations {
    async fn revoke(&self, revocation: Revocation) -> Result<Stamp, Unavailable> {
        self.0.log.append(&revocation).await?;
        // By itself, too: if others fill the log, this row may be gone before it is read.
        self.0.table.apply(&revocation);
        self.catch_up().await
    }

    fn refuses(&self, authentication: &Authentication) -> bool {
        self.0.table.refuses(authentication)
    }
}

impl fmt::Debug for Revocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocations").field("log", &self.0.log).finish_non_exhaustive()
    }
}

const BATCH: usize = 256;

/// Rows that a log in memory keeps: each is read right after it was written.
const ROWS_IN_MEMORY: usize = 1024;
