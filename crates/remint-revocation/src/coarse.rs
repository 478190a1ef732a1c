use std::collections::HashMap;

use remint_core::{Revocation, Target};

use crate::hash::TargetHash;
use crate::row::{Row, Seconds};
use crate::sync::{AtomicU64, Mutex, MutexGuard, Ordering, PoisonError};

/// What rows became that there was no room for: something wider was revoked in their place, perhaps.
///
/// A row here sends caches to the source. Whether a token has ended, the log itself tells.
#[derive(Debug)]
pub(crate) struct Coarse {
    rows: Mutex<HashMap<TargetHash, Row>>,
    /// How many there are: nobody takes the lock for none.
    count: AtomicU64,
}

impl Coarse {
    pub(crate) fn new() -> Self {
        Self { rows: Mutex::new(HashMap::new()), count: AtomicU64::new(0) }
    }

    /// Whether there is no row.
    pub(crate) fn is_empty(&self) -> bool {
        self.count.load(Ordering::Acquire) == 0
    }

    /// What is known of a wider target.
    pub(crate) fn get(&self, target: TargetHash) -> Option<Row> {
        if self.is_empty() { None } else { self.rows().get(&target).copied() }
    }

    /// Changes it; `new` if nothing was known.
    pub(crate) fn update(&self, target: TargetHash, new: impl FnOnce() -> Row, change: impl FnOnce(&mut Row)) {
        let mut rows = self.rows();
        change(rows.entry(target).or_insert_with(new));
        self.count.store(rows.len() as u64, Ordering::Release);
    }

    /// Forgets rows of which nothing newer was written.
    pub(crate) fn purge(&self, horizon: Seconds) {
        if !self.is_empty() {
            let mut rows = self.rows();
            rows.retain(|_, row| row.written() >= horizon);
            self.count.store(rows.len() as u64, Ordering::Release);
        }
    }

    fn rows(&self) -> MutexGuard<'_, HashMap<TargetHash, Row>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a row is about where there is no room for it: whatever names its target names this too.
pub(crate) fn coarser(row: &Revocation) -> Target {
    match (&row.target, &row.user) {
        (Target::Key(_), Some(user)) => Target::User(user.clone()),
        (target, _) => wider(target).unwrap_or(Target::Everything),
    }
}

/// What names it as well, beside [`Target::Everything`] and what it names itself.
pub(crate) fn wider(target: &Target) -> Option<Target> {
    match target {
        Target::Subject { issuer, .. } | Target::Session { issuer, .. } | Target::Token { issuer, .. } => {
            Some(Target::Issuer(issuer.clone()))
        }
        _ => None,
    }
}
