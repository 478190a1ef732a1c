use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use remint_core::{KeyDigest, PepperRecord};
use sha2::Sha256;

use crate::{PepperError, PepperErrorKind};

/// A secret that keys the digests of API keys: with the store alone nobody can tell whether a text
/// is a key.
///
/// Its id stands in the store beside each digest (`hmac-sha256:<id>`), so that peppers can rotate.
/// The id is made from the secret: two peppers cannot share one, and nobody has to keep it.
#[derive(Clone)]
pub struct Pepper {
    scheme: Box<str>,
    /// Keyed once: a digest then costs two compressions and parses nothing.
    keyed: Hmac<Sha256>,
}

impl Pepper {
    /// A pepper of these bytes, all of them: at least 16, best 32 from a random generator.
    ///
    /// # Errors
    ///
    /// [`PepperErrorKind::TooShort`].
    pub fn from_bytes(secret: &[u8]) -> Result<Self, PepperError> {
        if secret.len() < MIN_LEN {
            return Err(PepperErrorKind::TooShort.into());
        }
        let keyed = Hmac::<Sha256>::new_from_slice(secret).map_err(|_| PepperErrorKind::Malformed)?;
        let mut scheme = String::from(Self::SCHEMES);
        for byte in digest(&keyed, ID_LABEL).iter().take(ID_BYTES) {
            scheme.push_str(&format!("{byte:02x}"));
        }
        Ok(Self { scheme: scheme.into(), keyed })
    }

    /// A pepper from a setting or a file: the text without the white space around it, as UTF-8.
    ///
    /// # Errors
    ///
    /// [`PepperErrorKind::TooShort`] for fewer than 16 bytes.
    pub fn from_text(secret: &str) -> Result<Self, PepperError> {
        Self::from_bytes(secret.trim().as_bytes())
    }

    /// Its public id: 16 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> &str {
        self.scheme.rsplit(':').next().unwrap_or_default()
    }

    /// What the scheme of each pepper begins with.
    pub(crate) const SCHEMES: &'static str = "hmac-sha256:";

    /// The scheme of a pepper of this id.
    pub(crate) fn scheme_of(id: &str) -> String {
        format!("{}{id}", Self::SCHEMES)
    }

    /// The id of the pepper that a scheme names.
    pub(crate) fn id_of(scheme: &str) -> &str {
        scheme.strip_prefix(Self::SCHEMES).unwrap_or(scheme)
    }

    /// What a store may record of it: whoever reads it can tell the pepper if they have it, and nothing else.
    pub(crate) fn record(&self) -> PepperRecord {
        let check = digest(&self.keyed, CHECK_LABEL);
        let check: String = check.iter().map(|byte| format!("{byte:02x}")).collect();
        PepperRecord { scheme: self.scheme.clone(), check: check.into(), waits_since: None }
    }

    /// Whether it is the pepper of this record: the same secret, and not only the same id.
    pub(crate) fn is_of(&self, record: &PepperRecord) -> bool {
        *self.scheme == *record.scheme && self.record().check == record.check
    }

    /// What its digests are marked with: `hmac-sha256:<id>`.
    pub(crate) fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The digest of a key's whole text, of whatever format.
    pub(crate) fn digest(&self, text: &str) -> KeyDigest {
        KeyDigest { scheme: self.scheme.clone(), bytes: Box::new(digest(&self.keyed, text.as_bytes())) }
    }

    /// A public name for what must not be told by it: 32 hexadecimal digits, always the same.
    pub(crate) fn name_of(&self, digest: &KeyDigest) -> String {
        let keyed = self.keyed.clone().chain_update(NAME_LABEL).chain_update(digest.scheme.as_bytes());
        let bytes: [u8; 32] = keyed.chain_update([0]).chain_update(&digest.bytes).finalize().into_bytes().into();
        bytes.iter().take(NAME_BYTES).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pepper").field("id", &self.id()).finish_non_exhaustive()
    }
}

fn digest(keyed: &Hmac<Sha256>, message: &[u8]) -> [u8; 32] {
    keyed.clone().chain_update(message).finalize().into_bytes().into()
}

const MIN_LEN: usize = 16;
const ID_BYTES: usize = 8;
/// No key's text: it holds a space.
const ID_LABEL: &[u8] = b"remint pepper id";
const CHECK_LABEL: &[u8] = b"remint pepper check";
const NAME_BYTES: usize = 16;
/// Nor is what begins with this.
const NAME_LABEL: &[u8] = b"remint imported key ";

#[cfg(test)]
mod tests {
    use remint_core::Environment;

    use super::*;
    use crate::KeyFormat;

    #[test]
    fn a_digest_is_the_hmac_of_rfc_4231() {
        // RFC 4231 §4.2, test case 1.
        let keyed = Hmac::<Sha256>::new_from_slice(&[0x0b; 20]).unwrap();
        let expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
        let hex: String = digest(&keyed, b"Hi There").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected);
    }

    #[test]
    fn a_digest_names_its_pepper() {
        let key = KeyFormat::default().generate(Environment::Live).unwrap();
        let pepper = Pepper::from_text("a pepper of enough length").unwrap();
        assert_eq!(&*pepper.digest(key.expose_secret()).scheme, format!("hmac-sha256:{}", pepper.id()));
        assert_eq!(pepper.id().len(), 16);
    }

    #[test]
    fn another_pepper_has_another_id_and_other_digests() {
        let key = KeyFormat::default().generate(Environment::Live).unwrap();
        let [a, b] = [[1; 16], [2; 16]].map(|secret| Pepper::from_bytes(&secret).unwrap());
        assert_ne!(a.id(), b.id());
        let text = key.expose_secret();
        assert_ne!(a.digest(text).bytes, b.digest(text).bytes);
        assert_ne!(a.name_of(&a.digest(text)), b.name_of(&a.digest(text)));
        assert_ne!(a.name_of(&a.digest(text)), a.name_of(&b.digest(text)));
    }

    #[test]
    fn a_pepper_has_at_least_sixteen_bytes() {
        assert_eq!(Pepper::from_bytes(&[7; 15]).unwrap_err().kind(), PepperErrorKind::TooShort);
        assert!(Pepper::from_bytes(&[7; 16]).is_ok());
        assert_eq!(Pepper::from_text("      short     \n").unwrap_err().kind(), PepperErrorKind::TooShort);
    }

    #[test]
    fn white_space_around_a_setting_is_not_part_of_it() {
        let plain = Pepper::from_text("0123456789abcdef").unwrap();
        assert_eq!(plain.id(), Pepper::from_text(" 0123456789abcdef\r\n").unwrap().id());
    }

    #[test]
    fn debug_shows_nothing_of_the_secret() {
        let pepper = Pepper::from_text("canary-canary-canary").unwrap();
        assert!(!format!("{pepper:?} {:?}", Pepper::from_text("canary").unwrap_err()).contains("canary"));
    }
}
