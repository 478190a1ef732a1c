use remint_core::KeyDigest;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::encoding;
use super::invalid_digest::InvalidDigest;

/// PBKDF2 with HMAC-SHA-256 (RFC 8018 §5.2), as Django's hasher writes it:
/// `pbkdf2_sha256$<iterations>$<salt>$<base64>`.
///
/// In the store the scheme is all but the last part. The digest is of the whole text of a key.
#[derive(Clone, Copy)]
pub(crate) struct Pbkdf2<'a> {
    iterations: u32,
    salt: &'a str,
    expected: &'a [u8],
}

impl<'a> Pbkdf2<'a> {
    /// What every scheme of this kind begins with.
    pub(crate) const SCHEME: &'static str = "pbkdf2_sha256$";

    /// What Django kept, as the store keeps it.
    pub(super) fn import(encoded: &str) -> Result<KeyDigest, InvalidDigest> {
        let (scheme, base64) = encoded.rsplit_once('$').ok_or(InvalidDigest::Pbkdf2)?;
        let digest =
            KeyDigest { scheme: scheme.into(), bytes: encoding::bytes::<32>(base64).ok_or(InvalidDigest::Bytes)? };
        parameters(scheme)?;
        Ok(digest)
    }

    /// `None` if the digest is of another scheme, or of one that no import lets in.
    pub(crate) fn of(digest: &'a KeyDigest) -> Option<Self> {
        let (iterations, salt) = parameters(&digest.scheme).ok()?;
        Some(Self { iterations, salt, expected: &digest.bytes })
    }

    /// Whether the text is the one. Slow: more than a tenth of a second at Django's defaults.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let made: [u8; 32] =
            pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(text.as_bytes(), self.salt.as_bytes(), self.iterations);
        made.ct_eq(self.expected).into()
    }
}

fn parameters(scheme: &str) -> Result<(u32, &str), InvalidDigest> {
    let rest = scheme.strip_prefix(Pbkdf2::SCHEME).ok_or(InvalidDigest::Pbkdf2)?;
    let (iterations, salt) = rest.split_once('$').ok_or(InvalidDigest::Pbkdf2)?;
    let sound =
        (1..=MAX_SALT_LEN).contains(&salt.len()) && salt.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'$');
    if !sound || iterations.is_empty() || !iterations.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(InvalidDigest::Pbkdf2);
    }
    match iterations.parse() {
        Ok(iterations @ 1..=MAX_ITERATIONS) => Ok((iterations, salt)),
        _ => Err(InvalidDigest::Iterations),
    }
}

/// Django's default is 1,000,000 in 5.2 and grows by about a fifth with each release.
const MAX_ITERATIONS: u32 = 2_000_000;
const MAX_SALT_LEN: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    // Made by djangorestframework-api-key 2.3.0 on Django 5.2, with the hasher's iterations set to 1000.
    const KEY: &str = "npTiTmsr.D8ENQL71A3yndGHJa60jRCocCa2vybkJ";
    const ENCODED: &str = "pbkdf2_sha256$1000$4dEOMa1f6nceWJHi7uhtHh$iK/1FCY8ZiIZDmKqCePEyNoea7FZ+kKc3W68QsTWjN4=";

    #[test]
    fn it_is_what_django_makes() {
        let digest = Pbkdf2::import(ENCODED).unwrap();
        assert_eq!(&*digest.scheme, "pbkdf2_sha256$1000$4dEOMa1f6nceWJHi7uhtHh");
        let hash = Pbkdf2::of(&digest).unwrap();
        assert!(hash.matches(KEY));
        assert!(!hash.matches(&KEY.replace("kJ", "kj")) && !hash.matches(&KEY[9..]) && !hash.matches(""));
    }

    #[test]
    fn a_digest_of_another_salt_or_count_or_length_matches_nothing() {
        let digest = Pbkdf2::import(ENCODED).unwrap();
        for scheme in ["pbkdf2_sha256$1001$4dEOMa1f6nceWJHi7uhtHh", "pbkdf2_sha256$1000$4dEOMa1f6nceWJHi7uhtHH"] {
            let other = KeyDigest { scheme: scheme.into(), ..digest.clone() };
            assert!(!Pbkdf2::of(&other).unwrap().matches(KEY), "{scheme}");
        }
        for bytes in [Box::default(), digest.bytes[..31].into()] {
            let other = KeyDigest { bytes, ..digest.clone() };
            assert!(!Pbkdf2::of(&other).unwrap().matches(KEY));
        }
    }

    #[test]
    fn what_would_take_too_long_is_refused_at_import_and_in_the_store() {
        let [at, beyond] = ["2000000", "2000001"].map(|count| ENCODED.replace("1000", count));
        assert!(Pbkdf2::import(&at).is_ok());
        for text in [beyond, ENCODED.replace("1000", "0"), ENCODED.replace("1000", "4294967297")] {
            assert_eq!(Pbkdf2::import(&text), Err(InvalidDigest::Iterations));
        }
        let scheme = "pbkdf2_sha256$2000001$4dEOMa1f6nceWJHi7uhtHh".into();
        assert!(Pbkdf2::of(&KeyDigest { scheme, bytes: [0; 32].into() }).is_none());
    }

    #[test]
    fn what_django_would_not_write_is_refused() {
        let long = ENCODED.replace("4dEO", &"4dEO".repeat(20));
        for (from, to) in [
            ("$1000$", "$$"),
            ("$1000$", "$+1000$"),
            ("$1000$", "$1e3$"),
            ("_sha256", "_sha1"),
            ("4dEO", "4d$O"),
            ("4dEO", "4d O"),
            ("4dEOMa1f6nceWJHi7uhtHh", ""),
        ] {
            assert_eq!(Pbkdf2::import(&ENCODED.replace(from, to)), Err(InvalidDigest::Pbkdf2), "{from} {to}");
        }
        assert_eq!(Pbkdf2::import(&long), Err(InvalidDigest::Pbkdf2));
        assert_eq!(Pbkdf2::import(&ENCODED.replace("iK/1", "iK")), Err(InvalidDigest::Bytes));
        assert_eq!(Pbkdf2::import("pbkdf2_sha256"), Err(InvalidDigest::Pbkdf2));
    }
}
