use remint_core::Timestamp;
use remint_jwt::{Algorithm, Candidates, Jwk, JwkSet, LookupError};

/// A set as it was fetched, and when that fetch *began*: keys brought in later may be missing.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) keys: JwkSet,
    pub(crate) fetched_at: Timestamp,
}

impl Snapshot {
    /// The keys that a header may mean, of those that are for tokens of `issuer`.
    pub(crate) fn find(
        &self,
        issuer: &str,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Candidates, LookupError> {
        self.keys.find_among(kid, algorithm, |jwk| is_for(jwk, issuer))
    }
}

/// Whether a key is for tokens of `issuer`: it names none, this one, or the issuers of many tenants. Microsoft
/// Entra says so which of the keys in the set of all tenants are for one of them.
pub(crate) fn is_for(jwk: &Jwk, issuer: &str) -> bool {
    jwk.issuer().is_none_or(|bound_to| bound_to == issuer || bound_to.contains(MANY_TENANTS))
}

/// What stands for the tenant in an issuer of many.
pub(crate) const MANY_TENANTS: &str = "{tenantid}";
