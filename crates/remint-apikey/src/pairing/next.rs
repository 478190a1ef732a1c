use remint_core::{Dependencies, PepperRecord};

use crate::{Pepper, Peppers};

/// The schemes of the peppers that must be at hand and are not: those of live keys, and the one that was
/// registered last. Those that were given up need not be.
pub(crate) fn missing(depends_on: &Dependencies, at_hand: Option<&Peppers>, live: &[Box<str>]) -> Vec<Box<str>> {
    let mut missing: Vec<Box<str>> = live.iter().filter(|scheme| !has_scheme(at_hand, scheme)).cloned().collect();
    if let Some(last) = depends_on.peppers.last()
        && !has(at_hand, last)
        && !missing.contains(&last.scheme)
    {
        missing.push(last.scheme.clone());
    }
    missing.retain(|scheme| !depends_on.given_up.contains(scheme));
    missing
}

/// What the store is to record when a process uses these peppers; `None` if it may not, since it lacks one that must be
/// at hand.
///
/// A new newest pepper goes to the end. One that is neither at hand nor named by a live key is forgotten, and so is it
/// that a pepper was given up which is at hand again.
pub(crate) fn registered(depends_on: &Dependencies, at_hand: &Peppers, live: &[Box<str>]) -> Option<Dependencies> {
    if !missing(depends_on, Some(at_hand), live).is_empty() {
        return None;
    }
    let mut next = depends_on.clone();
    next.peppers.retain(|pepper| has(Some(at_hand), pepper) || live.contains(&pepper.scheme));
    next.given_up.retain(|scheme| !has_scheme(Some(at_hand), scheme));
    let newest = at_hand.newest().record();
    if !next.peppers.contains(&newest) {
        next.peppers.push(newest);
    }
    Some(next)
}

fn has_scheme(at_hand: Option<&Peppers>, scheme: &str) -> bool {
    at_hand.into_iter().flat_map(Peppers::iter).any(|pepper| pepper.scheme() == scheme)
}

/// Whether it is at hand: the same secret, and not only the same id.
fn has(at_hand: Option<&Peppers>, pepper: &PepperRecord) -> bool {
    at_hand.into_iter().flat_map(Peppers::iter).map(Pepper::record).any(|own| own == *pepper)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn schemes(numbers: &[u8]) -> Vec<Box<str>> {
        numbers.iter().map(|number| pepper(*number).scheme().into()).collect()
    }

    #[test]
    fn every_pepper_of_a_live_key_and_the_last_registered_one_must_be_at_hand() {
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
    }

    #[test]
    fn a_pepper_that_was_given_up_need_not_be_at_hand_until_it_is_found() {
        let given_up = Dependencies { given_up: schemes(&[1]), ..depends_on(&[1, 2]) };
        assert_eq!(missing(&given_up, Some(&peppers(&[2])), &schemes(&[1, 2])), schemes(&[]));
        let found = registered(&given_up, &peppers(&[2, 1]), &schemes(&[1, 2])).unwrap();
        assert_eq!(found, depends_on(&[1, 2]));
    }

    #[test]
    fn a_new_newest_pepper_is_registered_last_and_an_old_one_forgotten_when_nothing_needs_it() {
        for (recorded, at_hand, live, expected) in [
            (&[][..], &[1][..], &[][..], Some(&[1][..])),
            (&[1], &[2, 1], &[1], Some(&[1, 2])),
            (&[1, 2], &[1, 2], &[1], Some(&[1, 2])),
            (&[1, 2], &[2], &[2], Some(&[2])),
            (&[1], &[2], &[], None),
            (&[1, 2], &[1], &[1], None),
            (&[], &[2], &[1], None),
        ] {
            let next = registered(&depends_on(recorded), &peppers(at_hand), &schemes(live));
            assert_eq!(next, expected.map(depends_on), "{recorded:?} {at_hand:?} {live:?}");
        }
    }

    #[test]
    fn another_secret_of_the_same_id_is_not_the_registered_pepper() {
        let mut recorded = depends_on(&[1]);
        recorded.peppers[0].check = "another".into();
        assert_eq!(missing(&recorded, Some(&peppers(&[1])), &[]), schemes(&[1]));
        assert_eq!(registered(&recorded, &peppers(&[1]), &[]), None);
    }
}
