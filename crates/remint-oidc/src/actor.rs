use remint_core::{Actor, DeniedKind, IssuerId, MayAct, Subject};
use serde_json::Value;

use crate::read::{Reader, value};
use crate::telemetry;

/// The token's `act` (RFC 8693 §4.1), each link with the issuer that names it so: the one it
/// states, or the token's. Nobody outside speaks for `own`, and nobody outside says how an actor came to
/// us: `cred` and all else in it is passed over.
///
/// In an access token a link may be a text, which is its `sub`. What cannot be read is refused: rights hang on it.
pub(crate) fn read(reader: Reader<'_>, issuer: &IssuerId, own: &IssuerId) -> Result<Option<Actor>, DeniedKind> {
    let lenient = reader.kind.is_lenient();
    let act = value(reader.claims, "act", reader.kind);
    Links { issuer, own, lenient }.read(act, Actor::MAX_CHAIN)
}

/// The token's `may_act` (RFC 8693 §4.4): who may act with it, by the name of the issuer that it states, or
/// the token's. An issuer speaks for its own subjects, so it may name one of ours there.
///
/// Where that of an access token cannot be read, it names nobody.
pub(crate) fn may_act(reader: Reader<'_>, issuer: &IssuerId) -> Result<Option<MayAct>, DeniedKind> {
    let Some(claim) = value(reader.claims, "may_act", reader.kind) else { return Ok(None) };
    let lenient = reader.kind.is_lenient();
    match party(claim, issuer, lenient) {
        Some((subject, issuer)) => Ok(Some(MayAct { subject, issuer: Some(issuer) })),
        None if lenient => {
            telemetry::left_out(reader.claims, "may_act", claim);
            Ok(Some(MayAct::nobody()))
        }
        None => Err(DeniedKind::Claim),
    }
}

struct Links<'a> {
    issuer: &'a IssuerId,
    own: &'a IssuerId,
    lenient: bool,
}

impl Links<'_> {
    fn read(&self, act: Option<&Value>, depth: usize) -> Result<Option<Actor>, DeniedKind> {
        let Some(act) = act.filter(|act| !(self.lenient && act.is_null())) else { return Ok(None) };
        let depth = depth.checked_sub(1).ok_or(DeniedKind::Claim)?;
        if let (Value::String(subject), true) = (act, self.lenient) {
            let subject = Subject::new(subject.as_str()).map_err(|_| DeniedKind::Claim)?;
            return Ok(Some(Actor::new(subject, Some(self.issuer.clone()))));
        }
        let (subject, stated) = party(act, self.issuer, self.lenient).ok_or(DeniedKind::Claim)?;
        if stated == *self.own {
            return Err(DeniedKind::Claim);
        }
        let actor = self.read(act.get("act"), depth)?.map(Box::new);
        Ok(Some(Actor { actor, ..Actor::new(subject, Some(stated)) }))
    }
}

/// The `sub` of an object, and its `iss` or else `issuer`.
fn party(claim: &Value, issuer: &IssuerId, lenient: bool) -> Option<(Subject, IssuerId)> {
    let subject = claim.get("sub").and_then(Value::as_str).and_then(|sub| Subject::new(sub).ok())?;
    let stated = match claim.get("iss").filter(|iss| !(lenient && iss.is_null())) {
        None => issuer.clone(),
        Some(stated) => stated.as_str().and_then(|iss| IssuerId::new(iss).ok())?,
    };
    Some((subject, stated))
}
