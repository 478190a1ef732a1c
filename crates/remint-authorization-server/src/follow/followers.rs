use std::sync::Arc;
use std::time::Duration;

use remint_core::{Cursor, Reading, RevocationLog, Unavailable};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::watch::Watch;

/// Those who follow the revocation log, and the log. Clones are handles on the same.
///
/// However many wait for a row, the log is read once for all of them.
#[derive(Debug, Clone)]
pub struct Followers {
    watch: Arc<Watch>,
    places: Arc<Semaphore>,
}

impl Followers {
    /// Of this log, of whom 256 may wait at once.
    #[must_use]
    pub fn of(log: Arc<dyn RevocationLog>) -> Self {
        Self::with_places(log, MOST_WAITING)
    }

    /// Of this log, of whom so many may wait at once; one more is answered with 503.
    #[must_use]
    pub fn with_places(log: Arc<dyn RevocationLog>, places: usize) -> Self {
        let places = Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)));
        Self { watch: Arc::new(Watch::new(log)), places }
    }

    /// Answers all who wait, and from now on each one at once: for a server that is to end.
    pub fn stop(&self) {
        self.watch.stop();
    }

    pub(super) fn log(&self) -> &dyn RevocationLog {
        &*self.watch.log
    }

    /// A place to wait in, until it is dropped.
    pub(super) fn place(&self) -> Option<Waits> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        metrics::gauge!("remint_revocation_followers").increment(1);
        Some(Waits { _place: place })
    }

    /// What comes after the cursor, as soon as there is something and at the latest after `wait`. That there is
    /// nothing is found by a read that began after this was asked.
    pub(super) async fn wait(&self, cursor: &Cursor, limit: usize, wait: Duration) -> Result<Reading, Unavailable> {
        let until = Instant::now() + wait;
        let mut waiter = self.watch.join();
        let mut was_read = false;
        loop {
            let goes_on = timeout_at(until, waiter.next()).await.unwrap_or(Ok(false))?;
            if !goes_on {
                let nothing = Reading::Rows(Vec::new());
                return if was_read { Ok(nothing) } else { self.log().read_after(cursor, limit).await };
            }
            was_read = true;
            let found = match self.watch.after(cursor, limit) {
                Some(rows) => Reading::Rows(rows),
                None => self.log().read_after(cursor, limit).await?,
            };
            if !matches!(&found, Reading::Rows(rows) if rows.is_empty()) {
                return Ok(found);
            }
        }
    }
}

/// One who waits, and is counted.
#[derive(Debug)]
pub(super) struct Waits {
    _place: OwnedSemaphorePermit,
}

impl Drop for Waits {
    fn drop(&mut self) {
        metrics::gauge!("remint_revocation_followers").decrement(1);
    }
}

const MOST_WAITING: usize = 256;
