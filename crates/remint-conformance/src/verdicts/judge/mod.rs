#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use super::observation::values;
use super::{Answer, Deny, Document, Forward, Observation, Upstream, Verdict, World};

/// What was sent, as far as the judgement depends on it.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    /// What stood in place of the placeholders.
    pub(super) secrets: Vec<String>,
    pub(super) forwards_connection: bool,
}

/// Whether this is what the verdict says, and if not, what differs.
pub(super) fn judge(verdict: &Verdict, sent: &Sent, seen: &Observation, world: &World) -> Result<(), String> {
    match (verdict, seen) {
        (Verdict::Forward(expected), Observation::Forwarded { upstream, answer }) => {
            forward(expected, sent, upstream, world)?;
            equal("dpop-nonce", &answer.value("dpop-nonce").is_some(), &expected.nonce)?;
            require(answer.status == 200 && answer.value(CHALLENGE).is_none(), || format!("it was answered {answer:?}"))
        }
        (Verdict::Deny(expected), Observation::Answered(answer)) => deny(expected, answer),
        (Verdict::Document(expected), Observation::Answered(answer)) => document(expected, answer),
        (Verdict::Forward(_), Observation::Answered(answer)) => Err(format!("it did not go on: {answer:?}")),
        (_, Observation::Forwarded { upstream, .. }) => Err(format!("it went on: {upstream:?}")),
    }
}

fn forward(expected: &Forward, sent: &Sent, upstream: &Upstream, world: &World) -> Result<(), String> {
    equal("the method", &upstream.method, &sent.method)?;
    equal("the target", &upstream.target, &sent.target)?;
    let claims = token(upstream, world)?;
    let subject = claims.as_ref().and_then(|claims| claims.get("sub")).and_then(Value::as_str);
    equal("the subject", &subject, &expected.subject.as_deref())?;
    for (name, value) in &expected.claims {
        let claim = claims.as_ref().and_then(|claims| claims.get(name));
        equal(name, &claim.unwrap_or(&Value::Null), &value)?;
    }
    for name in &expected.keeps {
        let ours: Vec<_> = values(&sent.headers, name).collect();
        require(!ours.is_empty(), || format!("`{name}` was not sent"))?;
        equal(name, &upstream.values(name).collect::<Vec<_>>(), &ours)?;
    }
    for (name, _) in &expected.sets {
        let theirs: Vec<_> = values(&expected.sets, name).collect();
        if name == CONNECTION && !sent.forwards_connection {
            let names_token = upstream.values(name).any(|line| line.to_ascii_lowercase().contains(AUTHORIZATION));
            require(!names_token, || "`connection` names `authorization`".to_owned())?;
        } else {
            equal(name, &upstream.values(name).collect::<Vec<_>>(), &theirs)?;
        }
    }
    let listed = |name: &str| {
        expected
            .keeps
            .iter()
            .chain(expected.sets.iter().map(|(name, _)| name))
            .any(|kept| kept.eq_ignore_ascii_case(name))
    };
    for (name, _) in sent.headers.iter().filter(|(name, _)| !listed(name) && !name.eq_ignore_ascii_case(AUTHORIZATION))
    {
        require(upstream.values(name).next().is_none(), || format!("`{name}` went on"))?;
    }
    for (name, value) in upstream.headers.iter().filter(|(name, _)| !listed(name)) {
        let leaks = sent.secrets.iter().any(|secret| value.contains(secret.as_str()));
        require(!leaks, || format!("a credential went on in `{name}`"))?;
        require(!name.replace('_', "-").starts_with("x-remint-"), || format!("`{name}` went on"))?;
    }
    Ok(())
}

/// The claims of the one internal token, or none where there is no `Authorization`.
fn token(upstream: &Upstream, world: &World) -> Result<Option<Value>, String> {
    let lines: Vec<_> = upstream.values(AUTHORIZATION).collect();
    match lines.as_slice() {
        [] => Ok(None),
        [line] => {
            let text = line.strip_prefix("Bearer ").ok_or("`authorization` is no internal token")?;
            world.claims_of_internal_token(text).map(Some)
        }
        _ => Err("there are two lines of `authorization`".to_owned()),
    }
}

fn deny(expected: &Deny, answer: &Answer) -> Result<(), String> {
    equal("the status", &answer.status, &expected.status)?;
    equal(
        CHALLENGE,
        &answer.values(CHALLENGE).collect::<Vec<_>>(),
        &expected.challenges.iter().map(String::as_str).collect(),
    )?;
    equal(
        "retry-after",
        &answer.value("retry-after"),
        &expected.retry_after.map(|after| after.to_string()).as_deref(),
    )?;
    equal("dpop-nonce", &answer.value("dpop-nonce").is_some(), &expected.nonce)?;
    equal("cache-control", &answer.value("cache-control"), &Some("no-store"))?;
    equal("grpc-status", &answer.value("grpc-status"), &expected.grpc_status.as_deref())?;
    equal("grpc-message", &answer.value("grpc-message"), &expected.grpc_message.as_deref())?;
    if expected.grpc_status.is_some() {
        equal("content-type", &answer.value("content-type"), &Some("application/grpc"))?;
        equal("the error", &None, &expected.error.as_deref())?;
        return equal("the body", &answer.body.as_str(), &"");
    }
    equal("content-type", &answer.value("content-type"), &Some("application/problem+json"))?;
    let problem: Value = serde_json::from_str(&answer.body).map_err(|error| format!("no problem document: {error}"))?;
    equal("the problem's status", &problem.get("status"), &Some(&expected.status.into()))?;
    equal("the error", &problem.get("error").and_then(Value::as_str), &expected.error.as_deref())?;
    members(&expected.members, &problem)
}

fn document(expected: &Document, answer: &Answer) -> Result<(), String> {
    equal("the status", &answer.status, &expected.status)?;
    for (name, value) in [
        ("content-type", &expected.content_type),
        ("cache-control", &expected.cache_control),
        ("allow", &expected.allow),
    ] {
        equal(name, &answer.value(name), &value.as_deref())?;
    }
    equal("an empty body", &answer.body.is_empty(), &expected.empty)?;
    if expected.members.is_empty() {
        return Ok(());
    }
    let body: Value = serde_json::from_str(&answer.body).map_err(|error| format!("no JSON: {error}"))?;
    members(&expected.members, &body)
}

/// Those of a document, among others; `null`: one that is not there.
fn members(expected: &Map<String, Value>, document: &Value) -> Result<(), String> {
    expected.iter().try_for_each(|(name, value)| equal(name, &document.get(name).unwrap_or(&Value::Null), &value))
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, seen: &T, expected: &T) -> Result<(), String> {
    require(seen == expected, || format!("{what}: {seen:?} in place of {expected:?}"))
}

fn require(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

const AUTHORIZATION: &str = "authorization";
const CHALLENGE: &str = "www-authenticate";
const CONNECTION: &str = "connection";
