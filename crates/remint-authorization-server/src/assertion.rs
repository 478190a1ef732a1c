use std::time::Duration;

use remint_core::{ReplayKey, Timestamp, length_prefixed};
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
pub(crate) fn verify(jwt: &str, client: &str, keys: &JwkSet, ours: &[String], now: Timestamp) -> Option<Used> {
    let jws = Jws::parse(jwt).ok()?;
    let typ = jws.header().token_type();
    if typ.is_some_and(|typ| !ACCEPTED_TYPES.iter().any(|accepted| typ.eq_ignore_ascii_case(accepted))) {
        return None;
    }
    let used = judge(jws.unverified_claims(), client, ours, now)?;
    let key = keys.find(jws.header().key_id(), jws.header().algorithm()).ok()?;
    jws.verify(&key).ok()?;
    Some(used)
}

fn judge(claims: &Claims, client: &str, ours: &[String], now: Timestamp) -> Option<Used> {
    if claims.issuer().ok()? != client || claims.subject().ok()? != client {
        return None;
    }
    let named_us = |audience: &str| ours.iter().any(|own| own == audience);
    if !claims.audiences().ok()?.all(named_us) {
        return None;
    }
    let until = TIMES.end(claims, now).ok()??;
    TIMES.beginning(claims, now).ok()?;
    let id = claims.get("jti")?.as_str().filter(|id| (1..=MAX_ID_LEN).contains(&id.len()))?;
    let mut hash = Sha256::new();
    length_prefixed(["client_assertion", client, id], |bytes| hash.update(bytes));
    Some(Used { key: ReplayKey(hash.finalize().into()), until })
}

const ACCEPTED_TYPES: [&str; 3] = ["JWT", "client-authentication+jwt", "application/client-authentication+jwt"];
/// So long is a `jti` remembered at most.
const TIMES: TimeRule = TimeRule::new().with_max_remaining(Duration::from_secs(3660));
const MAX_ID_LEN: usize = 256;
