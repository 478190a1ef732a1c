use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use remint_core::{
    Authentication, Clock, Cursor, Page, Position, Reading, Revocation, RevocationLog, RevocationWriter, Revoker,
    Stamp, Unavailable, with_causes,
};
use tokio::sync::Mutex;

use crate::{MemoryLog, RevocationTable};

/// The log, and the table that follows it. Clones are handles on the same.
///
/// It is the [`Revoker`] whose rows its [table](Self::table) has.
#[derive(Clone)]
pub struct Revocations(Arc<Followed>);

struct Followed {
    log: Source,
    table: Arc<RevocationTable>,
    clock: Arc<dyn Clock>,
    read: Mutex<Cursor>,
}

/// Where the rows are.
#[derive(Debug, Clone)]
enum Source {
    /// In a log of this process alone, which is told of each change.
    Process(Arc<dyn RevocationWriter>),
    /// In a log of their own, which is told of each change.
    Apart(Arc<dyn RevocationWriter>),
    /// In the store, which writes the rows of its changes itself.
    Store(Arc<dyn RevocationWriter>),
    /// In a log that others write.
    Others(Arc<dyn RevocationLog>),
}

impl Source {
    fn log(&self) -> &dyn RevocationLog {
        match self {
            Self::Process(writer) | Self::Apart(writer) | Self::Store(writer) => &**writer,
            Self::Others(log) => &**log,
        }
    }

    const fn writer(&self) -> Option<&Arc<dyn RevocationWriter>> {
        match self {
            Self::Process(writer) | Self::Apart(writer) | Self::Store(writer) => Some(writer),
            Self::Others(_) => None,
        }
    }

    /// Whether anybody outside this process can follow it.
    const fn is_shared(&self) -> bool {
        !matches!(self, Self::Process(_))
    }
}

impl Revocations {
    /// Follows a log that is told of each change after it was made. What is in force in it is read before this
    /// returns.
    ///
    /// # Errors
    ///
    /// `RevocationLog` if the log does not answer.
    pub async fn follow(log: Arc<dyn RevocationWriter>, clock: impl Clock) -> Result<Self, Unavailable> {
        Self::start(Source::Apart(log), clock.into_arc()).await
    }

    /// Follows the log of a store: the one whose changes write their rows themselves
    /// ([`Commit::revocations`](remint_core::Commit::revocations)).
    ///
    /// It must be the store that whoever [announces](Revoker::announce) changes has changed.
    ///
    /// # Errors
    ///
    /// `RevocationLog` if the log does not answer.
    pub async fn of_store(store: Arc<dyn RevocationWriter>, clock: impl Clock) -> Result<Self, Unavailable> {
        Self::start(Source::Store(store), clock.into_arc()).await
    }

    /// Follows a log that only others write, such as an authorization server's. What is revoked by this handle ends
    /// here, and no other node is told.
    ///
    /// # Errors
    ///
    /// `RevocationLog` if the log does not answer.
    pub async fn follow_only(log: Arc<dyn RevocationLog>, clock: impl Clock) -> Result<Self, Unavailable> {
        Self::start(Source::Others(log), clock.into_arc()).await
    }

    /// The same of a log that need not answer yet, which is asked for nothing here. Until
    /// [`catch_up`](Self::catch_up) has succeeded once, this node is not in step with it.
    ///
    /// # Errors
    ///
    /// `Internal` if the operating system has no randomness.
    pub fn follow_later(log: Arc<dyn RevocationLog>, clock: impl Clock) -> Result<Self, Unavailable> {
        // Of no log that there is: the first reading is a gap.
        let unread = MemoryLog::new(0)?.position();
        Ok(Self::new(Source::Others(log), unread, clock.into_arc()))
    }

    /// An empty log of this process alone, and its table.
    ///
    /// # Errors
    ///
    /// `Internal` if the operating system has no randomness.
    pub fn in_memory(clock: impl Clock) -> Result<Self, Unavailable> {
        let log = MemoryLog::new(ROWS_IN_MEMORY)?;
        let read = log.position();
        Ok(Self::new(Source::Process(Arc::new(log)), read, clock.into_arc()))
    }

    async fn start(log: Source, clock: Arc<dyn Clock>) -> Result<Self, Unavailable> {
        let head = log.log().head().await?;
        let this = Self::new(log, head, clock);
        {
            let mut read = this.0.read.lock().await;
            *read = this.read_what_is_kept().await?;
        }
        Ok(this)
    }

