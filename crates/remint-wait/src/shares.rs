use std::fmt;
use std::hash::{BuildHasher, RandomState};

use crate::{NotWaited, Place, Places};

/// Places of which no name gets more than a quarter, whatever names strangers invent: a name stands for one
/// of 64 counters, by a hash that strangers cannot compute. Names that share a counter share its quarter.
pub struct Shares {
    all: Places,
    each: Box<[Places]>,
    hash: RandomState,
}

impl Shares {
    /// Room for `most` at once, and for a quarter of it (at least one) of the same name.
    #[must_use]
    pub fn new(most: usize) -> Self {
        let each = (0..COUNTERS).map(|_| Places::new(quarter(most))).collect();
        Self { all: Places::new(most), each, hash: RandomState::new() }
    }

    /// A place among all, and one of this name's.
    ///
    /// # Errors
    ///
    /// [`NotWaited::Full`] if all are taken, or all of the name's.
    pub fn take(&self, name: &str) -> Result<(Place<'_>, Option<Place<'_>>), NotWaited> {
        let counter = usize::try_from(self.hash.hash_one(name) % COUNTERS).unwrap_or_default();
        let own = self.each.get(counter).map(Places::take).transpose()?;
        Ok((self.all.take()?, own))
    }
}

/// What one issuer gets of so many places: a quarter, and at least one.
#[must_use]
pub const fn quarter(most: usize) -> usize {
    if most < 4 { 1 } else { most / 4 }
}

impl fmt::Debug for Shares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shares").field("all", &self.all).finish_non_exhaustive()
    }
}

const COUNTERS: u64 = 64;
