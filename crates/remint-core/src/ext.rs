use serde::Serialize;
use serde_json::{Map, Value};

/// Claims that mapping and enrichment may not write (RFC 7519 §4.1, RFC 8693 §4, RFC 9068 §2.2,
/// RFC 7800 and our own).
pub const RESERVED_CLAIMS: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "act",
    "may_act",
    "parents",
    "cnf",
    "rev",
    "cred",
    "client_id",
    "scope",
    "tenant",
    "env",
    "sid",
    "auth_time",
    "acr",
    "amr",
    "roles",
    "groups",
    "entitlements",
    "ext",
];

/// Mapped and enriched claims: the token's `ext`. No reserved name can stand in it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Ext(Map<String, Value>);

impl Ext {
    /// No claims.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes one claim.
    ///
    /// # Errors
    ///
    /// [`ReservedClaim`] if `name` is one of [`RESERVED_CLAIMS`].
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Value>) -> Result<(), ReservedClaim> {
        let name = name.into();
        if let Some(reserved) = RESERVED_CLAIMS.iter().find(|reserved| **reserved == name) {
            return Err(ReservedClaim(reserved));
        }
        self.0.insert(name, value.into());
        Ok(())
    }

    /// Adds the other's claims; where both have one, the other's stays.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The claims.
    #[must_use]
    pub const fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<Map<String, Value>> for Ext {
    type Error = ReservedClaim;

    fn try_from(map: Map<String, Value>) -> Result<Self, Self::Error> {
        match RESERVED_CLAIMS.iter().find(|reserved| map.contains_key(**reserved)) {
            Some(reserved) => Err(ReservedClaim(reserved)),
            None => Ok(Self(map)),
        }
    }
}

/// An attempt to write a registered claim by mapping or enrichment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the claim `{0}` is reserved")]
pub struct ReservedClaim(&'static str);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mapping_and_enrichment_cannot_write_registered_claims() {
        for name in RESERVED_CLAIMS {
            assert!(Ext::new().insert(*name, 1).is_err(), "{name}");
            assert!(Ext::try_from(Map::from_iter([((*name).to_owned(), Value::Null)])).is_err(), "{name}");
        }
        assert!(Ext::new().insert("plan", "gold").is_ok());
    }
}
