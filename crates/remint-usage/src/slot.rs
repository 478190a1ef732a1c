use std::sync::atomic::{AtomicU64, Ordering};

use remint_core::{CredentialRef, Day, Identity, UsageCount, UsageKey};

/// The count of one caller on one day, in one thread's table.
#[derive(Debug)]
pub(crate) struct Slot {
    key: UsageKey,
    requests: AtomicU64,
    units: AtomicU64,
}

impl Slot {
    pub(crate) fn new(identity: &Identity, day: Day) -> Self {
        let key = match &identity.credential {
            CredentialRef::ApiKey { id } => Some(id.clone()),
            _ => None,
        };
        let (subject, tenant) = (identity.subject.clone(), identity.tenant.clone());
        let key = UsageKey { day, subject, tenant, key, environment: identity.environment };
        Self { key, requests: AtomicU64::new(0), units: AtomicU64::new(0) }
    }

    pub(crate) const fn key(&self) -> &UsageKey {
        &self.key
    }

    pub(crate) fn add_request(&self) {
        // It would take centuries to wrap around by ones.
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn add_units(&self, units: u64) {
        let add = |sum: u64| Some(sum.saturating_add(units));
        let _always_some = self.units.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// What was counted, and nothing left.
    pub(crate) fn take(&self) -> UsageCount {
        let requests = self.requests.swap(0, Ordering::Relaxed);
        UsageCount { requests, units: self.units.swap(0, Ordering::Relaxed) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.requests.load(Ordering::Relaxed) == 0 && self.units.load(Ordering::Relaxed) == 0
    }
}
