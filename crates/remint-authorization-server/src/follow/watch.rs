use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use remint_core::{Cursor, LoggedRevocation, Reading, RevocationLog, Unavailable};
use tokio::sync::watch;
use tokio::time::sleep;

use super::tail::Tail;

/// Reads the log for all who wait for a row: once in each of its [pauses](RevocationLog::pause), while anybody waits.
pub(super) struct Watch {
    pub(super) log: Arc<dyn RevocationLog>,
    state: Mutex<State>,
    reads: watch::Sender<Read>,
}

#[derive(Debug, Default)]
struct State {
    tail: Option<Tail>,
    /// The number of the last read that has begun.
    begun: u64,
    is_running: bool,
}

/// The last read that has ended.
#[derive(Debug, Clone, Default)]
struct Read {
    number: u64,
    failed: Option<Unavailable>,
    /// Nobody waits any more.
    is_over: bool,
}

impl Watch {
    pub(super) fn new(log: Arc<dyn RevocationLog>) -> Self {
        Self { log, state: Mutex::default(), reads: watch::Sender::default() }
    }

    /// From now on nobody waits.
    pub(super) fn stop(&self) {
        self.reads.send_modify(|read| read.is_over = true);
    }

    /// One more who waits.
    pub(super) fn join(self: &Arc<Self>) -> Waiter {
        let mut state = self.state();
        let (reads, seen) = (self.reads.subscribe(), state.begun);
        if !std::mem::replace(&mut state.is_running, true) {
            tokio::spawn(Arc::clone(self).run());
        }
        Waiter { reads, seen }
    }

    /// At most so many rows after this cursor; `None` if the last rows that were read do not tell.
    pub(super) fn after(&self, cursor: &Cursor, limit: usize) -> Option<Vec<LoggedRevocation>> {
        self.state().tail.as_ref()?.after(cursor, limit)
    }

    async fn run(self: Arc<Self>) {
        while !self.is_alone() {
            let number = self.begin();
            let failed = self.read().await.err();
            self.reads.send_modify(|read| (read.number, read.failed) = (number, failed));
            sleep(self.log.pause()).await;
        }
    }

    fn begin(&self) -> u64 {
        let mut state = self.state();
        state.begun = state.begun.saturating_add(1);
        state.begun
    }

    /// Nobody waits. The next one starts another reader.
    fn is_alone(&self) -> bool {
        let mut state = self.state();
        let is_alone = self.reads.receiver_count() == 0;
        if is_alone {
            (state.is_running, state.tail) = (false, None);
        }
        is_alone
    }

    async fn read(&self) -> Result<(), Unavailable> {
        let from = self.state().tail.as_ref().map(Tail::head);
        let Some(mut from) = from else { return self.begin_at_the_head().await };
        loop {
            let Reading::Rows(rows) = self.log.read_after(&from, BATCH).await? else {
                return self.begin_at_the_head().await;
            };
            let is_all = rows.len() < BATCH;
            if let Some(tail) = &mut self.state().tail {
                tail.extend(rows);
                from = tail.head();
            }
            if is_all {
                return Ok(());
            }
        }
    }

    async fn begin_at_the_head(&self) -> Result<(), Unavailable> {
        let head = self.log.head().await?;
        self.state().tail = Some(Tail::at(head));
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("log", &self.log).finish_non_exhaustive()
    }
}

/// One who waits.
pub(super) struct Waiter {
    reads: watch::Receiver<Read>,
    seen: u64,
}

impl Waiter {
    /// Completes after the next read that had not begun when this was last asked; `false`: nobody waits any more.
    ///
    /// # Errors
    ///
    /// That read's.
    pub(super) async fn next(&mut self) -> Result<bool, Unavailable> {
        let seen = self.seen;
        let Ok(read) = self.reads.wait_for(|read| read.is_over || read.number > seen).await else { return Ok(false) };
        if read.is_over {
            return Ok(false);
        }
        self.seen = read.number;
        read.failed.clone().map_or(Ok(true), Err)
    }
}

const BATCH: usize = 1000;
