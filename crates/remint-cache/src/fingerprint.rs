use std::fmt;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use highway::{HighwayHash, HighwayHasher, Key};
use remint_core::{Slot, Unavailable, UnavailableKind, length_prefixed};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Names a credential in memory: 128 bits of a keyed pseudo-random function.
///
/// It decides who someone is, so all of it is compared. It cannot be turned back into the
/// credential, means nothing outside the [`Fingerprinter`] that made it, and `Debug` shows none of
/// it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u64; 2]);

impl Fingerprint {
    /// Bits to spread entries by.
    pub(crate) const fn bits(&self) -> u64 {
        self.0[0]
    }
}

impl Hash for Fingerprint {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0[1]);
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(..)")
    }
}

/// Makes fingerprints under secret keys of its own, one for each slot.
///
/// The keys are derived from a fresh random secret, the audience and the policy version; the slot
/// chooses among them. So the fingerprint covers all four, and nothing has to be hashed on a hit but
/// the credential.
#[derive(Clone)]
pub struct Fingerprinter {
    keys: [[u64; 4]; Slot::COUNT],
}

impl Fingerprinter {
    /// A fingerprinter for one audience under one policy version.
    ///
    /// # Errors
    ///
    /// `Internal` if the operating system has no randomness.
    pub fn new(audience: &str, policy_version: &str) -> Result<Self, Unavailable> {
        let mut secret = Zeroizing::new([0_u8; 32]);
        getrandom::fill(&mut *secret).map_err(|e| Unavailable::new(UnavailableKind::Internal).with_source(e))?;
        Ok(Self::derive(&secret, audience, policy_version))
    }

    fn derive(secret: &[u8; 32], audience: &str, policy_version: &str) -> Self {
        let mut slot = 0_u8;
        let keys = [(); Slot::COUNT].map(|()| {
            let mut hash = Sha256::new();
            hash.update(secret);
            hash.update([slot]);
            length_prefixed([audience, policy_version], |bytes| hash.update(bytes));
            slot += 1;
            words(hash.finalize().into())
        });
        Self { keys }
    }

    /// The fingerprint of a credential's bytes in this slot.
    #[inline]
    #[must_use]
    pub fn fingerprint(&self, slot: Slot, credential: &[u8]) -> Fingerprint {
        let key = match slot {
            Slot::Bearer => self.keys[0],
            Slot::ApiKeyScheme => self.keys[1],
            Slot::ApiKeyHeader => self.keys[2],
            Slot::Cookie => self.keys[3],
            Slot::Dpop => self.keys[4],
            Slot::Assertion => self.keys[5],
            Slot::JwtHeader => self.keys[6],
            Slot::SessionCookie => self.keys[7],
        };
        Fingerprint(HighwayHasher::new(Key(key)).hash128(credential))
    }
}

impl fmt::Debug for Fingerprinter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprinter(..)")
    }
}

fn words(bytes: [u8; 32]) -> [u64; 4] {
    let mut words = [0; 4];
    for (word, chunk) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*chunk);
    }
    words
}

/// Takes the fingerprint's bits as they are: they are pseudo-random already.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct PassThrough(u64);

pub(crate) type BuildPassThrough = BuildHasherDefault<PassThrough>;

impl Hasher for PassThrough {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = word;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    #[test]
    fn the_fingerprint_covers_slot_audience_and_policy_version() {
        let of = |audience: &str, policy: &str, slot| {
            Fingerprinter::derive(&[7; 32], audience, policy).fingerprint(slot, b"x")
        };
        let one = of("a", "bc", Slot::Bearer);
        assert_eq!(one, of("a", "bc", Slot::Bearer));
        for other in [
            of("a", "bc", Slot::Cookie),
            of("a", "bc", Slot::Dpop),
            of("ab", "c", Slot::Bearer),
            of("a", "bd", Slot::Bearer),
            of("b", "bc", Slot::Bearer),
        ] {
            assert_ne!(one, other);
        }
    }

    /// A text cut into audience, policy version and credential at two places.
    fn cut(text: &str, mut at: [usize; 2]) -> (&str, &str, &str) {
        at.sort_unstable();
        let [first, second] = at.map(|at| at.min(text.len()));
        (&text[..first], &text[first..second], &text[second..])
    }

    fn slots() -> impl Strategy<Value = Slot> {
        select(vec![
            Slot::Bearer,
            Slot::ApiKeyScheme,
            Slot::ApiKeyHeader,
            Slot::Cookie,
            Slot::Dpop,
            Slot::JwtHeader,
            Slot::SessionCookie,
        ])
    }

    proptest! {
        /// The same letters, cut differently: `a` + `bc` beside `ab` + `c`.
        #[test]
        fn a_fingerprint_is_shared_only_by_what_is_the_same_in_every_part(
            text in "[ab]{0,4}",
            cuts in [[0..5_usize, 0..5], [0..5, 0..5]],
            slots in prop_oneof![slots().prop_map(|slot| [slot; 2]), [slots(), slots()]],
        ) {
            let parts = cuts.map(|at| cut(&text, at));
            let [one, other] = [0, 1].map(|which| {
                let (audience, policy, credential) = parts[which];
                Fingerprinter::derive(&[7; 32], audience, policy).fingerprint(slots[which], credential.as_bytes())
            });
            prop_assert_eq!(one == other, parts[0] == parts[1] && slots[0] == slots[1], "{:?} {:?}", parts, slots);
        }
    }

    #[test]
    fn two_processes_do_not_share_fingerprints() {
        let of = || Fingerprinter::new("a", "b").unwrap().fingerprint(Slot::Bearer, b"x");
        assert_ne!(of(), of());
    }

    #[test]
    fn every_single_byte_edit_and_every_prefix_has_another_fingerprint() {
        let maker = Fingerprinter::new("a", "b").unwrap();
        let text: Vec<u8> = (0..200_u8).collect();
        let whole = maker.fingerprint(Slot::Bearer, &text);
        for at in 0..text.len() {
            let mut edited = text.clone();
            edited[at] ^= 1;
            assert_ne!(whole, maker.fingerprint(Slot::Bearer, &edited));
            assert_ne!(whole, maker.fingerprint(Slot::Bearer, &text[..at]));
        }
    }
}
