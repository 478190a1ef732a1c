use std::time::Duration;

use remint_core::{Audience, Denied, DeniedKind, IssuerId, Timestamp, TokenId};
use remint_jwt::Claims;

/// What an internal token's registered claims must say (RFC 9068 §4).
#[derive(Debug)]
pub(crate) struct Expectations {
    pub(crate) issuer: IssuerId,
    pub(crate) audience: Audience,
}

impl Expectations {
    /// Checks them at `now` and returns the token's `exp`.
    ///
    /// # Errors
    ///
    /// - [`DeniedKind::UntrustedIssuer`]: `iss` is not the exact issuer.
    /// - [`DeniedKind::Audience`]: `aud` does not name ours.
    /// - [`DeniedKind::Expired`]: `exp` has come; there is no leeway.
    /// - [`DeniedKind::NotYetValid`]: `nbf` or `iat` is more than [`LEEWAY`] ahead.
    /// - [`DeniedKind::SenderConstrained`]: there is a `cnf`, whose proof nobody checks here.
    /// - [`DeniedKind::Claim`]: one that must be there is not, or is of a wrong type.
    pub(crate) fn check(&self, claims: &Claims, now: Timestamp) -> Result<Timestamp, Denied> {
        let claim = |_| DeniedKind::Claim;
        if claims.issuer().map_err(claim)? != self.issuer.as_str() {
            return Err(DeniedKind::UntrustedIssuer.into());
        }
        if !claims.audiences().map_err(claim)?.any(|audience| audience == self.audience.as_str()) {
            return Err(DeniedKind::Audience.into());
        }
        let expires_at = claims.expires_at().map_err(claim)?.ok_or(DeniedKind::Claim)?;
        let issued_at = claims.issued_at().map_err(claim)?.ok_or(DeniedKind::Claim)?;
        let not_before = claims.not_before().map_err(claim)?.unwrap_or(issued_at);
        if now >= expires_at {
            return Err(DeniedKind::Expired.into());
        }
        if issued_at.max(not_before) > now.saturating_add(LEEWAY) {
            return Err(DeniedKind::NotYetValid.into());
        }
        if claims.get("cnf").is_some() {
            return Err(DeniedKind::SenderConstrained.into());
        }
        match claims.get("jti").and_then(|id| id.as_str()).map(TokenId::new) {
            Some(Ok(_)) => Ok(expires_at),
            _ => Err(DeniedKind::Claim.into()),
        }
    }
}

/// How far `nbf` and `iat` may be ahead of our clock.
pub(crate) const LEEWAY: Duration = Duration::from_secs(30);
