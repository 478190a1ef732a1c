use std::time::Duration;

use remint_core::{Audience, Denied, DeniedKind, IssuerId, Timestamp};
use remint_jwt::{Claims, Jws, TimeRule};

use super::TRANSACTION_TYPE;
use super::audience::sole_audience;

/// The longest that a transaction token may live (`exp − iat`). It is meant for the time that one call
/// takes (§ "Txn-Token Lifetime").
pub const MAX_TRANSACTION_LIFETIME: Duration = Duration::from_secs(5 * 60);

/// Whose transaction tokens are accepted, and in which trust domain.
#[derive(Debug, Clone)]
pub struct TransactionExpectations {
    issuer: IssuerId,
    trust_domain: Audience,
}

impl TransactionExpectations {
    /// Tokens of this issuer for this trust domain, both compared as exact strings.
    #[must_use]
    pub const fn new(issuer: IssuerId, trust_domain: Audience) -> Self {
        Self { issuer, trust_domain }
    }

    /// The issuer.
    #[must_use]
    pub const fn issuer(&self) -> &IssuerId {
        &self.issuer
    }

    /// The trust domain.
    #[must_use]
    pub const fn trust_domain(&self) -> &Audience {
        &self.trust_domain
    }

    /// Checks the type and the registered claims at `now` (§ "Txn-Token Validation", and stricter).
    /// The signature is the caller's to verify, before or after.
    ///
    /// # Errors
    ///
    /// - [`DeniedKind::TokenType`]: `typ` is not `txntoken+jwt`.
    /// - [`DeniedKind::Structure`]: no `kid`; our issuer names its key always.
    /// - [`DeniedKind::UntrustedIssuer`]: `iss` is not the exact issuer.
    /// - [`DeniedKind::Audience`]: `aud` is not the trust domain (a text, or an array of that text), or names anything besides.
    /// - [`DeniedKind::Expired`]: `exp` has come; there is no leeway.
    /// - [`DeniedKind::NotYetValid`]: `iat` or `nbf` is more than 30 seconds ahead.
    /// - [`DeniedKind::Lifetime`]: from `iat` to `exp` it is more than [`MAX_TRANSACTION_LIFETIME`].
    /// - [`DeniedKind::SenderConstrained`]: there is a `cnf`, whose proof nobody checks here.
    /// - [`DeniedKind::Claim`]: one that must be there is not, or is of a wrong type.
    pub fn check(&self, jws: &Jws<'_>, now: Timestamp) -> Result<(), Denied> {
        if !jws.header().is_type(TRANSACTION_TYPE) {
            return Err(DeniedKind::TokenType.into());
        }
        if jws.header().key_id().is_none() {
            return Err(DeniedKind::Structure.into());
        }
        self.check_claims(jws.unverified_claims(), now).map_err(Denied::from)
    }

    fn check_claims(&self, claims: &Claims, now: Timestamp) -> Result<(), DeniedKind> {
        let claim = |_| DeniedKind::Claim;
        if claims.issuer().map_err(claim)? != self.issuer.as_str() {
            return Err(DeniedKind::UntrustedIssuer);
        }
        if sole_audience(claims)? != Some(self.trust_domain.as_str()) {
            return Err(DeniedKind::Audience);
        }
        TimeRule::new().with_max_lifetime(MAX_TRANSACTION_LIFETIME).check(claims, now)?;
        if claims.get("cnf").is_some() { Err(DeniedKind::SenderConstrained) } else { Ok(()) }
    }
}
