use std::fmt;

use remint_core::KeyDigest;
use sha2::{Digest, Sha256, Sha512};

use super::encoding;
use super::invalid_digest::InvalidDigest;
use super::pbkdf2::Pbkdf2;

/// The digest of a key's whole text that another system kept.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ForeignDigest(KeyDigest);

impl ForeignDigest {
    /// Reads a digest of a named scheme:
    ///
    /// - `sha256`, `sha512`: in hexadecimal digits or base64 (RFC 4648 §4 and §5, padded or not);
    ///   also as Django keeps it, `sha512$$<hex>`;
    /// - `pbkdf2_sha256`: as Django keeps it, `pbkdf2_sha256$<iterations>$<salt>$<base64>`, with
    ///   two million iterations at most.
    ///
    /// # Errors
    ///
    /// [`InvalidDigest`] says what is wrong, and nothing of the digest.
    pub fn parse(scheme: &str, text: &str) -> Result<Self, InvalidDigest> {
        let plain =
            |text: Option<Box<[u8]>>| Ok(KeyDigest { scheme: scheme.into(), bytes: text.ok_or(InvalidDigest::Bytes)? });
        match scheme {
            SHA256 => plain(encoding::bytes::<32>(text)),
            SHA512 => plain(encoding::bytes::<64>(text.strip_prefix("sha512$$").unwrap_or(text))),
            PBKDF2 => Pbkdf2::import(text),
            _ => Err(InvalidDigest::Scheme),
        }
        .map(Self)
    }

    /// Reads what djangorestframework-api-key keeps as `hashed_key`: `sha512$$…` since 3.0,
    /// `pbkdf2_sha256$…` before. The scheme is the text's own.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn parse_django(encoded: &str) -> Result<Self, InvalidDigest> {
        match encoded.split_once('$') {
            Some((scheme @ (SHA512 | PBKDF2), _)) => Self::parse(scheme, encoded),
            _ => Err(InvalidDigest::Scheme),
        }
    }

    /// The scheme's name: `sha256`, `sha512` or `pbkdf2_sha256`.
    #[must_use]
    pub fn scheme(&self) -> &str {
        self.0.scheme.split('$').next().unwrap_or_default()
    }

    /// The digest in lower-case hexadecimal digits: to look it up in a table. Of PBKDF2 it is the last part alone.
    #[must_use]
    pub fn to_hex(&self) -> String {
        encoding::to_hex(&self.0.bytes)
    }

    /// The digest's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0.bytes
    }

    /// One of [`fast_digests`].
    pub(crate) const fn from_fast(digest: KeyDigest) -> Self {
        Self(digest)
    }

    pub(crate) const fn as_digest(&self) -> &KeyDigest {
        &self.0
    }

    pub(crate) fn into_digest(self) -> KeyDigest {
        self.0
    }

    /// Whether it is the fast digest of this text.
    pub(super) fn is_of(&self, text: &str) -> bool {
        fast_digests(text).any(|digest| digest == self.0)
    }

    pub(crate) fn is_slow(&self) -> bool {
        self.scheme() == PBKDF2
    }
}

impl fmt::Debug for ForeignDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForeignDigest").field("scheme", &self.scheme()).finish_non_exhaustive()
    }
}

/// The digests that a text of another system may be kept under and looked up by.
pub(crate) fn fast_digests(text: &str) -> impl Iterator<Item = KeyDigest> {
    let schemes: [fn(&str) -> KeyDigest; 2] = [
        |text| KeyDigest { scheme: SHA512.into(), bytes: Sha512::digest(text).as_slice().into() },
        |text| KeyDigest { scheme: SHA256.into(), bytes: Sha256::digest(text).as_slice().into() },
    ];
    schemes.into_iter().map(move |digest| digest(text))
}

const SHA256: &str = "sha256";
const SHA512: &str = "sha512";
const PBKDF2: &str = "pbkdf2_sha256";

#[cfg(test)]
mod tests {
    use super::*;

    // Made by djangorestframework-api-key 3.1.0 on Django 5.2.
    const KEY: &str = "7rgLGFbo.leqKSKsMSHQaTD130Kl4d8WhcTDSOidd";
    const HEX: &str = "be3cb9a5e3e6741289d3dc0d73d353aed00fded246a4b06cb7ae9272f0e2bd9c3596f092c93cf0d534935ea78e772a5af8cb0509b743fa86979744102cb3cda6";

    #[test]
    fn the_package_keeps_the_sha_512_of_the_whole_text() {
        let digest = ForeignDigest::parse_django(&format!("sha512$${HEX}")).unwrap();
        assert_eq!(digest, ForeignDigest::parse("sha512", HEX).unwrap());
        assert_eq!(digest.scheme(), "sha512");
        assert!(fast_digests(KEY).any(|made| made == *digest.as_digest()));
        assert!(!fast_digests(&KEY[9..]).any(|made| made == *digest.as_digest()), "of the secret alone");
    }

    #[test]
    fn a_digest_is_of_the_scheme_it_is_said_to_be_of() {
        let of = |scheme, text| ForeignDigest::parse(scheme, text).unwrap_err();
        for scheme in ["", "md5", "SHA256", "sha256 ", "hmac-sha256:0000", "argon2"] {
            assert_eq!(of(scheme, HEX), InvalidDigest::Scheme, "{scheme}");
        }
        assert_eq!(of("sha256", HEX), InvalidDigest::Bytes);
        assert_eq!(of("sha512", &HEX[..64]), InvalidDigest::Bytes);
        assert_eq!(of("pbkdf2_sha256", HEX), InvalidDigest::Pbkdf2);
        for encoded in ["", HEX, "sha256$$00", "argon2$argon2id$v=19$m=102400", "pbkdf2_sha1$1$a$b", "!unusable"] {
            assert_eq!(ForeignDigest::parse_django(encoded), Err(InvalidDigest::Scheme), "{encoded}");
        }
    }

    #[test]
    fn debug_and_errors_show_nothing_of_the_digest() {
        let pbkdf2 = "pbkdf2_sha256$1$canary$47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        let shown = format!("{:?}", ForeignDigest::parse_django(pbkdf2).unwrap());
        assert!(shown.contains("pbkdf2_sha256") && !shown.contains("canary") && !shown.contains("47DE"), "{shown}");
        for scheme in ["canary", "sha256", "sha512", "pbkdf2_sha256"] {
            let error = ForeignDigest::parse(scheme, "canary").unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{scheme}");
        }
    }
}
