use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use remint_core::{Clock, QuotaAnswer, QuotaCharge, QuotaCounter, QuotaTaken, Unavailable, UnavailableKind};

use super::cell::{Cell, Rate};
use super::cells::Cells;

/// Counts in this process, in bounded memory.
///
/// A budget is found by a 128-bit hash of its names under two random keys of this process: nobody
/// who chooses names can find two that collide. Full budgets are dropped; if there are too many that
/// are not full, those of which the least was taken are, and counted in `remint_quota_budgets_forgotten_total`.
pub struct MemoryCounter {
    clock: Arc<dyn Clock>,
    keys: [RandomState; 2],
    shards: Box<[Shard]>,
    /// Of one shard.
    capacity: usize,
}

/// On lines of the processor's cache that no other shard stands on.
#[derive(Default)]
#[repr(align(128))]
struct Shard(Mutex<Cells>);

impl MemoryCounter {
    /// How many budgets that are not full it holds, unless told otherwise: about 64 MB of them.
    pub const CAPACITY: usize = 1 << 20;

    /// A counter of at most [`CAPACITY`](Self::CAPACITY) budgets.
    #[must_use]
    pub fn new(clock: impl Clock) -> Self {
        Self::with_capacity(clock, Self::CAPACITY)
    }

    /// A counter of at most about this many budgets (and at least 256).
    #[must_use]
    pub fn with_capacity(clock: impl Clock, capacity: usize) -> Self {
        let shards = std::iter::repeat_with(Shard::default).take(SHARDS).collect();
        let keys = [RandomState::new(), RandomState::new()];
        Self { clock: clock.into_arc(), keys, shards, capacity: (capacity / SHARDS).max(4) }
    }

    fn now(&self) -> u64 {
        self.clock.now().as_millis().saturating_mul(1_000_000)
    }

    fn name(&self, charge: &QuotaCharge<'_>) -> u128 {
        let [high, low] = &self.keys;
        let of = |key: &RandomState| u128::from(key.hash_one((charge.limit, charge.holder, charge.window)));
        of(high) << 64 | of(low)
    }

