use remint_core::{ClientId, Confirmation, DeniedKind, Timestamp};
use remint_jwt::{Claims, Jws, Times};

use crate::fault::{Fault, at};
use crate::read::{self, Reader};
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
        Kind::AccessToken | Kind::Assertion => {
            token_type::check(jws, kind, tolerates(trusted, kind))?;
            confirmation::read(claims)?;
            addressed(trusted, claims, kind)?;
        }
        Kind::IdToken => id_token::check(trusted, jws)?,
    }
    trusted.times(kind).check(claims, now)
}

/// Whether a token is for this trust of its issuer: by its audience and its client.
pub(crate) fn addressed(trusted: &Trusted, claims: &Claims, kind: Kind) -> Result<(), DeniedKind> {
    match kind {
        Kind::AccessToken | Kind::Assertion => {
            audience(trusted, claims, trusted.may_lack_audience(kind))?;
            Ok(client(trusted, claims, kind)?)
        }
        Kind::IdToken => id_token::addressed(trusted, claims),
    }
}

/// When a JWT ends about which its issuer is asked, and what it is bound to, as far as it says so itself,
/// unless that alone is a reason to refuse it. The rest is for the issuer to say.
pub(crate) fn before_asking(
    trusted: &Trusted,
    jws: &Jws<'_>,
    kind: Kind,
    now: Timestamp,
) -> Result<(Timestamp, Option<Confirmation>), DeniedKind> {
    token_type::check(jws, kind, tolerates(trusted, kind))?;
    let bound_to = confirmation::read(jws.unverified_claims())?;
    let ends = trusted.times(kind).end(jws.unverified_claims(), now)?.unwrap_or(Timestamp::MAX);
    Ok((ends, bound_to))
}

/// Whether claims of ID tokens are no reason to refuse one of its tokens.
pub(crate) fn tolerates(trusted: &Trusted, kind: Kind) -> bool {
    trusted.lenient_access_tokens && kind.is_lenient()
}

/// RFC 7519 §4.1.3: absent means refused, unless it `may_lack`. One that is there is judged all the same.
pub(crate) fn audience(trusted: &Trusted, claims: &Claims, may_lack: bool) -> Result<(), DeniedKind> {
    if claims.get("aud").is_none() {
        return if may_lack { Ok(()) } else { Err(DeniedKind::Audience) };
    }
    let mut named = claims.audiences()?;
    if named.any(|audience| trusted.audiences.iter().any(|ours| **ours == *audience)) {
        Ok(())
    } else {
        Err(DeniedKind::Audience)
    }
}

/// The allow-list of clients: every claim that names one must name one of the list. Where there is no list, an
/// access token may say there what it likes.
pub(crate) fn client(trusted: &Trusted, claims: &Claims, kind: Kind) -> Result<(), Fault> {
    if trusted.clients.is_empty() && kind.is_lenient() {
        return Ok(());
    }
    let mut named = false;
    for path in &trusted.claims.clients {
        let Some(client) = read::text(claims, path, kind).map_err(at(path))? else { continue };
        if !trusted.clients.is_empty() && !trusted.clients.iter().any(|allowed| **allowed == *client) {
            return Err(at(path)(DeniedKind::Client));
        }
        named = true;
    }
    if named || trusted.clients.is_empty() {
        return Ok(());
    }
    let first = trusted.claims.clients.first().map_or("", |path| path);
    Err(at(first)(DeniedKind::Client))
}

/// The first of the claims that name the client.
pub(crate) fn first_client(trusted: &Trusted, reader: Reader<'_>) -> Result<Option<ClientId>, Fault> {
    for path in &trusted.claims.clients {
        let named = reader.carried(path, |value| ClientId::new(read::non_empty(value)?).ok()).map_err(at(path))?;
        if named.is_some() {
            return Ok(named);
        }
    }
    Ok(None)
}
