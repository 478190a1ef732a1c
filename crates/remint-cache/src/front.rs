use std::sync::Arc;

use remint_core::Timestamp;

use crate::memory::Stored;
use crate::{Cached, Fingerprint, RevocationTable, TableStamp};

/// One thread's copies of what it uses most: sets of four places, bounded in number and bytes.
#[derive(Debug)]
pub(crate) struct Front<V> {
    places: Box<[Option<Place<V>>]>,
    bytes: usize,
    budget: usize,
    hand: usize,
}

#[derive(Debug)]
struct Place<V> {
    fingerprint: Fingerprint,
    value: V,
    use_from: Timestamp,
    use_until: Timestamp,
    /// Up to which row this entry is known not to be revoked.
    checked: TableStamp,
    stored: Arc<Stored<V>>,
    bytes: usize,
}

impl<V: Cached> Front<V> {
    /// A front of at most `budget` bytes.
    pub(crate) fn new(budget: usize) -> Self {
        let places = (budget / BYTES_PER_PLACE).clamp(WAYS, MAX_PLACES).next_power_of_two();
        Self { places: std::iter::repeat_with(|| None).take(places).collect(), bytes: 0, budget, hand: 0 }
    }

    #[inline]
    pub(crate) fn get(&mut self, fingerprint: &Fingerprint, now: Timestamp, table: &RevocationTable) -> Option<V> {
        let set = self.set(fingerprint);
        let place = self.places.get_mut(set..set + WAYS)?.iter_mut().find(|place| holds(place, fingerprint))?;
        let held = place.as_mut()?;
        let stamp = table.stamp();
        let fresh = held.use_from <= now && now < held.use_until;
        if fresh && held.checked == stamp {
            return Some(held.value.clone());
        }
        if fresh && !table.is_dead(&held.stored.targets, held.stored.stamp) {
            held.checked = stamp;
            return Some(held.value.clone());
        }
        self.bytes -= held.bytes;
        *place = None;
        None
    }

    /// Takes a copy of what moka held, in place of what this set can best spare.
    pub(crate) fn put(&mut self, fingerprint: Fingerprint, stored: &Arc<Stored<V>>, checked: TableStamp) {
        let value = stored.value.for_thread();
        // The copy, and what it keeps alive after moka has dropped it.
        let bytes = 2 * stored.weight as usize;
        if bytes > self.budget {
            return;
        }
        let set = self.set(&fingerprint);
        let Some(places) = self.places.get(set..set + WAYS) else { return };
        let within = places.iter().position(|place| holds(place, &fingerprint) || place.is_none());
        let victim = set + within.unwrap_or(self.hand % WAYS);
        self.clear(victim);
        while self.bytes + bytes > self.budget {
            self.hand = (self.hand + 1) % self.places.len();
            self.clear(self.hand);
        }
        if within.is_none() {
            self.hand = (self.hand + 1) % self.places.len();
        }
        if let Some(place) = self.places.get_mut(victim) {
            self.bytes += bytes;
            let stored = Arc::clone(stored);
            *place = Some(Place {
                fingerprint,
                value,
                use_from: stored.use_from,
                use_until: stored.use_until,
                checked,
                stored,
                bytes,
            });
        }
    }

    fn clear(&mut self, index: usize) {
        if let Some(held) = self.places.get_mut(index).and_then(Option::take) {
            self.bytes -= held.bytes;
        }
    }

    fn set(&self, fingerprint: &Fingerprint) -> usize {
        // The number of places is a power of two.
        fingerprint.bits() as usize & (self.places.len() - 1) & !(WAYS - 1)
    }
}

#[inline]
fn holds<V>(place: &Option<Place<V>>, fingerprint: &Fingerprint) -> bool {
    place.as_ref().is_some_and(|held| held.fingerprint == *fingerprint)
}

const WAYS: usize = 4;
const MAX_PLACES: usize = 2048;
/// A guess at what a copy of a common entry costs, to choose the number of places.
const BYTES_PER_PLACE: usize = 2048;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use remint_core::Slot;

    use super::*;
    use crate::Fingerprinter;

    impl Cached for Vec<u8> {
        fn weight(&self) -> u32 {
            u32::try_from(self.len()).unwrap()
        }

        fn for_thread(&self) -> Self {
            self.clone()
        }
    }

    fn stored(table: &RevocationTable, weight: u32) -> Arc<Stored<Vec<u8>>> {
        let (value, use_until) = (vec![0; weight as usize], Timestamp::MAX);
        let lives_for = Duration::from_secs(1);
        Arc::new(Stored {
            value,
            use_from: Timestamp::from_secs(0),
            use_until,
            stamp: table.stamp(),
            targets: Box::default(),
            weight,
            lives_for,
        })
    }

    fn held(front: &Front<Vec<u8>>) -> (usize, usize) {
        let bytes = front.places.iter().flatten().map(|place| place.bytes);
        (bytes.clone().sum(), bytes.count())
    }

    #[test]
    fn a_front_holds_no_more_bytes_than_its_budget_however_large_its_entries_are() {
        const BUDGET: usize = 100_000;
        let (table, maker) = (RevocationTable::shared(), Fingerprinter::new("a", "p").unwrap());
        let mut front = Front::new(BUDGET);
        for number in 0..10_000_u32 {
            let weight = number.wrapping_mul(2_654_435_761) % 20_000;
            let name = maker.fingerprint(Slot::Bearer, &number.to_be_bytes());
            front.put(name, &stored(&table, weight), table.stamp());
            let (bytes, _) = held(&front);
            assert!(bytes <= BUDGET && bytes == front.bytes, "{bytes} {} after {number}", front.bytes);
        }
        let small = maker.fingerprint(Slot::Bearer, b"small");
        front.put(small, &stored(&table, 10), table.stamp());
        front.put(maker.fingerprint(Slot::Bearer, b"large"), &stored(&table, 60_000), table.stamp());
        assert!(front.get(&small, Timestamp::from_secs(1), &table).is_some(), "what cannot fit drives nobody out");
        assert!(held(&front).1 > 1);
    }
}
