use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use remint_core::{Clock, PlanName, QuotaCounter};

use crate::{MemoryCounter, Plan, Plans};

/// Which limits hold for whom, and the counter. Clones share both.
#[derive(Clone)]
pub struct Quota {
    inner: Arc<Inner>,
}

struct Inner {
    /// One of a kind in this process.
    id: u64,
    plans: Plans,
    counter: Arc<dyn QuotaCounter>,
    /// Names of plans that are not configured and were logged.
    unknown: Mutex<HashSet<PlanName>>,
}

impl Quota {
    /// These plans, counted by this counter.
    #[must_use]
    pub fn new(plans: Plans, counter: Arc<dyn QuotaCounter>) -> Self {
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        Self { inner: Arc::new(Inner { id, plans, counter, unknown: Mutex::default() }) }
    }

    /// These plans, counted in this process.
    #[must_use]
    pub fn in_memory(plans: Plans, clock: impl Clock) -> Self {
        Self::new(plans, Arc::new(MemoryCounter::new(clock)))
    }

    pub(crate) fn id(&self) -> u64 {
        self.inner.id
    }

    pub(crate) fn counter(&self) -> &dyn QuotaCounter {
        &*self.inner.counter
    }

    pub(crate) fn plan(&self, place: usize) -> Option<&Plan> {
        self.inner.plans.at(place)
    }

    /// Where the plan of this name is; the default plan without one, or if it is not configured.
    pub(crate) fn place(&self, name: Option<&PlanName>) -> usize {
        let Some(name) = name else { return DEFAULT };
        self.inner.plans.find(name).unwrap_or_else(|| {
            self.inner.unknown_plan(name);
            DEFAULT
        })
    }
}

impl Inner {
    /// Somebody has a plan that this process does not know: worth a line in the log, once for each
    /// name.
    #[cold]
    fn unknown_plan(&self, name: &PlanName) {
        metrics::counter!("remint_quota_unknown_plan_total").increment(1);
        let mut unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        if unknown.len() < MOST_LOGGED && unknown.insert(name.clone()) {
            tracing::warn!(target: "remint", plan = %name, "a plan that is not configured: the default plan holds");
        }
    }
}

impl fmt::Debug for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Quota").field("plans", &self.inner.plans).finish_non_exhaustive()
    }
}

static NEXT_ID: AtomicU64 = AtomicU64::new(0);
const DEFAULT: usize = 0;
const MOST_LOGGED: usize = 64;
