//! Whatever is not exactly what was sealed, for exactly this caller, is a miss.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use proptest::prelude::*;
use proptest::sample::{Index, select};
use remint_core::Slot;
use remint_seal::{ClusterSecret, ClusterSecrets, EntryParts};

const PLAIN: &[u8] = b"an internal token";
const PARTS: EntryParts<'_> = EntryParts {
    slot: Slot::Bearer,
    credential: "e30.e30.e30",
    audience: "internal",
    on_behalf_of: Some("user-7"),
    policy: "policy-1",
};

fn secret(byte: u8) -> ClusterSecret {
    ClusterSecret::from_bytes(&[byte; 32]).unwrap()
}

fn secrets() -> ClusterSecrets {
    ClusterSecrets::new(secret(1))
}

/// Entries that differ from [`PARTS`] in one part each.
fn others() -> [EntryParts<'static>; 7] {
    [
        EntryParts { slot: Slot::Dpop, ..PARTS },
        EntryParts { credential: "e30.e30.e31", ..PARTS },
        EntryParts { audience: "internal-2", ..PARTS },
        EntryParts { on_behalf_of: Some("user-8"), ..PARTS },
        EntryParts { on_behalf_of: Some(""), ..PARTS },
        EntryParts { on_behalf_of: None, ..PARTS },
        EntryParts { policy: "policy-2", ..PARTS },
    ]
}

#[test]
fn every_flipped_bit_is_a_miss() {
    let secrets = secrets();
    let place = secrets.newest_place(&PARTS);
    let sealed = place.seal(PLAIN).unwrap();
    for bit in 0..sealed.len() * 8 {
        let mut flipped = sealed.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(place.open(&flipped).is_none(), "bit {bit}");
    }
    assert!(place.open(&sealed).is_some());
}

#[test]
fn every_truncated_or_prolonged_value_is_a_miss() {
    let secrets = secrets();
    let place = secrets.newest_place(&PARTS);
    let sealed = place.seal(PLAIN).unwrap();
    for end in 0..sealed.len() {
        assert!(place.open(&sealed[..end]).is_none(), "{end}");
        assert!(place.open(&sealed[sealed.len() - end..]).is_none(), "{end}");
    }
    assert!(place.open(&[&sealed[..], &[0]].concat()).is_none());
}

#[test]
fn an_unknown_version_is_a_miss() {
    let secrets = secrets();
    let place = secrets.newest_place(&PARTS);
    let mut sealed = place.seal(PLAIN).unwrap();
    for version in (0..=255).filter(|version| *version != 1) {
        sealed[0] = version;
        assert!(place.open(&sealed).is_none(), "{version}");
    }
}

#[test]
fn a_value_opens_for_no_entry_that_differs_in_one_part() {
    let secrets = secrets();
    let place = secrets.newest_place(&PARTS);
    let sealed = place.seal(PLAIN).unwrap();
    for other in others() {
        let foreign = secrets.newest_place(&other);
        assert_ne!(foreign.name(), place.name(), "{other:?}");
        assert!(foreign.open(&sealed).is_none(), "{other:?}");
        // Two values that somebody swapped.
        assert!(place.open(&foreign.seal(PLAIN).unwrap()).is_none(), "{other:?}");
    }
}

#[test]
fn another_secret_gives_another_name_and_opens_nothing() {
    let (one, other) = (secrets(), ClusterSecrets::new(secret(2)));
    let (one, other) = (one.newest_place(&PARTS), other.newest_place(&PARTS));
    assert_ne!(one.name(), other.name());
    assert!(other.open(&one.seal(PLAIN).unwrap()).is_none());
}

#[test]
fn a_rotated_secret_still_reads_what_the_older_one_wrote_and_writes_under_the_newest() {
    let (before, after) = (secrets(), ClusterSecrets::new(secret(2)).with_older(secret(1)).with_older(secret(2)));
    let old = before.newest_place(&PARTS);
    let sealed = old.seal(PLAIN).unwrap();
    let places: Vec<_> = after.places(&PARTS).collect();
    assert_eq!(places.len(), 2);
    assert_eq!(places[0].name(), after.newest_place(&PARTS).name());
    assert_eq!(places[1].name(), old.name());
    assert!(places[1].open(&sealed).is_some());
    assert!(places[0].open(&sealed).is_none());
    // The node that has not been rotated yet misses it.
    assert!(before.places(&PARTS).all(|place| place.open(&places[0].seal(PLAIN).unwrap()).is_none()));
}

