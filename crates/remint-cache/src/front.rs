use remint_core::Timestamp;
use remint_revocation::{Moment, RevocationTable, TableStamp, TargetHashes};

use crate::stored::{Stored, stamp_of, vouches};
use crate::{Cached, Fingerprint};

/// One thread's copies of what it uses most: sets of four places, bounded in number and bytes.
#[derive(Debug)]
pub(crate) struct Front<V> {
    places: Box<[Option<Place<V>>]>,
    bytes: usize,
    budget: usize,
    hand: usize,
    /// For each set, who last asked for a place that was taken.
    knocked: Box<[u64]>,
}

#[derive(Debug)]
struct Place<V> {
    fingerprint: Fingerprint,
    value: V,
    use_from: Timestamp,
    use_until: Timestamp,
    /// Up to which row this entry is known not to be revoked.
    checked: TableStamp,
    stamp: TableStamp,
    authenticated: Moment,
    targets: TargetHashes,
    bytes: usize,
}

impl<V: Cached> Front<V> {
    /// A front of at most `budget` bytes.
    pub(crate) fn new(budget: usize) -> Self {
        let places = (budget / BYTES_PER_PLACE).clamp(WAYS, MAX_PLACES).next_power_of_two();
        Self {
            places: std::iter::repeat_with(|| None).take(places).collect(),
            bytes: 0,
            budget,
            hand: 0,
            knocked: vec![0; places / WAYS].into(),
        }
    }

    #[inline]
    pub(crate) fn get(
        &mut self,
        fingerprint: &Fingerprint,
        now: Timestamp,
        table: Option<&RevocationTable>,
    ) -> Option<V> {
        let set = self.set(fingerprint);
        let place = self.places.get_mut(set..set + WAYS)?.iter_mut().find(|place| holds(place, fingerprint))?;
        let held = place.as_mut()?;
        if !vouches(table, held.authenticated) {
            return None;
        }
        let stamp = stamp_of(table);
        let fresh = held.use_from <= now && now < held.use_until;
        if fresh && held.checked == stamp {
            return Some(held.value.clone());
        }
        if fresh && !table.is_some_and(|table| table.is_dead(&held.targets, held.stamp)) {
            held.checked = stamp;
            return Some(held.value.clone());
        }
        self.bytes -= held.bytes;
        *place = None;
        None
    }

    /// Takes a copy of what moka held: where there is room at once, in another's place at the second time.
    pub(crate) fn put(&mut self, fingerprint: Fingerprint, stored: &Stored<V>, checked: TableStamp) {
        let bytes = stored.weight as usize;
        if bytes > self.budget {
            return;
        }
        let set = self.set(&fingerprint);
        let Some(places) = self.places.get(set..set + WAYS) else { return };
        let within = places.iter().position(|place| holds(place, &fingerprint) || place.is_none());
        let takes_anothers_place = within.is_none() || self.bytes + bytes > self.budget;
        if takes_anothers_place && !self.knocks_again(set, &fingerprint) {
            return;
        }
        let value = stored.value.for_thread();
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
            *place = Some(Place {
                fingerprint,
                value,
                use_from: stored.use_from,
                use_until: stored.use_until,
                checked,
                stamp: stored.stamp,
                authenticated: stored.authenticated,
                targets: stored.targets.clone(),
                bytes,
            });
        }
    }

    /// Whether nobody else of this set asked in between: what is used once in a while among much else is
    /// not worth a copy.
    fn knocks_again(&mut self, set: usize, fingerprint: &Fingerprint) -> bool {
        let last = self.knocked.get_mut(set / WAYS).map(|last| std::mem::replace(last, fingerprint.bits()));
        last == Some(fingerprint.bits())
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
const BYTES_PER_PLACE: usize = 1024;

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use remint_core::{Slot, SystemClock};
    use remint_revocation::Revocations;

    use super::*;
    use crate::Fingerprinter;

    fn table() -> Arc<RevocationTable> {
        Arc::clone(Revocations::in_memory(SystemClock).unwrap().table())
    }

    impl Cached for Vec<u8> {
        fn weight(&self) -> u32 {
            u32::try_from(self.len()).unwrap()
        }

        fn for_thread(&self) -> Self {
            self.clone()
        }
    }

    fn stored(table: &RevocationTable, weight: u32) -> Stored<Vec<u8>> {
        let (value, use_until) = (vec![0; weight as usize], Timestamp::MAX);
        let lives_for = Duration::from_secs(1);
        Stored {
            value,
            use_from: Timestamp::from_secs(0),
            use_until,
            stamp: table.stamp(),
            authenticated: Moment::default(),
            targets: TargetHashes::default(),
            weight,
            lives_for,
        }
    }

    fn held(front: &Front<Vec<u8>>) -> (usize, usize) {
        let bytes = front.places.iter().flatten().map(|place| place.bytes);
        (bytes.clone().sum(), bytes.count())
    }

    fn put_twice(front: &mut Front<Vec<u8>>, name: Fingerprint, stored: &Stored<Vec<u8>>, table: &RevocationTable) {
        front.put(name, stored, table.stamp());
        front.put(name, stored, table.stamp());
    }

    #[test]
    fn what_comes_once_in_a_while_takes_nobodys_place() {
        let (table, maker) = (table(), Fingerprinter::new("a", "p").unwrap());
        let mut front = Front::new(WAYS * BYTES_PER_PLACE);
        let name = |number: u32| maker.fingerprint(Slot::Bearer, &number.to_be_bytes());
        let answers = |front: &mut Front<Vec<u8>>, number| {
            front.get(&name(number), Timestamp::from_secs(1), Some(&table)).is_some()
        };
        for number in 0..4 {
            front.put(name(number), &stored(&table, 10), table.stamp());
        }
        assert!((0..4).all(|number| answers(&mut front, number)), "there was room");
        for number in 4..100 {
            front.put(name(number), &stored(&table, 10), table.stamp());
        }
        assert!((0..4).all(|number| answers(&mut front, number)));
        put_twice(&mut front, name(100), &stored(&table, 10), &table);
        assert!(answers(&mut front, 100), "who comes again gets one");
    }

    #[test]
    fn a_front_holds_no_more_bytes_than_its_budget_however_large_its_entries_are() {
        const BUDGET: usize = 100_000;
        let (table, maker) = (table(), Fingerprinter::new("a", "p").unwrap());
        let mut front = Front::new(BUDGET);
        for number in 0..10_000_u32 {
            let weight = number.wrapping_mul(2_654_435_761) % 20_000;
            let name = maker.fingerprint(Slot::Bearer, &number.to_be_bytes());
            put_twice(&mut front, name, &stored(&table, weight), &table);
            let (bytes, _) = held(&front);
            assert!(bytes <= BUDGET && bytes == front.bytes, "{bytes} {} after {number}", front.bytes);
        }
        let small = maker.fingerprint(Slot::Bearer, b"small");
        put_twice(&mut front, small, &stored(&table, 10), &table);
        put_twice(&mut front, maker.fingerprint(Slot::Bearer, b"large"), &stored(&table, 160_000), &table);
        assert!(
            front.get(&small, Timestamp::from_secs(1), Some(&table)).is_some(),
            "what cannot fit drives nobody out"
        );
        assert!(held(&front).1 > 1);
    }
}
