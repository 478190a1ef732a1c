use std::time::Duration;

use remint_core::{DeniedKind, ReplayKey, Timestamp, length_prefixed};
use remint_jwt::{Claims, JwkSet, Jws, TimeRule};
use sha2::{Digest as _, Sha256};

/// An assertion that verified, and must not be used again.
pub(crate) struct Used {
    pub(crate) key: ReplayKey,
    pub(crate) until: Timestamp,
}

/// Who an assertion says it is of; nobody vouches for it.
pub(crate) fn unverified_issuer(jwt: &str) -> Option<String> {
    Jws::parse(jwt).ok()?.unverified_claims().issuer().ok().map(str::to_owned)
}

/// An assertion of `client` is accepted if and only if (RFC 7523 §3) `iss` and `sub` are the client, `aud`
/// names us and nobody else, `exp` has not come and is at most an hour ahead, `nbf` and `iat` have come
/// (30 seconds of leeway), there is a `jti`, `typ` is that of no other token, and the signature verifies
/// under one of the client's keys.
///
/// # Errors
///
/// What is at fault, for the log.
pub(crate) fn verify(
    jwt: &str,
    client: &str,
    keys: &JwkSet,
    ours: &[String],
    now: Timestamp,
) -> Result<Used, AssertionFault> {
    let jws = Jws::parse(jwt).map_err(|_| fault(DeniedKind::Structure, None))?;
    let typ = jws.header().token_type();
    if typ.is_some_and(|typ| !ACCEPTED_TYPES.iter().any(|accepted| typ.eq_ignore_ascii_case(accepted))) {
        return Err(fault(DeniedKind::TokenType, Some("typ")));
    }
    let used = judge(jws.unverified_claims(), client, ours, now)?;
    let key = keys.find(jws.header().key_id(), jws.header().algorithm());
    let key = key.map_err(|_| fault(DeniedKind::UnknownKeyId, Some("kid")))?;
    jws.verify(&key).map_err(|_| fault(DeniedKind::Signature, None))?;
    Ok(used)
}

fn judge(claims: &Claims, client: &str, ours: &[String], now: Timestamp) -> Result<Used, AssertionFault> {
    let wrong = |name| fault(DeniedKind::Claim, Some(name));
    if claims.issuer().ok() != Some(client) {
        return Err(wrong("iss"));
    }
    if claims.subject().ok() != Some(client) {
        return Err(wrong("sub"));
    }
    let named_us = |audience: &str| ours.iter().any(|own| own == audience);
    if !claims.audiences().is_ok_and(|mut named| named.all(named_us)) {
        return Err(fault(DeniedKind::Audience, Some("aud")));
    }
    let until = TIMES.end(claims, now).map_err(|kind| fault(kind, Some("exp")))?.ok_or_else(|| wrong("exp"))?;
    TIMES.beginning(claims, now).map_err(|kind| fault(kind, Some("nbf or iat")))?;
    let id = claims.get("jti").and_then(|id| id.as_str()).filter(|id| (1..=MAX_ID_LEN).contains(&id.len()));
    let id = id.ok_or_else(|| wrong("jti"))?;
    let mut hash = Sha256::new();
    length_prefixed(["client_assertion", client, id], |bytes| hash.update(bytes));
    Ok(Used { key: ReplayKey(hash.finalize().into()), until })
}

/// What is at fault of an assertion, for the log: the client is told nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AssertionFault {
    pub(crate) kind: DeniedKind,
    /// The claim, or the member of the header.
    pub(crate) claim: Option<&'static str>,
}

const fn fault(kind: DeniedKind, claim: Option<&'static str>) -> AssertionFault {
    AssertionFault { kind, claim }
}

const ACCEPTED_TYPES: [&str; 3] = ["JWT", "client-authentication+jwt", "application/client-authentication+jwt"];
/// So long is a `jti` remembered at most.
const TIMES: TimeRule = TimeRule::new().with_max_remaining(Duration::from_secs(3660));
const MAX_ID_LEN: usize = 256;
