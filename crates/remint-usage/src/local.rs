use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, Weak};

use remint_core::{Day, Identity};

use crate::ledger::Ledger;
use crate::slot::Slot;

/// One thread's counts, found by the address of the identity.
#[derive(Debug, Default)]
pub(crate) struct Local {
    places: HashMap<usize, Place, BuildHasherDefault<AddressHasher>>,
    /// Counts of days gone by whose requests still run.
    retired: Vec<Arc<Slot>>,
}

#[derive(Debug)]
struct Place {
    /// Keeps the address taken, so that no other identity comes to stand there.
    _identity: Weak<Identity>,
    day: Day,
    slot: Arc<Slot>,
}

impl Local {
    /// How many callers a thread holds before it adds them up by names.
    pub(crate) const CAPACITY: usize = 4096;

    /// The caller's count, if it was made since the last spill and on this day.
    #[inline]
    pub(crate) fn find(&self, identity: &Arc<Identity>, day: Day) -> Option<&Arc<Slot>> {
        let place = self.places.get(&address(identity))?;
        (place.day == day).then_some(&place.slot)
    }

    /// Makes the caller's count for this day. What has to make room for it goes to the ledger.
    #[cold]
    pub(crate) fn open(&mut self, identity: &Arc<Identity>, day: Day, ledger: &mut Ledger) -> Arc<Slot> {
        if self.places.len() >= Self::CAPACITY {
            self.places.retain(|_, place| !closed(&place.slot, ledger));
        }
        let slot = Arc::new(Slot::new(identity, day));
        let place = Place { _identity: Arc::downgrade(identity), day, slot: Arc::clone(&slot) };
        if let Some(before) = self.places.insert(address(identity), place)
            && !closed(&before.slot, ledger)
        {
            self.retired.push(before.slot);
        }
        slot
    }

    /// Every count there is. Those that were idle since the last time and that no request holds
    /// are forgotten.
    pub(crate) fn collect(&mut self, into: &mut Vec<Arc<Slot>>) {
        self.places.retain(|_, place| !idle(&place.slot));
        self.retired.retain(|slot| !idle(slot));
        into.extend(self.places.values().map(|place| Arc::clone(&place.slot)));
        into.extend(self.retired.iter().cloned());
    }
}

/// Whether no request holds the count (none can come to hold it while the thread's lock is held) and
/// what it held was moved to the ledger.
fn closed(slot: &Arc<Slot>, ledger: &mut Ledger) -> bool {
    let alone = Arc::strong_count(slot) == 1;
    if alone {
        std::sync::atomic::fence(std::sync::atomic::Ordering::Acquire);
        ledger.add(slot.key(), slot.take());
    }
    alone
}

fn idle(slot: &Arc<Slot>) -> bool {
    // The order matters: whoever lets go of the count has added to it before.
    let alone = Arc::strong_count(slot) == 1;
    std::sync::atomic::fence(std::sync::atomic::Ordering::Acquire);
    alone && slot.is_empty()
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

    #[test]
    fn a_thread_holds_so_many_callers_and_no_more() {
        let (mut local, mut ledger) = (Local::default(), Ledger::default());
        let callers: Vec<_> = (0..3 * Local::CAPACITY).map(caller).collect();
        for caller in &callers {
            local.open(caller, Day(1), &mut ledger).add_request();
            assert!(local.places.len() <= Local::CAPACITY);
        }
        let mut slots = Vec::new();
        local.collect(&mut slots);
        slots.iter().for_each(|slot| ledger.add(slot.key(), slot.take()));
        assert_eq!(ledger.into_rows().len(), callers.len());
    }

    #[test]
    fn who_was_seen_since_the_last_collection_is_found_and_who_was_idle_is_forgotten() {
        let (mut local, mut ledger) = (Local::default(), Ledger::default());
        let (alice, bob) = (caller(1), caller(2));
        for caller in [&alice, &bob] {
            local.open(caller, Day(1), &mut ledger).add_request();
        }
        assert!(local.find(&alice, Day(1)).is_some());
        assert!(local.find(&alice, Day(2)).is_none());
        let collect = |local: &mut Local| {
            let mut slots = Vec::new();
            local.collect(&mut slots);
            slots.iter().for_each(|slot| _ = slot.take());
            slots.len()
        };
        assert_eq!(collect(&mut local), 2);
        local.find(&alice, Day(1)).unwrap().add_request();
        assert_eq!(collect(&mut local), 1);
        let running = Arc::clone(local.find(&alice, Day(1)).unwrap());
        assert_eq!(collect(&mut local), 1, "a request that runs will report its units");
        drop(running);
        assert_eq!(collect(&mut local), 0);
    }
}
