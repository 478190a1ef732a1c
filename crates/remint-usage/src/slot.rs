use std::sync::atomic::{AtomicU64, Ordering};

use remint_core::{CredentialRef, Day, Identity, UsageCount, UsageKey};

/// The units of one caller on one day, in one thread's table. Requests that run hold it too.
#[derive(Debug)]
pub(crate) struct Slot {
    key: UsageKey,
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
        Self { key, units: AtomicU64::new(0) }
    }

    pub(crate) const fn key(&self) -> &UsageKey {
        &self.key
    }

    #[inline]
    pub(crate) fn add_units(&self, units: u64) {
        let add = |sum: u64| Some(sum.saturating_add(units));
        let _always_some = self.units.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// These requests, and all units, of which none are left.
    pub(crate) fn take_with(&self, requests: u64) -> UsageCount {
        UsageCount { requests, units: self.units.swap(0, Ordering::Relaxed) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.units.load(Ordering::Relaxed) == 0
    }
}
