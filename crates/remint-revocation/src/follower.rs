use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use remint_core::{
    Authentication, Clock, Cursor, Effect, LoggedRevocation, Position, Revocation, RevocationLog, RevocationWriter,
    Revoker, Stamp, SteadyClock, Target, Unavailable, with_causes,
};
use tokio::time::timeout;

use crate::boot_clock::BootClock;
use crate::polling::Polling;
use crate::read_here::ReadHere;
use crate::reader::Reader;
use crate::sight::Sight;
use crate::source::Source;
use crate::{Issued, MemoryLog, RevocationTable, TableStamp};

/// The log, and the table that follows it. Clones are handles on the same.
///
/// It is the [`Revoker`] whose rows its [table](Self::table) has.
///
/// A log that others write too is read by a task, as often as the log [says](RevocationLog::pause). It is begun within
/// the Tokio runtime where the log is followed, and ends with the last handle.
#[derive(Clone)]
pub struct Revocations(Arc<Followed>);

struct Followed {
    reader: Arc<Reader>,
    polling: OnceLock<Polling>,
}

impl Revocations {
    /// Follows a log that is told of each change after it was made. What is in force in it is read before this
    /// returns.
    ///
    /// # Errors
    ///
    /// `RevocationLog` if the log does not answer.
    pub async fn follow(log: Arc<dyn RevocationWriter>, clock: impl Clock) -> Result<Self, Unavailable> {
        Self::start(Source::Apart(log), clock.into_arc(), Arc::new(BootClock)).await
    }

    /// Follows the log of a store: the one whose changes write their rows themselves
    /// ([`Commit::revocations`](remint_core::Commit::revocations)).
    ///
    /// It must be the store whose changes are [announced](Revoker::announce) here.
    ///
    /// # Errors
    ///
    /// `RevocationLog` if the log does not answer.
    pub async fn of_store(store: Arc<dyn RevocationWriter>, clock: impl Clock) -> Result<Self, Unavailable> {
        Self::start(Source::Store(store), clock.into_arc(), Arc::new(BootClock)).await
    }

    /// Follows a log that only others write, such as an authorization server's. What is revoked by this handle ends
    /// here, and no other node is told.
    ///
    /// # Errors
    ///
    /// `RevocationLog` if the log does not answer.
    pub async fn follow_only(log: Arc<dyn RevocationLog>, clock: impl Clock) -> Result<Self, Unavailable> {
        Self::start(Source::Others(log), clock.into_arc(), Arc::new(BootClock)).await
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
        let this = Self::new(Source::Others(log), unread, clock.into_arc(), Some(Arc::new(BootClock)));
        this.poll();
        Ok(this)
    }

    /// An empty log of this process alone, and its table.
    ///
    /// # Errors
    ///
    /// `Internal` if the operating system has no randomness.
    pub fn in_memory(clock: impl Clock) -> Result<Self, Unavailable> {
        let log = MemoryLog::new(ROWS_IN_MEMORY)?;
        let read = log.position();
        Ok(Self::new(Source::Process(Arc::new(log)), read, clock.into_arc(), None))
    }

    /// As [`follow`](Self::follow), by this steady clock in the place of the machine's: for tests.
    ///
    /// # Errors
    ///
    /// `RevocationLog` if the log does not answer.
    pub async fn follow_by(
        log: Arc<dyn RevocationWriter>,
        clock: impl Clock,
        steady: impl SteadyClock,
    ) -> Result<Self, Unavailable> {
        Self::start(Source::Apart(log), clock.into_arc(), Arc::new(steady)).await
    }

    async fn start(log: Source, clock: Arc<dyn Clock>, steady: Arc<dyn SteadyClock>) -> Result<Self, Unavailable> {
        let head = log.log().head().await?;
        let this = Self::new(log, head, clock, Some(steady));
        this.0.reader.start().await?;
        this.poll();
        Ok(this)
    }

    fn new(log: Source, read: Cursor, clock: Arc<dyn Clock>, steady: Option<Arc<dyn SteadyClock>>) -> Self {
        let table = Arc::new(RevocationTable::new(steady.map(Sight::new)));
        let reader = Arc::new(Reader::new(log, table, clock, read));
        Self(Arc::new(Followed { reader, polling: OnceLock::new() }))
    }

    /// Begins the task, if there is one to begin.
    fn poll(&self) {
        let Followed { reader, polling } = &*self.0;
        if reader.log.is_shared()
            && polling.get().is_none()
            && let Some(begun) = Polling::begin(reader)
        {
            // Of two, one is dropped, and so ends.
            let _ = polling.set(begun);
        }
    }

    /// How long what is cached goes on answering while the log cannot be read (30 seconds unless set); after that
    /// everything is [`Unavailable`] until it can be. Nothing is changed for a log of the process alone.
    #[must_use]
    pub fn with_max_staleness(self, longest: Duration) -> Self {
        if let Some(sight) = self.table().sight() {
            sight.set_max_staleness(longest);
        }
        self
    }

