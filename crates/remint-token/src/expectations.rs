use remint_core::{Audience, Denied, DeniedKind, IssuerId, Stamp, Timestamp, TokenId};
use remint_jwt::{Claims, Jws, TimeRule, Times};
use serde::Deserialize as _;

use crate::TOKEN_TYPE;

/// Whose internal tokens are accepted, and for whom (RFC 9068 §4).
#[derive(Debug, Clone)]
pub struct Expectations {
    issuer: IssuerId,
    /// `None`: whoever it is for.
    audiences: Option<Vec<Audience>>,
}

/// The moments of a token, in time and in the log of revocations, and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moments {
    /// `jti`.
    pub id: TokenId,
    /// `iat`.
    pub issued_at: Timestamp,
    /// `exp`.
    pub expires_at: Timestamp,
    /// `rev`: how far its issuer had read the log of revocations before the caller was authenticated.
    pub rev: Option<Stamp>,
}

impl Expectations {
    /// Tokens of this issuer, compared as the exact string, for this audience.
    #[must_use]
    pub fn new(issuer: IssuerId, audience: Audience) -> Self {
        Self { issuer, audiences: Some(vec![audience]) }
    }

    /// Tokens of this issuer for one of these audiences; for nobody if there is none.
    #[must_use]
    pub const fn for_any(issuer: IssuerId, audiences: Vec<Audience>) -> Self {
        Self { issuer, audiences: Some(audiences) }
    }

    /// Tokens of this issuer, whoever they are for: only for the issuer itself, which made them all.
    #[must_use]
    pub const fn for_everyone(issuer: IssuerId) -> Self {
        Self { issuer, audiences: None }
    }

    /// The issuer.
    #[must_use]
    pub const fn issuer(&self) -> &IssuerId {
        &self.issuer
    }

    /// Checks the type and the registered claims at `now`. The signature is the caller's to verify,
    /// before or after.
    ///
    /// # Errors
    ///
    /// - [`DeniedKind::TokenType`]: `typ` is not `at+jwt` (RFC 9068 §4).
    /// - [`DeniedKind::Structure`]: no `kid`; our issuer names its key always.
    /// - [`DeniedKind::UntrustedIssuer`]: `iss` is not the exact issuer.
    /// - [`DeniedKind::Audience`]: `aud` names none of ours.
    /// - [`DeniedKind::Expired`]: `exp` has come; there is no leeway.
    /// - [`DeniedKind::NotYetValid`]: `nbf` or `iat` is more than 30 seconds ahead.
    /// - [`DeniedKind::SenderConstrained`]: there is a `cnf`, whose proof nobody checks here.
    /// - [`DeniedKind::Claim`]: one that must be there is not, or is of a wrong type.
    pub fn check(&self, jws: &Jws<'_>, now: Timestamp) -> Result<Moments, Denied> {
        if !jws.header().is_type(TOKEN_TYPE) {
            return Err(DeniedKind::TokenType.into());
        }
        if jws.header().key_id().is_none() {
            return Err(DeniedKind::Structure.into());
        }
        self.check_claims(jws.unverified_claims(), now)
    }

    fn check_claims(&self, claims: &Claims, now: Timestamp) -> Result<Moments, Denied> {
        let claim = |_| DeniedKind::Claim;
        if claims.issuer().map_err(claim)? != self.issuer.as_str() {
            return Err(DeniedKind::UntrustedIssuer.into());
        }
        let ours = |named: &str| match &self.audiences {
            Some(audiences) => audiences.iter().any(|audience| audience.as_str() == named),
            None => true,
        };
        if !claims.audiences().map_err(claim)?.any(ours) {
            return Err(DeniedKind::Audience.into());
        }
        let Times { issued_at, expires_at } = TimeRule::new().check(claims, now)?;
        if claims.get("cnf").is_some() {
            return Err(DeniedKind::SenderConstrained.into());
        }
        let rev = claims.get("rev").map(Stamp::deserialize).transpose().map_err(|_| DeniedKind::Claim)?;
        match claims.get("jti").and_then(|id| id.as_str()).map(TokenId::new) {
            Some(Ok(id)) => Ok(Moments { id, issued_at, expires_at, rev }),
            _ => Err(DeniedKind::Claim.into()),
        }
    }
}
