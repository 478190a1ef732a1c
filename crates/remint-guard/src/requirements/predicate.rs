use std::fmt;
use std::sync::Arc;

use remint_core::Identity;

/// A condition of the service's own, with its name. Clones share it, and nothing else is equal to it.
#[derive(Clone)]
pub(super) struct Predicate {
    pub(super) name: &'static str,
    holds: Arc<dyn Fn(&Identity) -> bool + Send + Sync>,
}

impl Predicate {
    pub(super) fn new(name: &'static str, holds: impl Fn(&Identity) -> bool + Send + Sync + 'static) -> Self {
        Self { name, holds: Arc::new(holds) }
    }

    pub(super) fn holds(&self, identity: &Identity) -> bool {
        (self.holds)(identity)
    }
}

/// Whether two functions do the same cannot be seen.
impl PartialEq for Predicate {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && Arc::ptr_eq(&self.holds, &other.holds)
    }
}

impl Eq for Predicate {}

/// Its name.
impl fmt::Debug for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.name, f)
    }
}
