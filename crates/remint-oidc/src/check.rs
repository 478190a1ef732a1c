use remint_core::{Confirmation, DeniedKind, Timestamp};
use remint_jwt::{Claims, Jws, TimeRule, Times};
use serde_json::Value;

use crate::token_type::Kind;
use crate::trusted::Trusted;
use crate::{confirmation, id_token, token_type};

/// Everything that can be refused without a key. Nothing is believed yet.
pub(crate) fn check(trusted: &Trusted, jws: &Jws<'_>, kind: Kind, now: Timestamp) -> Result<Times, DeniedKind> {
    if !trusted.algorithms.contains(&jws.header().algorithm()) {
        return Err(DeniedKind::Algorithm);
    }
    let claims = jws.unverified_claims();
    match kind {
        Kind::AccessToken => {
            token_type::check(jws)?;
            confirmation::read(claims)?;
            audience(trusted, claims)?;
            client(trusted, claims)?;
        }
        Kind::IdToken => id_token::check(trusted, jws)?,
    }
    trusted.times.check(claims, now)
}

/// When a JWT ends about which its issuer is asked, and what it is bound to, as far as it says so itself,
/// unless that alone is a reason to refuse it. The rest is for the issuer to say.
pub(crate) fn before_asking(jws: &Jws<'_>, now: Timestamp) -> Result<(Timestamp, Option<Confirmation>), DeniedKind> {
    token_type::check(jws)?;
    let bound_to = confirmation::read(jws.unverified_claims())?;
    let ends = TimeRule::new().end(jws.unverified_claims(), now)?.unwrap_or(Timestamp::MAX);
    Ok((ends, bound_to))
}

/// RFC 7519 §4.1.3: absent means refused.
pub(crate) fn audience(trusted: &Trusted, claims: &Claims) -> Result<(), DeniedKind> {
    if claims.get("aud").is_none() {
        return Err(DeniedKind::Audience);
    }
    let mut named = claims.audiences()?;
    if named.any(|audience| trusted.audiences.iter().any(|ours| **ours == *audience)) {
        Ok(())
    } else {
        Err(DeniedKind::Audience)
    }
}

/// The allow-list of clients: every claim that names one must name one of the list.
pub(crate) fn client(trusted: &Trusted, claims: &Claims) -> Result<(), DeniedKind> {
    let mut named = false;
    for path in &trusted.claims.clients {
        let Some(value) = claims.path(path) else { continue };
        let client = value.as_str().filter(|client| !client.is_empty()).ok_or(DeniedKind::Claim)?;
        if !trusted.clients.is_empty() && !trusted.clients.iter().any(|allowed| **allowed == *client) {
            return Err(DeniedKind::Client);
        }
        named = true;
    }
    if named || trusted.clients.is_empty() { Ok(()) } else { Err(DeniedKind::Client) }
}

/// The first of the claims that name the client.
pub(crate) fn first_client<'a>(trusted: &Trusted, claims: &'a Claims) -> Option<&'a str> {
    trusted.claims.clients.iter().find_map(|path| claims.path(path).and_then(Value::as_str))
}
