use std::sync::Arc;

use crate::slot::Slot;

/// How many units a request was worth. A handler puts it into its response's extensions; without
/// it the request is worth one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Units(pub u64);

/// A request that has been counted and whose units have not. Dropped without a report, it is worth
/// one.
#[derive(Debug)]
#[must_use = "dropped at once, the request is worth one unit"]
pub struct Counted {
    slot: Arc<Slot>,
    units: u64,
}

impl Counted {
    pub(crate) const fn new(slot: Arc<Slot>) -> Self {
        Self { slot, units: 1 }
    }

    /// Counts its units.
    #[inline]
    pub fn report(mut self, units: Units) {
        self.units = units.0;
    }
}

impl Drop for Counted {
    #[inline]
    fn drop(&mut self) {
        self.slot.add_units(self.units);
    }
}