#[test]
fn one_value_is_never_sealed_to_the_same_bytes() {
    let secrets = secrets();
    let place = secrets.newest_place(&PARTS);
    assert_ne!(place.seal(PLAIN).unwrap(), place.seal(PLAIN).unwrap());
}

#[test]
fn neither_name_nor_value_nor_debug_holds_a_piece_of_the_credential_or_the_token() {
    let credential = "rk_live_abcdefghijklmnopqrstuvwxyz0123456789";
    let secrets = secrets();
    let parts = EntryParts { credential, ..PARTS };
    let place = secrets.newest_place(&parts);
    let (sealed, shown) = (place.seal(credential.as_bytes()).unwrap(), format!("{place:?} {parts:?} {secrets:?}"));
    for piece in credential.as_bytes().windows(4) {
        for bytes in [&place.name().0[..], &sealed, shown.as_bytes()] {
            assert!(bytes.windows(4).all(|window| window != piece));
        }
    }
}

/// A text cut into four parts: `a` + `bc` beside `ab` + `c`.
fn cut(text: &str, mut at: [usize; 3]) -> [&str; 4] {
    at.sort_unstable();
    let [a, b, c] = at.map(|at| at.min(text.len()));
    [&text[..a], &text[a..b], &text[b..c], &text[c..]]
}

proptest! {
    #[test]
    fn a_name_is_shared_only_by_what_is_the_same_in_every_part(
        text in "[ab]{0,4}",
        cuts in [[0..5_usize, 0..5, 0..5], [0..5, 0..5, 0..5]],
        acts in any::<[bool; 2]>(),
        slots in [select(vec![Slot::Bearer, Slot::Dpop]), select(vec![Slot::Bearer, Slot::Dpop])],
    ) {
        let secrets = secrets();
        let entries = [0, 1].map(|which| {
            let [credential, audience, user, policy] = cut(&text, cuts[which]);
            // Without a user, its letters go to the policy.
            let (on_behalf_of, policy) = if acts[which] { (Some(user), policy) } else { (None, &text[text.len() - user.len() - policy.len()..]) };
            EntryParts { slot: slots[which], credential, audience, on_behalf_of, policy }
        });
        let tuple = |e: &EntryParts<'_>| (e.slot, e.credential.to_owned(), e.audience.to_owned(), e.on_behalf_of.map(str::to_owned), e.policy.to_owned());
        let same = tuple(&entries[0]) == tuple(&entries[1]);
        let [one, other] = entries.map(|entry| *secrets.newest_place(&entry).name());
        prop_assert_eq!(one == other, same);
    }

    #[test]
    fn what_was_sealed_opens_to_the_same_bytes(plain in proptest::collection::vec(any::<u8>(), 0..300), credential in "\\PC{0,60}") {
        let secrets = secrets();
        let place = secrets.newest_place(&EntryParts { credential: &credential, ..PARTS });
        let sealed = place.seal(&plain).unwrap();
        prop_assert_eq!(sealed.len(), plain.len() + 29);
        prop_assert_eq!(&*place.open(&sealed).unwrap(), &plain);
    }

    #[test]
    fn garbage_never_opens_and_never_panics(
        garbage in proptest::collection::vec(any::<u8>(), 0..200),
        at in any::<Index>(),
    ) {
        let secrets = secrets();
        let place = secrets.newest_place(&PARTS);
        prop_assert!(place.open(&garbage).is_none());
        let mut replaced = place.seal(PLAIN).unwrap();
        replaced.truncate(at.index(replaced.len()));
        replaced.extend_from_slice(&garbage);
        prop_assert!(place.open(&[&[1][..], &garbage].concat()).is_none());
        prop_assert!(place.open(&replaced).is_none());
    }
}
