use remint_core::DeniedKind;
use remint_jwt::{Claims, Jws, subtype};
use serde_json::Value;

/// Which of an issuer's tokens is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// In a request, to be let through or exchanged.
    AccessToken,
    /// An assertion by which a client asks for a token (RFC 7523 §2.1): an access token by every rule.
    Assertion,
    IdToken,
}

impl Kind {
    /// Whether a claim that only is carried along may be other than it should be: providers say many things in
    /// their access tokens. What is made for one purpose is held to the word.
    pub(crate) const fn is_lenient(self) -> bool {
        matches!(self, Self::AccessToken)
    }
}

/// Refuses every kind of token that is not an access token, as far as that can be told (RFC 8725
/// §3.11, §3.12): ID tokens, refresh tokens, logout tokens, security event tokens and DPoP
/// proofs.
pub(crate) fn check(jws: &Jws<'_>, kind: Kind, is_tolerated: bool) -> Result<(), DeniedKind> {
    let is_access_token = match jws.header().token_type().map(subtype) {
        None => false,
        Some(typ) if typ.eq_ignore_ascii_case("at+jwt") => true,
        Some(typ) if typ.eq_ignore_ascii_case("jwt") => false,
        // Any JWS is that (RFC 7515 §4.1.9).
        Some(typ) if typ.eq_ignore_ascii_case("jose") && kind.is_lenient() => false,
        Some(_) => return Err(DeniedKind::TokenType),
    };
    check_claims(jws.unverified_claims(), kind, is_access_token || is_tolerated)
}

/// The same for the claims by themselves. `is_access_token`: something else says that it is one.
pub(crate) fn check_claims(claims: &Claims, kind: Kind, is_access_token: bool) -> Result<(), DeniedKind> {
    let has = |name: &str| claims.get(name).is_some();
    let says = |name: &str, values: &[&str]| {
        claims.get(name).and_then(Value::as_str).is_some_and(|text| values.contains(&text))
    };
    if has("events") || says("typ", &KEYCLOAK_OTHER_TYPES) || says("token_use", &OTHER_USES) {
        return Err(DeniedKind::TokenType);
    }
    let says_so = || kind.is_lenient() && (says("typ", &KEYCLOAK_ACCESS_TYPES) || says("token_use", &["access"]));
    if !is_access_token && ID_TOKEN_CLAIMS.into_iter().any(has) && !says_so() {
        return Err(DeniedKind::TokenType);
    }
    Ok(())
}

/// OpenID Connect Core §2, §3.1.3.6, §3.3.2.11.
const ID_TOKEN_CLAIMS: [&str; 3] = ["nonce", "at_hash", "c_hash"];
/// Keycloak tells its tokens apart by a claim: so its access tokens say what they are.
const KEYCLOAK_ACCESS_TYPES: [&str; 2] = ["Bearer", "DPoP"];
const KEYCLOAK_OTHER_TYPES: [&str; 5] = ["ID", "Refresh", "Offline", "Logout", "Initial"];
/// Amazon Cognito's claim for the same, and ORY Hydra's in its introspection.
const OTHER_USES: [&str; 3] = ["id", "refresh", "refresh_token"];
