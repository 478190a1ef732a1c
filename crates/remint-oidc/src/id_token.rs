use remint_core::DeniedKind;
use remint_jwt::{Claims, Jws, subtype};
use serde_json::Value;

use crate::trusted::Trusted;

/// Whether it is an ID token, of an issuer whose ID tokens are accepted, for a client of ours.
pub(crate) fn check(trusted: &Trusted, jws: &Jws<'_>) -> Result<(), DeniedKind> {
    let claims = jws.unverified_claims();
    if trusted.id_token_clients.is_empty() || !is_id_token(jws) {
        return Err(DeniedKind::TokenType);
    }
    // RFC 7800 §3: whoever sends it has to prove that they hold a key.
    if claims.get("cnf").is_some() {
        return Err(DeniedKind::SenderConstrained);
    }
    addressed(trusted, claims)
}

/// Whether it is for a client of ours.
pub(crate) fn addressed(trusted: &Trusted, claims: &Claims) -> Result<(), DeniedKind> {
    if trusted.id_token_clients.is_empty() {
        return Err(DeniedKind::TokenType);
    }
    audience(trusted, claims)?;
    clients(trusted, claims)
}

/// Who asked for the token: `azp`, or whom alone it is for.
pub(crate) fn client(claims: &Claims) -> Option<&str> {
    let alone = || claims.audiences().ok().and_then(|mut audiences| audiences.next());
    claims.get("azp").and_then(Value::as_str).or_else(alone)
}

fn is_id_token(jws: &Jws<'_>) -> bool {
    let claims = jws.unverified_claims();
    // Where Keycloak and Amazon Cognito tell their tokens apart.
    let says_another = |name: &str, id: &str| claims.get(name).is_some_and(|value| value.as_str() != Some(id));
    let typ = jws.header().token_type().map(subtype);
    typ.is_none_or(|typ| typ.eq_ignore_ascii_case("jwt"))
        && claims.get("events").is_none()
        && !says_another("typ", "ID")
        && !says_another("token_use", "id")
}

fn audience(trusted: &Trusted, claims: &Claims) -> Result<(), DeniedKind> {
    if claims.get("aud").is_none() {
        return Err(DeniedKind::Audience);
    }
    let is_ours = |audience: &str| trusted.audiences.iter().any(|ours| **ours == *audience);
    if !claims.audiences()?.all(|audience| is_client(trusted, audience) || is_ours(audience)) {
        return Err(DeniedKind::Audience);
    }
    if claims.audiences()?.any(|audience| is_client(trusted, audience)) { Ok(()) } else { Err(DeniedKind::Audience) }
}

fn clients(trusted: &Trusted, claims: &Claims) -> Result<(), DeniedKind> {
    let paths = trusted.claims.clients.iter().map(|path| &**path).filter(|path| *path != "azp");
    for path in paths.chain(["azp"]) {
        let Some(value) = claims.path(path) else { continue };
        let named = value.as_str().filter(|client| !client.is_empty()).ok_or(DeniedKind::Claim)?;
        if !is_client(trusted, named) {
            return Err(DeniedKind::Client);
        }
    }
    if claims.get("azp").is_none() && claims.audiences()?.count() > 1 { Err(DeniedKind::Client) } else { Ok(()) }
}

fn is_client(trusted: &Trusted, name: &str) -> bool {
    trusted.id_token_clients.iter().any(|client| **client == *name)
}
