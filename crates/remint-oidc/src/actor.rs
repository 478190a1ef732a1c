use remint_core::{Actor, DeniedKind, IssuerId, MayAct, Subject};
use serde_json::Value;

/// The token's `act` (RFC 8693 §4.1), each link with the issuer that names it so: the one it
/// states, or the token's. Nobody outside speaks for `own`, and nobody outside says how an actor came to
/// us: `cred` and all else in it is passed over.
pub(crate) fn read(act: Option<&Value>, issuer: &IssuerId, own: &IssuerId) -> Result<Option<Actor>, DeniedKind> {
    link(act, issuer, own, Actor::MAX_CHAIN)
}

/// The token's `may_act` (RFC 8693 §4.4): who may act with it, by the name of the issuer that it states, or
/// the token's. An issuer speaks for its own subjects, so it may name one of ours there.
pub(crate) fn may_act(claim: Option<&Value>, issuer: &IssuerId) -> Result<Option<MayAct>, DeniedKind> {
    let Some(claim) = claim else { return Ok(None) };
    let text = |name: &str| match claim.get(name) {
        None => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or(DeniedKind::Claim),
    };
    let subject = text("sub")?.and_then(|sub| Subject::new(sub).ok()).ok_or(DeniedKind::Claim)?;
    let issuer = match text("iss")? {
        None => issuer.clone(),
        Some(stated) => IssuerId::new(stated).map_err(|_| DeniedKind::Claim)?,
    };
    Ok(Some(MayAct { subject, issuer: Some(issuer) }))
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
    Ok(Some(Actor { actor, ..Actor::new(subject.ok_or(DeniedKind::Claim)?, Some(stated)) }))
}
