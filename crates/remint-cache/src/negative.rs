use std::fmt;
use std::sync::Arc;

use moka::sync::Cache;
use remint_core::{DeniedKind, Timestamp};
use remint_revocation::{RevocationTable, TableStamp};

use crate::Fingerprint;
use crate::fingerprint::BuildPassThrough;
use crate::stored::stamp_of;

/// Denials remembered for a short while, in a small space of their own: however many bogus
/// credentials are sent, they push out only each other.
///
/// Any row in the revocation table makes all of them be forgotten, since a change may have given the
/// caller a right.
pub struct Negatives {
    moka: Cache<Fingerprint, Negative, BuildPassThrough>,
    table: Option<Arc<RevocationTable>>,
}

#[derive(Debug, Clone, Copy)]
struct Negative {
    kind: DeniedKind,
    until: Timestamp,
    stamp: TableStamp,
}

impl Negatives {
    /// A space for at most `entries` denials, which any row of this table makes be forgotten.
    #[must_use]
    pub fn new(entries: u64, table: impl Into<Option<Arc<RevocationTable>>>) -> Self {
        let moka = Cache::builder()
            .max_capacity(entries)
            .time_to_live(std::time::Duration::from_secs(15))
            .build_with_hasher(BuildPassThrough::default());
        Self { moka, table: table.into() }
    }

    /// Why this credential was denied a moment ago.
    pub fn get(&self, fingerprint: &Fingerprint, now: Timestamp) -> Option<DeniedKind> {
        let negative = self.moka.get(fingerprint)?;
        (now < negative.until && negative.stamp == stamp_of(self.table.as_deref())).then_some(negative.kind)
    }

    /// Remembers a denial, if its kind may be remembered at all.
    pub fn insert(&self, fingerprint: Fingerprint, kind: DeniedKind, stamp: TableStamp, now: Timestamp) {
        if let Some(life) = kind.remember_for() {
            self.moka.insert(fingerprint, Negative { kind, until: now.saturating_add(life), stamp });
        }
    }

    /// How many are held, once pending housekeeping is done.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.moka.run_pending_tasks();
        self.moka.entry_count()
    }

    /// Whether none is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Debug for Negatives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Negatives").field("entries", &self.moka.entry_count()).finish_non_exhaustive()
    }
}
