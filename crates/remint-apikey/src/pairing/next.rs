use remint_core::{Dependencies, PepperRecord, Timestamp};

use super::in_use::from_in_use;
use crate::Peppers;

/// The schemes of the peppers that must be at hand and are not: those of live keys, the one that keys are hashed under
/// now, and those that wait for it. Those that were given up need not be.
pub(crate) fn missing(depends_on: &Dependencies, at_hand: Option<&Peppers>, live: &[Box<str>]) -> Vec<Box<str>> {
    let mut missing: Vec<Box<str>> = live.iter().filter(|scheme| !has_scheme(at_hand, scheme)).cloned().collect();
    for pepper in from_in_use(depends_on) {
        if !has(at_hand, pepper) && !missing.contains(&pepper.scheme) {
            missing.push(pepper.scheme.clone());
        }
    }
    missing.retain(|scheme| !depends_on.given_up.contains(scheme));
    missing
}

/// What the store is to record when a process uses these peppers; `None` if it may not, since it lacks one that must be
/// at hand.
///
/// A new newest pepper goes to the end and waits until every node has it; if it is the store's first and the only one
/// at hand, there is no node that could lack it. One that is neither at hand nor named by a live key is forgotten, and
/// so is it that a pepper was given up which is at hand again.
pub(crate) fn registered(
    depends_on: &Dependencies,
    at_hand: &Peppers,
    live: &[Box<str>],
    now: Timestamp,
) -> Option<Dependencies> {
    if !missing(depends_on, Some(at_hand), live).is_empty() {
        return None;
    }
    let mut next = depends_on.clone();
    next.peppers.retain(|pepper| has(Some(at_hand), pepper) || live.contains(&pepper.scheme));
    next.given_up.retain(|scheme| !has_scheme(Some(at_hand), scheme));
    let newest = at_hand.newest();
    if !next.peppers.iter().any(|pepper| newest.is_of(pepper)) {
        let is_first = next.peppers.is_empty() && at_hand.iter().count() == 1;
        next.peppers.push(PepperRecord { waits_since: (!is_first).then_some(now), ..newest.record() });
    }
    Some(next)
}

fn has_scheme(at_hand: Option<&Peppers>, scheme: &str) -> bool {
    at_hand.into_iter().flat_map(Peppers::iter).any(|pepper| pepper.scheme() == scheme)
}

/// Whether it is at hand: the same secret, and not only the same id.
fn has(at_hand: Option<&Peppers>, pepper: &PepperRecord) -> bool {
    at_hand.into_iter().flat_map(Peppers::iter).any(|own| own.is_of(pepper))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Pepper;

    fn pepper(number: u8) -> Pepper {
        Pepper::from_bytes(&[number; 16]).unwrap()
    }

    fn peppers(numbers: &[u8]) -> Peppers {
        let (newest, older) = numbers.split_first().unwrap();
        older.iter().fold(Peppers::new(pepper(*newest)), |peppers, older| peppers.with_older(pepper(*older)))
    }

    fn depends_on(numbers: &[u8]) -> Dependencies {
        Dependencies {
            peppers: numbers.iter().map(|number| pepper(*number).record()).collect(),
            ..Dependencies::default()
        }
    }

    /// The same where this pepper waits since then.
    fn waiting(numbers: &[u8], waits: u8) -> Dependencies {
        let mut depends_on = depends_on(numbers);
        let waiting = depends_on.peppers.iter_mut().find(|record| pepper(waits).is_of(record));
        waiting.unwrap().waits_since = Some(NOW);
        depends_on
    }

    fn next(recorded: &Dependencies, at_hand: &[u8], live: &[u8]) -> Option<Dependencies> {
        registered(recorded, &peppers(at_hand), &schemes(live), NOW)
    }

    const NOW: Timestamp = Timestamp::from_secs(7);

    fn schemes(numbers: &[u8]) -> Vec<Box<str>> {
        numbers.iter().map(|number| pepper(*number).scheme().into()).collect()
    }

    #[test]
    fn every_pepper_of_a_live_key_and_those_that_keys_are_hashed_under_now_or_next_must_be_at_hand() {
        for (recorded, at_hand, live, expected) in [
            (&[][..], &[1][..], &[][..], &[][..]),
            (&[1], &[1], &[1], &[]),
            (&[1], &[2], &[], &[1]),
            (&[1], &[2], &[1], &[1]),
            (&[], &[1], &[1, 2], &[2]),
            (&[1, 2], &[1], &[1], &[2]),
            (&[1, 2], &[2], &[2], &[]),
            (&[1, 2], &[2], &[1, 2], &[1]),
        ] {
            assert_eq!(missing(&depends_on(recorded), Some(&peppers(at_hand)), &schemes(live)), schemes(expected));
        }
        assert_eq!(missing(&depends_on(&[1]), None, &schemes(&[2])), schemes(&[2, 1]));
        // Keys are still made under the first, though none lives.
        for at_hand in [1, 2] {
            let lacking = missing(&waiting(&[1, 2], 2), Some(&peppers(&[at_hand])), &[]);
            assert_eq!(lacking, schemes(&[3 - at_hand]));
        }
    }

    #[test]
    fn a_pepper_that_was_given_up_need_not_be_at_hand_until_it_is_found() {
        let given_up = Dependencies { given_up: schemes(&[1]), ..depends_on(&[1, 2]) };
        assert_eq!(missing(&given_up, Some(&peppers(&[2])), &schemes(&[1, 2])), schemes(&[]));
        assert_eq!(next(&given_up, &[2, 1], &[1, 2]), Some(depends_on(&[1, 2])));
    }

    #[test]
    fn a_new_newest_pepper_is_registered_last_and_an_old_one_forgotten_when_nothing_needs_it() {
        for (recorded, at_hand, live, expected) in [
            (&[][..], &[1][..], &[][..], Some(depends_on(&[1]))),
            (&[], &[2, 1], &[], Some(waiting(&[2], 2))),
            (&[1], &[2, 1], &[1], Some(waiting(&[1, 2], 2))),
            (&[1, 2], &[1, 2], &[1], Some(depends_on(&[1, 2]))),
            (&[1, 2], &[2], &[2], Some(depends_on(&[2]))),
            (&[1], &[2], &[], None),
            (&[1, 2], &[1], &[1], None),
            (&[], &[2], &[1], None),
        ] {
            assert_eq!(next(&depends_on(recorded), at_hand, live), expected, "{recorded:?} {at_hand:?} {live:?}");
        }
    }

    #[test]
    fn another_secret_of_the_same_id_is_not_the_registered_pepper() {
        let mut recorded = depends_on(&[1]);
        recorded.peppers[0].check = "another".into();
        assert_eq!(missing(&recorded, Some(&peppers(&[1])), &[]), schemes(&[1]));
        assert_eq!(next(&recorded, &[1], &[]), None);
    }
}
