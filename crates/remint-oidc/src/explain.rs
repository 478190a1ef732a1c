use remint_core::{DeniedKind, Explanation, IssuerId, Timestamp, TokenDigest};
use remint_jwt::Claims;
use serde_json::Value;

use crate::fault::{Fault, at};
use crate::token_type::Kind;
use crate::trusted::Trusted;
use crate::trusts::Trusts;
use crate::{check, identity};

/// What the log is told of a token that was refused for `refused`: the trust that it was held to, and the claim at
/// fault, found by judging it once more. Which kind of token it was taken for is not known: the most lenient goes first.
pub(crate) fn explain(
    trusts: &Trusts,
    (claims, refused): (&Claims, DeniedKind),
    (own, now): (&IssuerId, Timestamp),
) -> Option<Explanation> {
    let issuer = claims.issuer().ok()?;
    let held_to = |kind| trusts.of(issuer).and_then(|trusts| trusts.of_token(issuer, claims, kind));
    let first = held_to(Kind::AccessToken)?;
    let judge = |kind| judge(held_to(kind)?, (claims, kind), (own, now)).err();
    let fault = KINDS.into_iter().filter_map(judge).find(|fault| fault.kind == refused);
    let found = fault.as_ref().map(|fault| found(claims.path(&fault.claim)));
    let claim = fault.map(|fault| fault.claim.into());
    Some(Explanation { trust: Some(first.name.to_string()), claim, found, ..Explanation::default() })
}

/// The first claim that this trust refuses in a token of this kind, in the order in which they are judged.
fn judge(trusted: &Trusted, (claims, kind): (&Claims, Kind), (own, now): (&IssuerId, Timestamp)) -> Result<(), Fault> {
    if claims.get("aud").is_some() {
        claims.audiences().map(drop).map_err(DeniedKind::from).map_err(at("aud"))?;
    }
    if kind != Kind::IdToken {
        check::client(trusted, claims, kind)?;
    }
    trusted.times(kind).check(claims, now).map_err(at(time(claims, kind)))?;
    let issuer = claims.issuer().map_err(DeniedKind::from).map_err(at("iss"))?;
    let issuer = IssuerId::new(trusted.named(issuer)).map_err(|_| at("iss")(DeniedKind::Claim))?;
    identity::read(trusted, claims, kind, (issuer, TokenDigest([0; 32])), own).map(drop)
}

/// The time that is none; where all are times, the one that tokens are refused for most.
fn time(claims: &Claims, kind: Kind) -> &'static str {
    let is_wrong = |name: &&str| match claims.get(name) {
        Some(Value::Number(_)) => false,
        Some(Value::Null) => !kind.is_lenient() || *name == "exp",
        None => *name == "exp" || *name == "iat" && !kind.is_lenient(),
        Some(_) => true,
    };
    ["exp", "iat", "nbf"].into_iter().find(is_wrong).unwrap_or("exp")
}

fn found(value: Option<&Value>) -> &'static str {
    match value {
        None => "absent",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "text",
        Some(Value::Array(_)) => "list",
        Some(Value::Object(_)) => "object",
    }
}

const KINDS: [Kind; 3] = [Kind::AccessToken, Kind::Assertion, Kind::IdToken];
