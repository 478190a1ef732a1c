use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use remint_core::{
    Actor, ClientId, CredentialRef, DeniedKind, Environment, Identity, IssuerId, Scopes, Subject, Timestamp, TokenId,
    is_reserved,
};
use remint_jwt::{Claims, Jws, TimeRule, Times, subtype};
use remint_oauth_client::Url;
use remint_token::Moments;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::settings::Settings;

/// Checks a token of a server that is not ours (RFC 9068 §4, RFC 7519 §7.2). The signature is verified
/// elsewhere.
pub(crate) fn check(jws: &Jws<'_>, settings: &Settings, now: Timestamp) -> Result<Moments, DeniedKind> {
    let token_type = jws.header().token_type().map_or("JWT", subtype);
    if !settings.token_types.iter().any(|accepted| token_type.eq_ignore_ascii_case(accepted)) {
        return Err(DeniedKind::TokenType);
    }
    let claims = jws.unverified_claims();
    if claims.issuer()? != settings.issuer.as_str() {
        return Err(DeniedKind::UntrustedIssuer);
    }
    if !claims.audiences()?.any(|audience| audience == settings.audience.as_str()) {
        return Err(DeniedKind::Audience);
    }
    let Times { issued_at, expires_at } = TimeRule::new().check(claims, now)?;
    if claims.get("cnf").is_some() {
        return Err(DeniedKind::SenderConstrained);
    }
    Ok(Moments { id: id(jws)?, issued_at, expires_at, rev: None })
}

/// Whom the token names. Scopes that are ours to give (`remint:*`) are not another's. Where it names no client, the
/// client is `<host>|` by the host of the server's issuer, as for tokens of a trust without a name.
pub(crate) fn identity(
    claims: &Claims,
    environment: Environment,
    id: &TokenId,
    presented: Option<CredentialRef>,
) -> Result<Identity, DeniedKind> {
    let subject = Subject::new(claims.subject()?).map_err(|_| DeniedKind::Claim)?;
    let client = match text(claims, "client_id")?.or(text(claims, "azp")?) {
        Some(client) => ClientId::new(client),
        None => ClientId::new(host(claims.issuer()?) + "|"),
    };
    let client = client.map_err(|_| DeniedKind::Claim)?;
    let credential = match presented {
        Some(presented) => presented,
        None => CredentialRef::Jwt {
            issuer: IssuerId::new(claims.issuer()?).map_err(|_| DeniedKind::Claim)?,
            subject: subject.clone(),
            id: Some(id.clone()),
            digest: None,
        },
    };
    let scopes: Scopes = text(claims, "scope")?.unwrap_or_default().parse().map_err(|_| DeniedKind::Claim)?;
    let mut identity = Identity::new(subject, environment, client, credential);
    identity.scopes = scopes.filtered(|scope| !is_reserved(scope));
    identity.actor = actor(claims.get("act"), Actor::MAX_CHAIN)?;
    Ok(identity)
}

fn host(issuer: &str) -> String {
    let url = Url::parse(issuer).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// The token's `jti`; for one without, its signing input's digest, since each token must have a name.
fn id(jws: &Jws<'_>) -> Result<TokenId, DeniedKind> {
    let id = match text(jws.unverified_claims(), "jti")? {
        Some(id) => TokenId::new(id),
        None => TokenId::new(URL_SAFE_NO_PAD.encode(Sha256::digest(jws.signing_input()))),
    };
    id.map_err(|_| DeniedKind::Claim)
}

fn text<'c>(claims: &'c Claims, name: &str) -> Result<Option<&'c str>, DeniedKind> {
    claims.get(name).map(|value| value.as_str().ok_or(DeniedKind::Claim)).transpose()
}

/// The chain of actors (RFC 8693 §4.1): it is never dropped. Of how each came, only our own server is believed.
fn actor(act: Option<&Value>, left: usize) -> Result<Option<Actor>, DeniedKind> {
    let Some(act) = act else { return Ok(None) };
    let (Some(act), Some(left)) = (act.as_object(), left.checked_sub(1)) else { return Err(DeniedKind::Claim) };
    let subject = act.get("sub").and_then(Value::as_str).and_then(|sub| Subject::new(sub).ok());
    let issuer = match act.get("iss") {
        None => None,
        Some(issuer) => Some(issuer.as_str().and_then(|issuer| IssuerId::new(issuer).ok()).ok_or(DeniedKind::Claim)?),
    };
    let actor = actor(act.get("act"), left)?.map(Box::new);
    Ok(Some(Actor { actor, ..Actor::new(subject.ok_or(DeniedKind::Claim)?, issuer) }))
}
