use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};

use crate::hash::TargetHash;
use crate::row::{Row, Seconds};
use crate::sync::{PoisonError, RwLock, RwLockWriteGuard, SHARDS};

/// The rows, in parts with a lock each: who grows or cleans one part holds up nobody who asks another, and nobody for
/// long.
#[derive(Debug)]
pub(crate) struct Shards([RwLock<Rows>; SHARDS]);

type Rows = HashMap<TargetHash, Row, BuildHasherDefault<Bits>>;

/// By how much a part has changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) rows: isize,
    pub(crate) bytes: isize,
}

impl Shards {
    pub(crate) fn new() -> Self {
        Self(std::array::from_fn(|_| RwLock::default()))
    }

    /// What is known of a target.
    pub(crate) fn get(&self, target: TargetHash) -> Option<Row> {
        self.shard(target.shard()).read().unwrap_or_else(PoisonError::into_inner).get(&target).copied()
    }

    /// Changes what is known of a target; `new` if that was nothing.
    pub(crate) fn update(
        &self,
        target: TargetHash,
        new: impl FnOnce() -> Row,
        change: impl FnOnce(&mut Row),
    ) -> Change {
        self.changed(target.shard(), |rows| match rows.entry(target) {
            Entry::Occupied(mut held) => change(held.get_mut()),
            Entry::Vacant(place) => change(place.insert(new())),
        })
    }

    /// Forgets the rows of one part that were written before `horizon`.
    pub(crate) fn purge(&self, shard: u64, horizon: Seconds) -> Change {
        self.changed(shard, |rows| {
            rows.retain(|_, row| row.written() >= horizon);
            if rows.len() * 4 < rows.capacity() {
                rows.shrink_to(rows.len() * 2);
            }
        })
    }

    fn changed(&self, shard: u64, change: impl FnOnce(&mut Rows)) -> Change {
        let mut rows: RwLockWriteGuard<'_, Rows> = self.shard(shard).write().unwrap_or_else(PoisonError::into_inner);
        let before = size(&rows);
        change(&mut rows);
        let after = size(&rows);
        Change { rows: after.rows - before.rows, bytes: after.bytes - before.bytes }
    }

    #[expect(clippy::indexing_slicing, reason = "the index is taken modulo the length")]
    fn shard(&self, bits: u64) -> &RwLock<Rows> {
        &self.0[bits as usize % SHARDS]
    }
}

fn size(rows: &Rows) -> Change {
    // A map has eight places for seven that it offers, and a byte of its own for each.
    let places = rows.capacity() + rows.capacity() / 7;
    let signed = |number: usize| isize::try_from(number).unwrap_or(isize::MAX);
    Change { rows: signed(rows.len()), bytes: signed(places * BYTES_PER_PLACE) }
}

/// What one place of a map takes.
pub(crate) const BYTES_PER_PLACE: usize = size_of::<(TargetHash, Row)>() + 1;

/// Takes the second half of a hash as it is: it is pseudo-random already, and the first half chose the part.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Bits(u64);

impl Hasher for Bits {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = word;
    }
}