    /// Locks the budgets of these charges, each shard once and in ascending order.
    fn lock(&self, charges: &[QuotaCharge<'_>]) -> Held<'_> {
        let mut held = Held { names: [0; QuotaTaken::MAX], shards: [const { None }; QuotaTaken::MAX] };
        let mut order = [usize::MAX; QuotaTaken::MAX];
        for ((charge, name), place) in charges.iter().zip(&mut held.names).zip(&mut order) {
            *name = self.name(charge);
            *place = shard_of(*name);
        }
        order.sort_unstable();
        let (mut last, mut free) = (usize::MAX, held.shards.iter_mut());
        for number in order {
            if number != last
                && let (Some(shard), Some(place)) = (self.shards.get(number), free.next())
            {
                // The cells are whole after any panic.
                *place = Some((number, shard.0.lock().unwrap_or_else(PoisonError::into_inner)));
                last = number;
            }
        }
        held
    }

    fn take_now(&self, charges: &[QuotaCharge<'_>]) -> QuotaTaken {
        let now = self.now();
        let mut held = self.lock(charges);
        let mut checked = [(0, Rate::default(), Ok(0)); QuotaTaken::MAX];
        let mut allowed = true;
        for ((charge, name), check) in charges.iter().zip(held.names).zip(&mut checked) {
            let (rate, backlog) = (Rate::of(charge), held.cells(name).map_or(0, |cells| cells.backlog(name, now)));
            *check = (backlog, rate, rate.charge(backlog));
            allowed &= check.2.is_ok();
        }
        if allowed {
            for ((_, rate, after), name) in checked.iter().zip(held.names).take(charges.len()) {
                if let (Ok(after), Some(cells)) = (after, held.cells(name)) {
                    cells.set(name, Cell::new(now, *after, *rate), now, self.capacity);
                }
            }
        }
        QuotaTaken::new(checked.iter().take(charges.len()).map(|(before, rate, after)| match after {
            Ok(after) => rate.standing(if allowed { *after } else { *before }, None),
            Err(short_for) => rate.standing(*before, Some(*short_for)),
        }))
    }

    fn give_back_now(&self, charges: &[QuotaCharge<'_>]) {
        let now = self.now();
        let mut held = self.lock(charges);
        for (charge, name) in charges.iter().zip(held.names) {
            if let Some(cells) = held.cells(name) {
                let rate = Rate::of(charge);
                let backlog = rate.give_back(cells.backlog(name, now));
                cells.set(name, Cell::new(now, backlog, rate), now, self.capacity);
            }
        }
    }
}

impl QuotaCounter for MemoryCounter {
    fn take(&self, charges: &[QuotaCharge<'_>]) -> QuotaAnswer<QuotaTaken> {
        QuotaAnswer::Now(few(charges).map(|()| self.take_now(charges)))
    }

    fn give_back(&self, charges: &[QuotaCharge<'_>]) -> QuotaAnswer<()> {
        QuotaAnswer::Now(few(charges).map(|()| self.give_back_now(charges)))
    }
}

impl fmt::Debug for MemoryCounter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryCounter").field("clock", &self.clock).finish_non_exhaustive()
    }
}

/// The locked shards of some charges, with the charges' names.
struct Held<'a> {
    names: [u128; QuotaTaken::MAX],
    shards: [Option<(usize, MutexGuard<'a, Cells>)>; QuotaTaken::MAX],
}

impl Held<'_> {
    fn cells(&mut self, name: u128) -> Option<&mut Cells> {
        let number = shard_of(name);
        self.shards.iter_mut().flatten().find(|(shard, _)| *shard == number).map(|(_, cells)| &mut **cells)
    }
}

fn few(charges: &[QuotaCharge<'_>]) -> Result<(), Unavailable> {
    let few = charges.len() <= QuotaTaken::MAX;
    few.then_some(()).ok_or(Unavailable::new(UnavailableKind::Internal))
}

/// Of the half that the maps within the shards do not use.
const fn shard_of(name: u128) -> usize {
    (name >> 64) as usize % SHARDS
}

const SHARDS: usize = 64;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use remint_core::{QuotaHolder, Subject};
    use remint_testkit::ManualClock;

    use super::*;

    fn charge(counter: &MemoryCounter, number: usize, cost: u64) -> QuotaTaken {
        let subject = Subject::new(format!("user-{number}")).unwrap();
        let (holder, window) = (QuotaHolder::Subject(&subject), Duration::from_secs(100));
        let interval = Duration::from_secs(1);
        match counter.take(&[QuotaCharge { limit: "user", holder, window, interval, burst: 100, cost }]) {
            QuotaAnswer::Now(taken) => taken.unwrap(),
            QuotaAnswer::Later(_) => unreachable!(),
        }
    }

    fn held(counter: &MemoryCounter) -> usize {
        counter.shards.iter().map(|shard| shard.0.lock().unwrap().len()).sum()
    }

    #[test]
    fn full_budgets_are_dropped_without_anyone_asking_for_them() {
        let clock = ManualClock::default();
        let counter = MemoryCounter::new(clock.clone());
        for number in 0..200_000 {
            charge(&counter, number, 1);
            clock.advance(Duration::from_millis(10));
        }
        // A hundred budgets are not full at any time.
        assert!(held(&counter) <= SHARDS * 64, "{}", held(&counter));
    }

    #[test]
    fn memory_is_bounded_and_who_took_most_is_not_forgotten() {
        let counter = MemoryCounter::with_capacity(ManualClock::default(), 1024);
        assert!(charge(&counter, 0, 100).is_allowed());
        for number in 1..50_000 {
            charge(&counter, number, 1);
            assert!(held(&counter) <= 1024);
        }
        assert!(!charge(&counter, 0, 1).is_allowed());
    }

    #[test]
    fn a_clock_that_was_set_back_locks_nobody_out_for_longer_than_the_budget_takes() {
        let clock = ManualClock::default();
        let counter = MemoryCounter::new(clock.clone());
        assert!(charge(&counter, 0, 50).is_allowed());
        clock.advance(Duration::from_secs(24 * 3600));
        assert!(charge(&counter, 0, 50).is_allowed());
        clock.set(remint_core::Timestamp::from_secs(1_000));
        assert_eq!(charge(&counter, 0, 1).standings()[0].short_for, Some(Duration::from_secs(1)));
        clock.advance(Duration::from_secs(1));
        assert!(charge(&counter, 0, 1).is_allowed());
    }

    #[test]
    fn more_charges_than_an_answer_holds_are_a_defect_and_no_verdict() {
        let counter = MemoryCounter::new(ManualClock::default());
        let subject = Subject::new("alice").unwrap();
        let (holder, window) = (QuotaHolder::Subject(&subject), Duration::from_secs(1));
        let charge = QuotaCharge { limit: "user", holder, window, interval: window, burst: 1, cost: 1 };
        assert!(matches!(counter.take(&[charge; 9]), QuotaAnswer::Now(Err(_))));
        assert!(matches!(counter.give_back(&[charge; 9]), QuotaAnswer::Now(Err(_))));
    }
}
