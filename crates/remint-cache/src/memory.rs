use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::sync::Cache;
use remint_core::{Target, Timestamp};
use remint_revocation::{Moment, RevocationTable, TableStamp};
use thread_local::ThreadLocal;

use crate::fingerprint::BuildPassThrough;
use crate::front::Front;
use crate::stored::{Stored, stamp_of, vouches};
use crate::{Cached, Fingerprint};

/// What bounds an entry.
#[derive(Debug, Clone, Copy)]
pub struct Validity {
    /// The moment from which it answers no more.
    pub use_until: Timestamp,
    /// [`RevocationTable::stamp`] from before its authentication began; the default in a tier without a table.
    pub stamp: TableStamp,
    /// [`RevocationTable::moment`] from then; the default in a tier without a table.
    pub authenticated: Moment,
}

/// The memory tier: at most `capacity` bytes of values, found by fingerprint.
///
/// A look-up is synchronous, takes no lock that writers of other entries hold for long, and on the
/// common path touches no memory that other threads write.
pub struct MemoryTier<V: Cached> {
    moka: Cache<Fingerprint, Arc<Stored<V>>, BuildPassThrough>,
    /// Only the first threads that ask get one: a front stays when its thread ends.
    fronts: ThreadLocal<Own<V>>,
    fronts_left: AtomicUsize,
    front_budget: usize,
    table: Option<Arc<RevocationTable>>,
}

/// One thread's own: on lines of the processor's cache that no other thread's stands on, since even a
/// look-up writes the borrow flag.
#[repr(align(128))]
struct Own<V>(Option<RefCell<Front<V>>>);

/// What was stored, in the hands of whoever stored it.
#[derive(Clone)]
pub struct Entry<V>(Arc<Stored<V>>);

impl<V> Entry<V> {
    /// The value.
    #[must_use]
    pub fn value(&self) -> &V {
        &self.0.value
    }
}

impl<V> fmt::Debug for Entry<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("use_until", &self.0.use_until).finish_non_exhaustive()
    }
}

impl<V: Cached> MemoryTier<V> {
    /// A tier of at most `capacity` bytes, an eighth of which the threads' fronts
    /// share (twice as many of them as the machine runs threads at once; further threads have none).
    ///
    /// Its entries die by this table. Without one (`None`) they last until they end.
    #[must_use]
    pub fn new(capacity: u64, table: impl Into<Option<Arc<RevocationTable>>>) -> Self {
        let threads = 2 * std::thread::available_parallelism().map_or(1, usize::from);
        let fronts = capacity / 8;
        let moka = Cache::builder()
            .max_capacity(capacity - fronts)
            .weigher(|_, stored: &Arc<Stored<V>>| stored.weight)
            .expire_after(ByEntry)
            .build_with_hasher(BuildPassThrough::default());
        let front_budget = usize::try_from(fronts).unwrap_or(usize::MAX) / threads;
        Self {
            moka,
            fronts: ThreadLocal::with_capacity(threads),
            fronts_left: AtomicUsize::new(threads),
            front_budget,
            table: table.into(),
        }
    }

    /// The value, if it still answers.
    #[inline]
    pub fn get(&self, fingerprint: &Fingerprint, now: Timestamp) -> Option<V> {
        let front = self.fronts.get_or(|| Own(self.new_front())).0.as_ref();
        if let Some(Ok(mut front)) = front.map(RefCell::try_borrow_mut)
            && let Some(value) = front.get(fingerprint, now, self.table.as_deref())
        {
            return Some(value);
        }
        self.get_behind(front, fingerprint, now)
    }

    #[cold]
    fn new_front(&self) -> Option<RefCell<Front<V>>> {
        let one_less = |left: usize| left.checked_sub(1);
        self.fronts_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).ok()?;
        Some(RefCell::new(Front::new(self.front_budget)))
    }

    fn get_behind(&self, front: Option<&RefCell<Front<V>>>, fingerprint: &Fingerprint, now: Timestamp) -> Option<V> {
        let checked = stamp_of(self.table.as_deref());
        let Entry(stored) = self.entry(fingerprint, now)?;
        if let Some(Ok(mut front)) = front.map(RefCell::try_borrow_mut) {
            front.put(*fingerprint, &stored, checked);
        }
        Some(stored.value.clone())
    }

    /// Stores a value, named by `targets`.
    pub fn insert(
        &self,
        fingerprint: Fingerprint,
        value: V,
        validity: Validity,
        targets: &[Target],
        now: Timestamp,
    ) -> Entry<V> {
        let targets = self.table.as_ref().map(|table| table.hashes(targets)).unwrap_or_default();
        let weight = value.weight().saturating_add(ENTRY_OVERHEAD + u32::try_from(targets.bytes()).unwrap_or(0));
        let lives_for = validity.use_until.saturating_duration_since(now);
        let Validity { use_until, stamp, authenticated } = validity;
        let stored = Arc::new(Stored {
            value,
            use_from: now.saturating_sub(SET_BACK),
            use_until,
            stamp,
            authenticated,
            targets,
            weight,
            lives_for,
        });
        if !lives_for.is_zero() {
            self.moka.insert(fingerprint, Arc::clone(&stored));
        }
        Entry(stored)
    }

    /// The entry behind the fronts, if it still answers.
    #[must_use]
    pub fn entry(&self, fingerprint: &Fingerprint, now: Timestamp) -> Option<Entry<V>> {
        let stored = self.moka.get(fingerprint)?;
        // It stays: once the log was read, it answers again.
        if !vouches(self.table.as_deref(), stored.authenticated) {
            return None;
        }
        if !(stored.use_from..stored.use_until).contains(&now) || self.is_dead(&stored) {
            self.moka.invalidate(fingerprint);
            return None;
        }
        Some(Entry(stored))
    }

    /// Whether something the entry hangs on was revoked after its stamp: asked by whoever shares the
    /// outcome of work that began before they came.
    #[must_use]
    pub fn is_revoked(&self, entry: &Entry<V>) -> bool {
        stamp_of(self.table.as_deref()) != entry.0.stamp && self.is_dead(&entry.0)
    }

    fn is_dead(&self, stored: &Stored<V>) -> bool {
        self.table.as_ref().is_some_and(|table| table.is_dead(&stored.targets, stored.stamp))
    }

    /// How many bytes the values behind the fronts weigh, and how many there are, once pending
    /// housekeeping is done.
    #[must_use]
    pub fn usage(&self) -> (u64, u64) {
        self.moka.run_pending_tasks();
        (self.moka.weighted_size(), self.moka.entry_count())
    }
}

impl<V: Cached> fmt::Debug for MemoryTier<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryTier").field("entries", &self.moka.entry_count()).finish_non_exhaustive()
    }
}

/// moka frees an entry when it ends; that it no longer answers is checked by our own clock.
struct ByEntry;

impl<V: Cached> Expiry<Fingerprint, Arc<Stored<V>>> for ByEntry {
    fn expire_after_create(&self, _: &Fingerprint, stored: &Arc<Stored<V>>, _: Instant) -> Option<Duration> {
        Some(stored.lives_for)
    }

    fn expire_after_update(
        &self,
        _: &Fingerprint,
        stored: &Arc<Stored<V>>,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(stored.lives_for)
    }
}

/// How far a clock may be set back before entries that were made later answer no more.
const SET_BACK: Duration = Duration::from_secs(30);

/// What an entry costs beside its value and targets: `Stored`, and moka's own bookkeeping.
const ENTRY_OVERHEAD: u32 = 400;
