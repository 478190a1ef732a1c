use remint_core::{Actor, DeniedKind, IssuerId, Subject};
use serde_json::Value;

/// The token's `act` (RFC 8693 §4.1), each link with the issuer that names it so: the one it
/// states, or the token's. Nobody outside speaks for `own`.
pub(crate) fn read(act: Option<&Value>, issuer: &IssuerId, own: &IssuerId) -> Result<Option<Actor>, DeniedKind> {
    link(act, issuer, own, MAX_DEPTH)
}

fn link(act: Option<&Value>, issuer: &IssuerId, own: &IssuerId, depth: usize) -> Result<Option<Actor>, DeniedKind> {
    let Some(act) = act else { return Ok(None) };
    let (Some(act), Some(depth)) = (act.as_object(), depth.checked_sub(1)) else {
        return Err(DeniedKind::Claim);
    };
    let subject = act.get("sub").and_then(Value::as_str).and_then(|sub| Subject::new(sub).ok());
    let stated = match act.get("iss") {
        None => issuer.clone(),
        Some(stated) => stated.as_str().and_then(|iss| IssuerId::new(iss).ok()).ok_or(DeniedKind::Claim)?,
    };
    if stated == *own {
        return Err(DeniedKind::Claim);
    }
    let actor = link(act.get("act"), issuer, own, depth)?.map(Box::new);
    Ok(Some(Actor { subject: subject.ok_or(DeniedKind::Claim)?, issuer: Some(stated), actor }))
}

/// How many links a chain may have.
const MAX_DEPTH: usize = 8;