    fn new(log: Source, read: Cursor, clock: Arc<dyn Clock>) -> Self {
        let table = Arc::new(RevocationTable::new());
        table.begin(&read.log, log.is_shared());
        Self(Arc::new(Followed { log, table, clock, read: Mutex::new(read) }))
    }

    /// Reads what is new and applies it.
    ///
    /// If the log cannot answer from where this node stopped, what is in force is read anew and every cached entry is
    /// forgotten.
    ///
    /// # Errors
    ///
    /// `RevocationLog` if the log does not answer.
    pub async fn catch_up(&self) -> Result<Stamp, Unavailable> {
        let Followed { log, table, clock, read } = &*self.0;
        let mut read = read.lock().await;
        loop {
            match log.log().read_after(&read, BATCH).await? {
                Reading::Rows(rows) => {
                    rows.iter().for_each(|row| table.apply_logged(row));
                    if let Some(last) = rows.last() {
                        read.position = last.position;
                        read.row = last.id;
                        table.read_to(last.position);
                    }
                    if rows.len() < BATCH {
                        return Ok(read.stamp());
                    }
                    continue;
                }
                Reading::Rewritten => {
                    if let Some(writer) = log.writer() {
                        writer.renew(&read.log).await?;
                    }
                }
                Reading::Gap => {}
            }
            *read = self.read_what_is_kept().await?;
            table.forget_entries(clock.now());
        }
    }

    /// Applies the rows in force, and returns how far they were read.
    async fn read_what_is_kept(&self) -> Result<Cursor, Unavailable> {
        let Followed { log, table, .. } = &*self.0;
        'log: loop {
            let head = log.log().head().await?;
            table.begin(&head.log, log.is_shared());
            let mut after = Position(0);
            while after < head.position {
                let page = Page { after: Some(after), limit: BATCH };
                let Some(rows) = log.log().kept(&head.log, page).await? else { continue 'log };
                let Some(last) = rows.last() else { break };
                rows.iter().for_each(|row| table.apply_logged(row));
                after = last.position;
            }
            table.read_to(head.position);
            return Ok(head);
        }
    }

    /// The log, for others who follow it.
    #[must_use]
    pub fn log(&self) -> Arc<dyn RevocationLog> {
        match &self.0.log {
            Source::Process(writer) | Source::Apart(writer) | Source::Store(writer) => Arc::clone(writer) as _,
            Source::Others(log) => Arc::clone(log),
        }
    }

    /// Makes sure that the table has these rows, which the log has: the last of them there, if that is known.
    ///
    /// They are read. What cannot be read is applied by itself: rows are in force once they are written, and others
    /// may have filled the log since, so that one is gone before it was read.
    async fn know(&self, rows: &[Revocation], last: Option<&Stamp>) {
        let read = self.catch_up().await;
        if let Err(error) = &read {
            tracing::warn!(target: "remint", error = %with_causes(error), "the revocation log could not be read after a change");
        }
        let table = &self.0.table;
        for (place, row) in (0..).zip(rows.iter().rev()) {
            let is_known = match last {
                Some(last) => {
                    let position = Position(last.position.0.saturating_sub(place));
                    table.knows(row, &Stamp { log: last.log.clone(), position })
                }
                None => read.is_ok(),
            };
            if !is_known {
                table.apply(row);
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
        let Some(writer) = self.0.log.writer() else {
            self.0.table.apply(&revocation);
            // Who reads the log may wait for a row just now.
            return match self.0.table.read_up_to() {
                Some(stamp) => Ok(stamp),
                None => Ok(self.0.read.lock().await.stamp()),
            };
        };
        let written = writer.append(std::slice::from_ref(&revocation)).await?;
        self.know(std::slice::from_ref(&revocation), Some(&written)).await;
        Ok(written)
    }

    async fn announce(&self, rows: &[Revocation]) -> Result<(), Unavailable> {
        match &self.0.log {
            Source::Process(log) | Source::Apart(log) => {
                // What the change overtook is older than its row.
                let now = self.0.clock.now();
                let rows: Vec<_> = rows.iter().map(|row| Revocation { at: now, ..row.clone() }).collect();
                let written = log.append(&rows).await?;
                self.know(&rows, Some(&written)).await;
            }
            // They are written: what is left is for each node to read them.
            Source::Store(_) => self.know(rows, None).await,
            Source::Others(_) => rows.iter().for_each(|row| self.0.table.apply(row)),
        }
        Ok(())
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

/// Rows that a log in memory keeps. Here each is read right after it was written; others who follow it may come
/// later.
const ROWS_IN_MEMORY: usize = 65_536;
