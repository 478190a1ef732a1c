use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use remint_core::{Clock, Day, Identity, Unavailable, UsageStore};
use thread_local::ThreadLocal;

use crate::ledger::Ledger;
use crate::local::Local;
use crate::outbox::{Outbox, random_id};
use crate::{Counted, Units};

/// Counts requests and units in memory, and writes them in batches. Clones share the counts.
#[derive(Clone)]
pub struct Meter {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn UsageStore>,
    clock: Arc<dyn Clock>,
    locals: ThreadLocal<Own>,
    /// What threads had no room for.
    ledger: Mutex<Ledger>,
    outbox: tokio::sync::Mutex<Outbox>,
}

/// One thread's own: on lines of the processor's cache that no other thread's stands on. The lock is
/// contended only by a flush.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Own(Mutex<Local>);

impl Meter {
    /// A meter that writes to this store.
    #[must_use]
    pub fn new(store: Arc<dyn UsageStore>, clock: impl Clock) -> Self {
        let inner = Inner {
            store,
            clock: clock.into_arc(),
            locals: ThreadLocal::new(),
            ledger: Mutex::default(),
            outbox: tokio::sync::Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Counts one request that is worth so many units.
    pub fn record(&self, identity: &Arc<Identity>, units: u64) {
        self.begin(identity).report(Units(units));
    }

    /// Counts one request. Its units are counted on the same day when they are known.
    #[inline]
    pub fn begin(&self, identity: &Arc<Identity>) -> Counted {
        let day = Day::of(self.inner.clock.now());
        let own = self.inner.locals.get_or_default();
        let mut local = lock(&own.0);
        let slot = match local.count(identity, day) {
            Some(slot) => slot,
            None => local.open(identity, day, &mut lock(&self.inner.ledger)),
        };
        Counted::new(slot)
    }

    /// Writes everything that was counted before. What the store did not acknowledge is kept and sent
    /// again the next time, also when the future is dropped.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store does not answer, or there is no randomness for a batch's id.
    pub async fn flush(&self) -> Result<(), Unavailable> {
        let mut outbox = self.inner.outbox.lock().await;
        outbox.send(&self.inner.store).await?;
        self.inner.fill(&mut outbox)?;
        outbox.send(&self.inner.store).await
    }
}

impl Inner {
    /// Moves what was counted into the outbox.
    fn fill(&self, outbox: &mut Outbox) -> Result<(), Unavailable> {
        // Before anything is taken: without randomness nothing is lost.
        let id = random_id()?;
        let mut counts = Vec::new();
        self.locals.iter().for_each(|own| lock(&own.0).collect(&mut counts));
        let mut counted = std::mem::take(&mut *lock(&self.ledger));
        counts.iter().for_each(|(requests, slot)| counted.merge(slot.key(), slot.take_with(*requests)));
        outbox.fill(&counted.into_rows(), id, self.clock.now());
        Ok(())
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter").field("store", &self.inner.store).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Maps of counts are whole after any panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
