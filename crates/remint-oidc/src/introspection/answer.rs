use remint_core::{Confirmation, DeniedKind, Timestamp};
use remint_jwt::{Claims, Times};
use remint_token::urn;
use serde_json::Value;

use crate::check;
use crate::trusted::Trusted;
use crate::{confirmation, token_type};

/// Holds what an issuer says of an active token (RFC 7662 §2.2) to the rules of the trust, as if it
/// stood in a token of that issuer.
pub(crate) fn judge(
    trusted: &Trusted,
    (claims, asked): (&Claims, token_type::Kind),
    now: Timestamp,
) -> Result<Times, DeniedKind> {
    if claims.get("iss").is_some() && !trusted.is_spelt(claims.issuer()?) {
        return Err(DeniedKind::UntrustedIssuer);
    }
    let kind = Kind::of(claims)?;
    token_type::check_claims(claims, asked, kind.is_some() || check::tolerates(trusted, asked))?;
    let bound_to = confirmation::read(claims)?;
    if kind == Some(Kind::Dpop) && !matches!(bound_to, Some(Confirmation::Jkt(_))) {
        // Whose key, it does not say.
        return Err(DeniedKind::SenderConstrained);
    }
    check::audience(trusted, claims, trusted.may_lack_audience(asked))?;
    if claims.get("aud").is_none() && kind.is_none() {
        // Nothing shows that it is an access token: without an audience it may be a refresh token.
        return Err(DeniedKind::TokenType);
    }
    check::client(trusted, claims, asked)?;
    trusted.times(asked).check(claims, now)
}

/// `token_type`: how an access token is used (RFC 6749 §7.1). No other token has one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bearer,
    Dpop,
}

impl Kind {
    fn of(claims: &Claims) -> Result<Option<Self>, DeniedKind> {
        match claims.get("token_type") {
            None => Ok(None),
            // Some servers say what it is, not how it is used.
            Some(Value::String(text)) if is_any(text, &["Bearer", "access_token", urn::ACCESS_TOKEN]) => {
                Ok(Some(Self::Bearer))
            }
            Some(Value::String(text)) if is_any(text, &["DPoP"]) => Ok(Some(Self::Dpop)),
            Some(Value::String(_)) => Err(DeniedKind::TokenType),
            Some(_) => Err(DeniedKind::Claim),
        }
    }
}

fn is_any(text: &str, names: &[&str]) -> bool {
    names.iter().any(|name| text.eq_ignore_ascii_case(name))
}
