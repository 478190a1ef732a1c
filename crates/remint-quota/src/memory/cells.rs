use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::cell::Cell;

/// A shard's budgets: those that are not full, and some that have become so.
#[derive(Debug, Default)]
pub(super) struct Cells {
    by_name: HashMap<u128, Cell, BuildHasherDefault<PassThrough>>,
    /// At how many the full ones are dropped.
    sweep_at: usize,
}

impl Cells {
    #[inline]
    pub(super) fn backlog(&mut self, name: u128, now: u64) -> u64 {
        self.by_name.get_mut(&name).map_or(0, |cell| {
            cell.mend(now);
            cell.backlog(now)
        })
    }

    #[inline]
    pub(super) fn set(&mut self, name: u128, cell: Cell, now: u64, capacity: usize) {
        if let Some(held) = self.by_name.get_mut(&name) {
            *held = cell;
        } else if cell.full_at > now {
            if self.by_name.len() >= self.sweep_at {
                self.sweep(now, capacity);
            }
            self.by_name.insert(name, cell);
        }
    }

    /// Drops what is full, so that each new budget pays for a constant number of looks. If that leaves
    /// no room, the fuller half goes too: who had taken least is forgiven.
    #[cold]
    fn sweep(&mut self, now: u64, capacity: usize) {
        self.by_name.retain(|_, cell| cell.backlog(now) > 0);
        if self.by_name.len() >= capacity {
            let mut backlogs: Vec<_> = self.by_name.values().map(|cell| cell.backlog(now)).collect();
            let half = backlogs.len() / 2;
            let (_, median, _) = backlogs.select_nth_unstable(half);
            let (median, before) = (*median, self.by_name.len());
            self.by_name.retain(|_, cell| cell.backlog(now) > median);
            let dropped = before - self.by_name.len();
            metrics::counter!("remint_quota_budgets_forgotten_total").increment(dropped as u64);
        }
        self.sweep_at = (2 * self.by_name.len()).clamp(FIRST_SWEEP.min(capacity), capacity);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.by_name.len()
    }
}

/// The names are random already.
#[derive(Debug, Default)]
pub(super) struct PassThrough(u64);

impl Hasher for PassThrough {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "half of a random name is random")]
    fn write_u128(&mut self, name: u128) {
        self.0 = name as u64;
    }
}

const FIRST_SWEEP: usize = 64;
