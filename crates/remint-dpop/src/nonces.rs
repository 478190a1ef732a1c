use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use remint_core::{Timestamp, Unavailable, UnavailableKind};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Nonces for proofs (RFC 9449 §9) that nobody has to remember: each is a keyed digest of the minute it
/// was given out in.
///
/// Nodes with one secret accept each other's. A nonce is good for the minute it is from, the one after it, and
/// the one before it: a node whose clock is ahead gives out what to the others is not yet.
#[derive(Clone)]
pub struct Nonces {
    keyed: Hmac<Sha256>,
}

impl Nonces {
    /// Nonces under this secret of at least 32 bytes: all nodes of one public URL share it. It is used for
    /// nothing else.
    ///
    /// # Errors
    ///
    /// [`ShortSecret`].
    pub fn new(secret: &[u8]) -> Result<Self, ShortSecret> {
        if secret.len() < MIN_SECRET_LEN {
            return Err(ShortSecret);
        }
        Ok(Self { keyed: Hmac::new_from_slice(secret).map_err(|_| ShortSecret)? })
    }

    /// Nonces of this process alone.
    ///
    /// # Errors
    ///
    /// [`UnavailableKind::Internal`] if the operating system has no randomness.
    pub fn random() -> Result<Self, Unavailable> {
        let mut secret = Zeroizing::new([0; MIN_SECRET_LEN]);
        let internal = |error| Unavailable::new(UnavailableKind::Internal).with_source(error);
        getrandom::fill(&mut *secret).map_err(internal)?;
        Self::new(&*secret).map_err(|_| Unavailable::new(UnavailableKind::Internal))
    }

    pub(crate) fn at(&self, now: Timestamp) -> String {
        let digest = self.of(period(now)).finalize().into_bytes();
        BASE64_URL_SAFE_NO_PAD.encode(digest.get(..NONCE_LEN).unwrap_or_default())
    }

    pub(crate) fn is_recent(&self, nonce: &str, now: Timestamp) -> bool {
        let mut bytes = [0; NONCE_LEN];
        // A text of more bytes does not fit, one of fewer does not fill.
        if BASE64_URL_SAFE_NO_PAD.decode_slice(nonce, &mut bytes) != Ok(NONCE_LEN) {
            return false;
        }
        let now = period(now);
        let is_of = |period| self.of(period).verify_truncated_left(&bytes).is_ok();
        is_of(now) || is_of(now.wrapping_sub(1)) || is_of(now.wrapping_add(1))
    }

    fn of(&self, period: u64) -> Hmac<Sha256> {
        self.keyed.clone().chain_update(LABEL).chain_update(period.to_be_bytes())
    }
}

impl fmt::Debug for Nonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonces(..)")
    }
}

/// A secret of fewer than 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the secret of nonces has at least 32 bytes")]
pub struct ShortSecret;

const fn period(now: Timestamp) -> u64 {
    now.as_secs() / 60
}

const LABEL: &[u8] = b"remint dpop nonce ";
const MIN_SECRET_LEN: usize = 32;
const NONCE_LEN: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    const fn minute(minutes: u64) -> Timestamp {
        Timestamp::from_secs(minutes * 60)
    }

    #[test]
    fn a_nonce_is_good_for_its_own_minute_and_those_beside_it() {
        let nonces = Nonces::new(&[7; 32]).unwrap();
        let nonce = nonces.at(minute(1_000));
        assert_eq!(nonce.len(), 22);
        let last_of = |minutes: u64| Timestamp::from_millis(minute(minutes + 1).as_millis() - 1);
        for (now, good) in [
            (last_of(998), false),
            (minute(999), true),
            (minute(1_000), true),
            (last_of(1_001), true),
            (minute(1_002), false),
            (minute(0), false),
        ] {
            assert_eq!(nonces.is_recent(&nonce, now), good, "{now:?}");
        }
    }

    #[test]
    fn nodes_with_one_secret_agree_and_others_do_not() {
        let [a, b, c] = [[7; 32], [7; 32], [8; 32]].map(|secret| Nonces::new(&secret).unwrap());
        let now = minute(1_000);
        assert!(b.is_recent(&a.at(now), now));
        assert!(!c.is_recent(&a.at(now), now));
        let (one, other) = (Nonces::random().unwrap(), Nonces::random().unwrap());
        assert!(!other.is_recent(&one.at(now), now));
    }

    #[test]
    fn what_is_not_one_whole_nonce_is_none() {
        let nonces = Nonces::new(&[7; 32]).unwrap();
        let now = minute(1_000);
        let nonce = nonces.at(now);
        for bad in
            ["", "A", &nonce[..21], &nonce[..20], &format!("{nonce}A"), &format!("{nonce}=="), &format!(" {nonce}")]
        {
            assert!(!nonces.is_recent(bad, now), "{bad:?}");
        }
        assert!(!nonces.is_recent(&BASE64_URL_SAFE_NO_PAD.encode(nonces.of(1_000).finalize().into_bytes()), now));
    }

    #[test]
    fn a_short_secret_is_none() {
        assert_eq!(Nonces::new(&[7; 31]).unwrap_err(), ShortSecret);
        assert_eq!(format!("{:?}", Nonces::new(&[b'c'; 32]).unwrap()), "Nonces(..)");
    }
}
