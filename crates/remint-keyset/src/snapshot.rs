use remint_core::Timestamp;
use remint_jwt::{Algorithm, JwkSet, KeyError, LookupError, PassedOver, VerifyingKey};
use serde_json::Value;

/// A set as it was fetched, and when that fetch *began*: keys brought in later may be missing.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) keys: Keys,
    pub(crate) fetched_at: Timestamp,
}

/// The keys, and which of them are for the tokens of one issuer only.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    set: JwkSet,
    bound: Vec<Bound>,
}

#[derive(Debug, Clone)]
struct Bound {
    key_id: Option<Box<str>>,
    issuer: Box<str>,
}

impl Keys {
    pub(crate) fn parse(json: &[u8]) -> Result<Self, KeyError> {
        Ok(Self { set: JwkSet::parse(json)?, bound: bound(json) })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.set.is_empty()
    }

    pub(crate) fn passed_over(&self) -> &[PassedOver] {
        self.set.passed_over()
    }

    /// The key that a header names, if it is for tokens of `issuer`.
    pub(crate) fn find(
        &self,
        issuer: Option<&str>,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<VerifyingKey, LookupError> {
        let key = self.set.find(kid, algorithm)?;
        let is_for = |issuer: &str| {
            let mut bounds = self.bound.iter().filter(|bound| bound.key_id.as_deref() == key.key_id());
            bounds.all(|bound| *bound.issuer == *issuer)
        };
        if issuer.is_none_or(is_for) { Ok(key) } else { Err(LookupError::Unknown) }
    }
}

impl From<JwkSet> for Keys {
    fn from(set: JwkSet) -> Self {
        Self { set, bound: Vec::new() }
    }
}

/// The members with an `issuer` that is not itself for many tenants: Microsoft Entra says so
/// which of the keys in the set of all tenants are for one of them.
fn bound(json: &[u8]) -> Vec<Bound> {
    let Ok(document) = serde_json::from_slice::<Value>(json) else { return Vec::new() };
    let members = document.get("keys").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let issuers = members.iter().filter_map(|member| {
        let issuer = member.get("issuer")?.as_str().unwrap_or_default();
        let key_id = member.get("kid").and_then(Value::as_str).map(Box::from);
        (!issuer.contains("{tenantid}")).then(|| Bound { key_id, issuer: issuer.into() })
    });
    issuers.collect()
}
