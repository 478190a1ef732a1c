use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::mem;
use std::sync::atomic::{Ordering, fence};
use std::sync::{Arc, Weak};

use remint_core::{Day, Identity};

use crate::ledger::Ledger;
use crate::slot::Slot;

/// One thread's counts, found by the address of the identity.
#[derive(Debug, Default)]
pub(crate) struct Local {
    places: HashMap<usize, Place, BuildHasherDefault<AddressHasher>>,
    /// At how many places room is made; zero: at [`CAPACITY`](Self::CAPACITY).
    spill_at: usize,
    /// Counts of days gone by whose requests still run.
    retired: Vec<Arc<Slot>>,
}

#[derive(Debug)]
struct Place {
    /// Keeps the address taken, so that no other identity comes to stand there.
    _identity: Weak<Identity>,
    day: Day,
    requests: u64,
    slot: Arc<Slot>,
}

impl Local {
    /// How many callers a thread holds before it adds them up by names (those whose requests run
    /// are held in any case).
    pub(crate) const CAPACITY: usize = 4096;

    /// Counts a request, if its caller has a place of this day.
    #[inline]
    pub(crate) fn count(&mut self, identity: &Arc<Identity>, day: Day) -> Option<Arc<Slot>> {
        let place = self.places.get_mut(&address(identity)).filter(|place| place.day == day)?;
        place.requests = place.requests.saturating_add(1);
        Some(Arc::clone(&place.slot))
    }

    /// Counts a request and makes its caller a place of this day. What has to make room for it goes to
    /// the ledger.
    #[cold]
    pub(crate) fn open(&mut self, identity: &Arc<Identity>, day: Day, ledger: &mut Ledger) -> Arc<Slot> {
        if self.places.len() >= self.spill_at.max(Self::CAPACITY) {
            self.places.retain(|_, place| {
                let held = place.close(ledger);
                held.is_some()
            });
            self.spill_at = 2 * self.places.len();
        }
        let slot = Arc::new(Slot::new(identity, day));
        let place = Place { _identity: Arc::downgrade(identity), day, requests: 1, slot: Arc::clone(&slot) };
        if let Some(mut before) = self.places.insert(address(identity), place) {
            self.retired.extend(before.close(ledger));
        }
        slot
    }

    /// The requests counted, and what holds their units. Places that were idle since the last time and
    /// that no request holds are given up.
    pub(crate) fn collect(&mut self, into: &mut Vec<(u64, Arc<Slot>)>) {
        self.places.retain(|_, place| place.requests > 0 || !is_idle(&place.slot));
        self.retired.retain(|slot| !is_idle(slot));
        into.extend(self.places.values_mut().map(|place| (mem::take(&mut place.requests), Arc::clone(&place.slot))));
        into.extend(self.retired.iter().map(|slot| (0, Arc::clone(slot))));
    }
}

impl Place {
    /// Moves what was counted to the ledger. Returns the slot if a request may still add units to it.
    fn close(&mut self, ledger: &mut Ledger) -> Option<Arc<Slot>> {
        let alone = is_alone(&self.slot);
        ledger.add(self.slot.key(), self.slot.take_with(mem::take(&mut self.requests)));
        (!alone).then(|| Arc::clone(&self.slot))
    }
}

/// Whether nobody else holds the slot, and so what they added to it is seen. None can come to hold it
/// while the thread's lock is held.
fn is_alone(slot: &Arc<Slot>) -> bool {
    let alone = Arc::strong_count(slot) == 1;
    fence(Ordering::Acquire);
    alone
}

fn is_idle(slot: &Arc<Slot>) -> bool {
    is_alone(slot) && slot.is_empty()
}

#[inline]
fn address(identity: &Arc<Identity>) -> usize {
    Arc::as_ptr(identity).addr()
}

/// Spreads addresses over all bits: one multiplication, its halves folded together.
#[derive(Debug, Default)]
pub(crate) struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_usize(usize::from(*byte));
        }
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "both halves are folded into one")]
    fn write_usize(&mut self, address: usize) {
        let wide = u128::from(self.0 ^ address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = (wide as u64) ^ ((wide >> 64) as u64);
    }
}

