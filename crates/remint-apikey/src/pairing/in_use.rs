//! Which of the registered peppers keys are hashed under: one that every node has.
//!
//! The first pepper of a store is in use at once: no node starts without it. Another one waits. A node that runs and
//! lacks it says so in the store, again and again ([`objected`]), and the wait begins again. When nobody has objected
//! for [`WAIT`], a node that has it puts it in use ([`settled`]); from then on no node starts without it.

use std::time::Duration;

use remint_core::{Dependencies, PepperRecord, Timestamp};

use crate::{Pepper, Peppers};

/// The pepper under which keys are hashed now; `None` before the first one.
pub(crate) fn in_use(depends_on: &Dependencies) -> Option<&PepperRecord> {
    depends_on.peppers.iter().rfind(|pepper| pepper.waits_since.is_none())
}

/// The registered peppers that a node needs so as to read whatever is written: the one in use, and those that come
/// after it.
pub(crate) fn from_in_use(depends_on: &Dependencies) -> &[PepperRecord] {
    let place = depends_on.peppers.iter().rposition(|pepper| pepper.waits_since.is_none());
    depends_on.peppers.get(place.unwrap_or_default()..).unwrap_or_default()
}

/// Puts those at hand in use for which it was waited long enough.
pub(crate) fn settled(depends_on: &mut Dependencies, at_hand: &Peppers, now: Timestamp) {
    for pepper in &mut depends_on.peppers {
        let is_over = pepper.waits_since.is_some_and(|since| now >= since.saturating_add(WAIT));
        if is_over && at_hand.iter().any(|own| own.is_of(pepper)) {
            pepper.waits_since = None;
        }
    }
}

/// Has those that wait and are not at hand wait on, and names them. Those that were given up are nobody's to wait for.
pub(crate) fn objected(depends_on: &mut Dependencies, at_hand: &Peppers, now: Timestamp) -> Vec<Box<str>> {
    let mut lacking = Vec::new();
    for pepper in &mut depends_on.peppers {
        let is_given_up = depends_on.given_up.contains(&pepper.scheme);
        if pepper.waits_since.is_none() || is_given_up || at_hand.iter().any(|own| own.is_of(pepper)) {
            continue;
        }
        lacking.push(pepper.scheme.clone());
        // One node in a minute says it for all.
        if pepper.waits_since.is_some_and(|since| now >= since.saturating_add(REMINDER)) {
            pepper.waits_since = Some(now);
        }
    }
    lacking
}

/// Puts a pepper in use where none is: the newest at hand that a live key names, or else the newest. It comes before
/// those that wait.
pub(crate) fn first(depends_on: &mut Dependencies, at_hand: &Peppers, live: &[Box<str>]) {
    let named = at_hand.iter().find(|pepper| live.iter().any(|scheme| **scheme == *pepper.scheme()));
    let first: &Pepper = named.unwrap_or(at_hand.newest());
    depends_on.peppers.retain(|pepper| !first.is_of(pepper));
    depends_on.peppers.insert(0, first.record());
}

/// How long a pepper waits after the last node that lacks it was heard of. A node that runs looks every ten seconds.
pub(crate) const WAIT: Duration = Duration::from_secs(600);
const REMINDER: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    fn pepper(number: u8) -> Pepper {
        Pepper::from_bytes(&[number; 16]).unwrap()
    }

    /// Peppers 1, 2, … with since when each waits.
    fn registered(waiting: &[Option<u64>]) -> Dependencies {
        let record = |(number, since): (u8, &Option<u64>)| PepperRecord {
            waits_since: since.map(Timestamp::from_secs),
            ..pepper(number).record()
        };
        Dependencies { peppers: (1..).zip(waiting).map(record).collect(), ..Dependencies::default() }
    }

    #[test]
    fn the_pepper_in_use_is_the_last_that_waits_for_nobody() {
        for (waiting, expected, needed) in [
            (&[][..], None, 0),
            (&[None], Some(1), 1),
            (&[None, None], Some(2), 1),
            (&[None, None, Some(7)], Some(2), 2),
            (&[Some(7), None, Some(7)], Some(2), 2),
            (&[Some(7), Some(7)], None, 2),
        ] {
            let depends_on = registered(waiting);
            assert_eq!(in_use(&depends_on).cloned(), expected.map(|number| pepper(number).record()), "{waiting:?}");
            assert_eq!(from_in_use(&depends_on).len(), needed, "{waiting:?}");
        }
    }

    #[test]
    fn a_pepper_is_put_in_use_ten_minutes_after_the_last_objection_by_a_node_that_has_it() {
        let both = Peppers::new(pepper(2)).with_older(pepper(1));
        for (now, at_hand, expected) in [
            (1599, &both, Some(1000)),
            (1600, &both, None),
            (9999, &Peppers::new(pepper(1)), Some(1000)),
            (0, &both, Some(1000)),
        ] {
            let mut depends_on = registered(&[None, Some(1000)]);
            settled(&mut depends_on, at_hand, Timestamp::from_secs(now));
            assert_eq!(depends_on, registered(&[None, expected]), "{now}");
        }
    }

    #[test]
    fn a_node_that_lacks_a_waiting_pepper_objects_once_a_minute_and_one_in_use_is_past_objection() {
        let mut depends_on = registered(&[None, Some(1000), None, Some(1000)]);
        let at_hand = Peppers::new(pepper(4)).with_older(pepper(1));
        let mut at = |now| objected(&mut depends_on, &at_hand, Timestamp::from_secs(now));
        let lacking = [pepper(2).scheme().into()];
        assert_eq!(at(1059), lacking);
        assert_eq!(at(1060), lacking);
        assert_eq!(at(1061), lacking);
        assert_eq!(depends_on, registered(&[None, Some(1060), None, Some(1000)]));
        depends_on.given_up = lacking.into();
        assert!(objected(&mut depends_on, &at_hand, Timestamp::from_secs(2000)).is_empty());
    }

    #[test]
    fn the_first_pepper_in_use_is_one_that_live_keys_name_already() {
        let both = Peppers::new(pepper(2)).with_older(pepper(1));
        for (waiting, live, expected) in [
            (&[][..], &[][..], 2),
            (&[], &[pepper(1).scheme().into()], 1),
            (&[Some(7), Some(7)], &[pepper(3).scheme().into(), pepper(1).scheme().into()], 1),
        ] {
            let mut depends_on = registered(waiting);
            first(&mut depends_on, &both, live);
            assert_eq!(in_use(&depends_on), Some(&pepper(expected).record()));
            assert_eq!(from_in_use(&depends_on).len(), waiting.len().max(1));
        }
    }
}
