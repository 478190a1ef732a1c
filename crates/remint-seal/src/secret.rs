use std::fmt;
use std::sync::Arc;

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use aws_lc_rs::hmac::{HMAC_SHA256, Key};
use zeroize::Zeroizing;

use crate::KeyCheck;

/// The secret that the nodes of a cluster share. It has no `==`, and `Debug` shows its [`KeyCheck`] only.
///
/// The secret itself is not kept: the keys that come from it are.
#[derive(Clone)]
pub struct ClusterSecret {
    keys: Arc<Keys>,
}

struct Keys {
    name: Key,
    seal: Salt,
    check: KeyCheck,
}

impl ClusterSecret {
    /// The least that a secret has, in bytes.
    pub const MIN_LEN: usize = 32;

    /// A secret of these bytes, all of them: at least 32 from a random generator.
    ///
    /// # Errors
    ///
    /// [`ClusterSecretError::TooShort`]; [`ClusterSecretError::Library`] if the keys cannot be derived.
    pub fn from_bytes(secret: &[u8]) -> Result<Self, ClusterSecretError> {
        if secret.len() < Self::MIN_LEN {
            return Err(ClusterSecretError::TooShort);
        }
        let secret = Salt::new(HKDF_SHA256, EXTRACT_SALT).extract(secret);
        let mut check = [0; KeyCheck::LEN];
        secret.expand(&[CHECK_INFO], Length(KeyCheck::LEN))?.fill(&mut check)?;
        let keys = Keys {
            name: Key::new(HMAC_SHA256, &*key(&secret, &[NAME_INFO])?),
            seal: Salt::new(HKDF_SHA256, &*key(&secret, &[SEAL_INFO])?),
            check: KeyCheck(check),
        };
        Ok(Self { keys: Arc::new(keys) })
    }

    /// A secret from a setting or a file: the text without the white space around it, as UTF-8.
    ///
    /// # Errors
    ///
    /// As [`from_bytes`](Self::from_bytes).
    pub fn from_text(secret: &str) -> Result<Self, ClusterSecretError> {
        Self::from_bytes(secret.trim().as_bytes())
    }

    /// What tells it from other secrets.
    #[must_use]
    pub fn check(&self) -> KeyCheck {
        self.keys.check
    }

    pub(crate) fn name_key(&self) -> &Key {
        &self.keys.name
    }

    /// The key of one value.
    pub(crate) fn value_key(&self, input: &[u8], info: &[&[u8]]) -> Result<Zeroizing<[u8; 32]>, Unspecified> {
        key(&self.keys.seal.extract(input), info)
    }
}

impl fmt::Debug for ClusterSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClusterSecret").field("check", &self.check()).finish_non_exhaustive()
    }
}

/// A cluster secret that cannot be used. Nothing of it is inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterSecretError {
    /// Fewer than 32 bytes.
    #[error("a cluster secret has at least 32 bytes")]
    TooShort,
    /// A defect of the cryptographic library.
    #[error("the keys of the cluster secret could not be derived")]
    Library,
}

impl From<Unspecified> for ClusterSecretError {
    fn from(_: Unspecified) -> Self {
        Self::Library
    }
}

fn key(secret: &Prk, info: &[&[u8]]) -> Result<Zeroizing<[u8; 32]>, Unspecified> {
    let mut key = Zeroizing::new([0; 32]);
    secret.expand(info, Length(32))?.fill(&mut *key)?;
    Ok(key)
}

/// In bytes.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

// What is stored is found again by these: they never change.
const EXTRACT_SALT: &[u8] = b"remint shared tier";
const NAME_INFO: &[u8] = b"remint shared tier name";
const SEAL_INFO: &[u8] = b"remint shared tier seal";
const CHECK_INFO: &[u8] = b"remint shared tier check";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_secret_is_refused() {
        assert_eq!(ClusterSecret::from_bytes(&[7; 31]).unwrap_err(), ClusterSecretError::TooShort);
        assert!(ClusterSecret::from_bytes(&[7; 32]).is_ok());
        let padded = format!("{}\n", "x".repeat(31));
        assert_eq!(ClusterSecret::from_text(&padded).unwrap_err(), ClusterSecretError::TooShort);
    }

    #[test]
    fn white_space_around_a_text_is_not_part_of_it() {
        let text = "x".repeat(32);
        let check = |text: &str| ClusterSecret::from_text(text).unwrap().check();
        assert_eq!(check(&format!(" {text}\r\n")), check(&text));
        assert_ne!(check(&format!("{text}x")), check(&text));
    }

    #[test]
    fn debug_shows_the_check_and_nothing_of_the_secret() {
        let secret = ClusterSecret::from_text("correct horse battery staple, and more").unwrap();
        let shown = format!("{secret:?}");
        assert!(shown.contains(&secret.check().to_string()), "{shown}");
        assert!(!shown.contains("horse"), "{shown}");
    }
}
