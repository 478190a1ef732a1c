use remint_core::{Environment, Network, Scopes, Timestamp, UserId};

use super::{ForeignDigest, InvalidImport, TextFormat};
use crate::KeyName;

/// A key that another system made, to be brought along. Its text is known to its owner only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedKey {
    pub(crate) user: UserId,
    pub(crate) format: TextFormat,
    pub(crate) environment: Environment,
    pub(crate) start: String,
    pub(crate) digest: ForeignDigest,
    pub(crate) name: Option<KeyName>,
    pub(crate) scopes: Option<Scopes>,
    pub(crate) networks: Vec<Network>,
    pub(crate) created_at: Option<Timestamp>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) revoked: bool,
}

impl ImportedKey {
    /// A key of this user, whose text is of this format and begins with `start`: without a name,
    /// with the user's scopes, without an end, made at the moment of the import.
    ///
    /// The start is kept and shown. Of `drf` it is the prefix, by which PBKDF2 digests are found; of
    /// an opaque format it is the format's prefix with at most four more characters.
    ///
    /// # Errors
    ///
    /// [`InvalidImport`] if such a key could not be found, or if its start would show too much.
    pub fn new(
        user: UserId,
        environment: Environment,
        format: &TextFormat,
        start: impl Into<String>,
        digest: ForeignDigest,
    ) -> Result<Self, InvalidImport> {
        let start = start.into();
        match format {
            TextFormat::Remint => return Err(InvalidImport::Ours),
            TextFormat::Opaque(_) if digest.is_slow() => return Err(InvalidImport::Scheme),
            _ if !format.allows_start(&start) || digest.is_of(&start) => return Err(InvalidImport::Start),
            _ => {}
        }
        Ok(Self {
            user,
            format: format.clone(),
            environment,
            start,
            digest,
            name: None,
            scopes: None,
            networks: Vec::new(),
            created_at: None,
            expires_at: None,
            revoked: false,
        })
    }

    /// With a name for people.
    #[must_use]
    pub fn with_name(mut self, name: KeyName) -> Self {
        self.name = Some(name);
        self
    }

    /// With these scopes only, as [`NewKey::with_scopes`](crate::NewKey::with_scopes).
    #[must_use]
    pub fn with_scopes(mut self, scopes: Scopes) -> Self {
        self.scopes = Some(scopes);
        self
    }

    /// To be used from these networks only; from anywhere if there are none.
    #[must_use]
    pub fn with_networks(mut self, networks: Vec<Network>) -> Self {
        self.networks = networks;
        self
    }

    /// Made then. A moment that is yet to come is the moment of the import.
    #[must_use]
    pub const fn created_at(mut self, at: Timestamp) -> Self {
        self.created_at = Some(at);
        self
    }

    /// Ending then.
    #[must_use]
    pub const fn expires_at(mut self, end: Timestamp) -> Self {
        self.expires_at = Some(end);
        self
    }

    /// Revoked already: it is known, and works nowhere.
    #[must_use]
    pub const fn revoked(mut self) -> Self {
        self.revoked = true;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const PBKDF2: &str = "pbkdf2_sha256$1000$salt$47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    fn import(format: &str, start: &str, digest: ForeignDigest) -> Option<InvalidImport> {
        let alice = UserId::new("alice").unwrap();
        ImportedKey::new(alice, Environment::Live, &format.parse().unwrap(), start, digest).err()
    }

    #[test]
    fn a_key_that_nothing_would_find_is_not_imported() {
        let (fast, slow) =
            (ForeignDigest::parse("sha256", SHA256).unwrap(), ForeignDigest::parse_django(PBKDF2).unwrap());
        assert_eq!(import("drf", "7rgLGFbo", fast.clone()), None);
        assert_eq!(import("drf", "7rgLGFbo", slow.clone()), None);
        assert_eq!(import("opaque:sk_", "sk_ab", fast.clone()), None);
        assert_eq!(import("opaque:sk_", "sk_ab", slow.clone()), Some(InvalidImport::Scheme));
        assert_eq!(import("remint", "rmt_live_abcd", fast.clone()), Some(InvalidImport::Ours));
        assert_eq!(import("drf", "7rgLGFb", slow), Some(InvalidImport::Start));
        assert_eq!(import("drf", "7rgLGFbo.leqKSKsM", fast.clone()), Some(InvalidImport::Start));
        assert_eq!(import("opaque:sk_", "sk_abcde", fast), Some(InvalidImport::Start));
    }

    #[test]
    fn a_start_that_is_the_whole_key_is_not_shown() {
        let format = "opaque:sk_live_of_acme_inc";
        let whole = "sk_live_of_acme_incabcd";
        let digest = super::super::fast_digests(whole).nth(1).unwrap();
        let hex: String = digest.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let digest = ForeignDigest::parse("sha256", &hex).unwrap();
        assert_eq!(import(format, whole, digest.clone()), Some(InvalidImport::Start));
        assert_eq!(import(format, &whole[..22], digest), None);
    }
}