    /// Reads what is new and applies it.
    ///
    /// If the log cannot answer from where this node stopped, what is in force is read again and every cached entry is
    /// forgotten.
    ///
    /// # Errors
    ///
    /// `RevocationLog` if the log does not answer.
    pub async fn catch_up(&self) -> Result<Stamp, Unavailable> {
        self.0.reader.catch_up().await
    }

    /// Returns at once if the log was looked at within the last second, as it is all the time but after this process
    /// was suspended. Then it is read first. To be awaited before anybody is authenticated.
    ///
    /// # Errors
    ///
    /// `RevocationLog` if it was not read for [longer than is allowed](Self::with_max_staleness).
    pub async fn stay_in_step(&self) -> Result<(), Unavailable> {
        if self.table().is_current() {
            return Ok(());
        }
        self.poll();
        self.0.reader.stay_in_step().await
    }

    /// As [`RevocationTable::ended`]; where the table has only [coarse rows](RevocationTable::set_max_bytes), the log
    /// itself is asked.
    ///
    /// # Errors
    ///
    /// `RevocationLog` if it has to be asked, and does not answer.
    pub async fn ended<'a>(
        &self,
        targets: &[Target],
        issued: impl Into<Issued<'a>> + Send,
    ) -> Result<bool, Unavailable> {
        let (table, issued) = (self.table(), issued.into());
        match table.stamp() > TableStamp::default() && table.ended_surely(targets, issued) {
            false if table.may_have_ended(targets, issued) => match self.latest(targets).await? {
                Some(rows) => Ok(table.ended_by(&rows, targets, issued)),
                None => Ok(true),
            },
            is_ended => Ok(is_ended),
        }
    }

    /// As [`RevocationTable::refuses`], and else as [`ended`](Self::ended).
    ///
    /// # Errors
    ///
    /// `RevocationLog` if the log has to be asked, and does not answer.
    pub async fn refuse(&self, authentication: &Authentication) -> Result<bool, Unavailable> {
        let table = self.table();
        match table.stamp() > TableStamp::default() && table.refuses_surely(authentication) {
            false if table.may_refuse(authentication) => match self.latest(&authentication.targets()).await? {
                Some(rows) => Ok(table.refused_by(&rows, authentication)),
                None => Ok(true),
            },
            is_refused => Ok(is_refused),
        }
    }

    /// What the log says of them; `None`: it has not kept everything, so that it cannot be asked.
    async fn latest(&self, targets: &[Target]) -> Result<Option<Vec<LoggedRevocation>>, Unavailable> {
        let Followed { reader, .. } = &*self.0;
        if reader.log.is_shared() { reader.log.log().latest(targets).await.map(Some) } else { Ok(None) }
    }

    /// The log, for others who follow it by this node. They are told of a row once this node has read it.
    #[must_use]
    pub fn log(&self) -> Arc<dyn RevocationLog> {
        Arc::new(ReadHere(Arc::clone(&self.0.reader)))
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
        let table = self.table();
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
        &self.0.reader.table
    }
}

#[async_trait]
impl Revoker for Revocations {
    async fn revoke(&self, revocation: Revocation) -> Result<Stamp, Unavailable> {
        let Some(writer) = self.0.reader.log.writer() else {
            self.table().apply(&revocation);
            // Who reads the log may wait for a row just now.
            return match self.table().read_up_to() {
                Some(stamp) => Ok(stamp),
                None => Ok(self.0.reader.read.lock().await.stamp()),
            };
        };
        let written = writer.append(std::slice::from_ref(&revocation)).await?;
        self.know(std::slice::from_ref(&revocation), Some(&written)).await;
        Ok(written)
    }

    async fn announce(&self, rows: &[Revocation]) -> Result<(), Unavailable> {
        match &self.0.reader.log {
            Source::Process(log) | Source::Apart(log) => {
                // What the change overtook is older than its row.
                let now = self.0.reader.clock.now();
                let rows: Vec<_> = rows.iter().map(|row| Revocation { at: now, ..row.clone() }).collect();
                let written = log.append(&rows).await?;
                self.know(&rows, Some(&written)).await;
            }
            // They are written: what is left is for each node to read them. What ends nothing hardly waits for that.
            Source::Store(_) if rows.iter().all(|row| row.effect == Effect::Changed) => {
                if timeout(A_MOMENT, self.know(rows, None)).await.is_err() {
                    rows.iter().for_each(|row| self.table().apply(row));
                }
            }
            Source::Store(_) => self.know(rows, None).await,
            Source::Others(_) => rows.iter().for_each(|row| self.table().apply(row)),
        }
        Ok(())
    }

    fn refuses(&self, authentication: &Authentication) -> bool {
        self.table().refuses(authentication)
    }
}

impl fmt::Debug for Revocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocations").field("log", &self.0.reader.log).finish_non_exhaustive()
    }
}

/// Rows that a log in memory keeps. Here each is read right after it was written; others who follow it may come
/// later.
const ROWS_IN_MEMORY: usize = 65_536;

/// How long a change that ends nothing waits until this node has read its rows: usually a part of it.
const A_MOMENT: Duration = Duration::from_millis(250);