#[cfg(test)]
mod tests {
    use remint_core::{CredentialRef, Environment, KeyId};

    use super::*;

    fn caller(number: usize) -> Arc<Identity> {
        let subject = format!("user-{number}").parse().unwrap();
        let credential = CredentialRef::ApiKey { id: KeyId::new("key_1").unwrap() };
        Arc::new(Identity::new(subject, Environment::Live, "key_1".parse().unwrap(), credential))
    }

    fn collected(local: &mut Local, ledger: &mut Ledger) -> usize {
        let mut counts = Vec::new();
        local.collect(&mut counts);
        counts.iter().for_each(|(requests, slot)| ledger.add(slot.key(), slot.take_with(*requests)));
        counts.len()
    }

    #[test]
    fn a_thread_holds_so_many_callers_and_no_more() {
        let (mut local, mut ledger) = (Local::default(), Ledger::default());
        let callers: Vec<_> = (0..3 * Local::CAPACITY).map(caller).collect();
        for caller in &callers {
            local.open(caller, Day(1), &mut ledger);
            assert!(local.places.len() <= Local::CAPACITY);
        }
        collected(&mut local, &mut ledger);
        let rows = ledger.into_rows();
        assert_eq!(rows.len(), callers.len());
        assert!(rows.iter().all(|row| row.count.requests == 1));
    }

    #[test]
    fn a_caller_whose_request_runs_keeps_their_place_when_room_is_made() {
        let (mut local, mut ledger) = (Local::default(), Ledger::default());
        let callers: Vec<_> = (0..2 * Local::CAPACITY).map(caller).collect();
        let running = local.open(&callers[0], Day(1), &mut ledger);
        for caller in &callers[1..] {
            local.open(caller, Day(1), &mut ledger);
        }
        running.add_units(7);
        drop(running);
        collected(&mut local, &mut ledger);
        let rows = ledger.into_rows();
        let first = rows.iter().find(|row| row.key.subject == callers[0].subject).unwrap();
        assert_eq!((first.count.requests, first.count.units), (1, 7));
    }

    #[test]
    fn where_nearly_all_run_room_is_looked_for_again_at_twice_as_many() {
        let (mut local, mut ledger) = (Local::default(), Ledger::default());
        let callers: Vec<_> = (0..=Local::CAPACITY + 100).map(caller).collect();
        let (running, idle) = callers.split_at(Local::CAPACITY);
        let _running: Vec<_> = running.iter().map(|caller| local.open(caller, Day(1), &mut ledger)).collect();
        for caller in idle {
            local.open(caller, Day(1), &mut ledger);
        }
        assert_eq!(local.places.len(), callers.len(), "not looked through for each of them");
    }

    #[test]
    fn a_day_gone_by_is_forgotten_when_its_last_request_has_ended() {
        let (mut local, mut ledger) = (Local::default(), Ledger::default());
        let alice = caller(1);
        let yesterdays = local.open(&alice, Day(1), &mut ledger);
        local.open(&alice, Day(2), &mut ledger);
        assert_eq!(collected(&mut local, &mut ledger), 2);
        drop(yesterdays);
        assert_eq!(collected(&mut local, &mut ledger), 0);
        assert!(local.retired.is_empty());
    }

    #[test]
    fn who_was_seen_since_the_last_collection_is_found_and_who_was_idle_is_forgotten() {
        let (mut local, mut ledger) = (Local::default(), Ledger::default());
        let (alice, bob) = (caller(1), caller(2));
        for caller in [&alice, &bob] {
            local.open(caller, Day(1), &mut ledger);
        }
        assert!(local.count(&alice, Day(2)).is_none());
        assert_eq!(collected(&mut local, &mut ledger), 2);
        assert!(local.count(&alice, Day(1)).is_some());
        assert_eq!(collected(&mut local, &mut ledger), 1);
        assert!(local.count(&bob, Day(1)).is_none());
        let running = local.count(&alice, Day(1)).unwrap();
        assert_eq!(collected(&mut local, &mut ledger), 1);
        assert_eq!(collected(&mut local, &mut ledger), 1, "a request that runs will report its units");
        drop(running);
        assert_eq!(collected(&mut local, &mut ledger), 0);
    }
}
