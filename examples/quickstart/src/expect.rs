use axum::http::{HeaderName, Response, StatusCode, header};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::header::{secret, text};

/// What must come of a step.
#[derive(Debug)]
pub(crate) enum Expected {
    /// It passes, and the service behind sees this: JSON pointers (RFC 6901) into its answer.
    Seen(Vec<(&'static str, Value)>),
    /// The edge refuses it with this status and this error code (RFC 6750 §3.1).
    Refused(StatusCode, &'static str),
}

impl Expected {
    /// What is not so, in words.
    pub(crate) fn broken(&self, sent: &[(HeaderName, String)], answer: &Response<Bytes>) -> Vec<String> {
        let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        let mut broken = match self {
            Self::Seen(facts) => seen(facts, &body),
            Self::Refused(status, code) => refused(*status, code, &body, answer),
        };
        let status = self.status();
        if answer.status() != status {
            broken.insert(0, format!("the status is {}, not {}", answer.status().as_u16(), status.as_u16()));
        }
        let shown = String::from_utf8_lossy(answer.body());
        if sent.iter().any(|(_, value)| shown.contains(secret(value))) {
            broken.push("the caller's credential went further than the edge".to_owned());
        }
        broken
    }

    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::Seen(_) => StatusCode::OK,
            Self::Refused(status, _) => *status,
        }
    }
}

fn seen(facts: &[(&'static str, Value)], body: &Value) -> Vec<String> {
    let tokens = body.pointer("/headers/authorization").and_then(Value::as_array).map_or(0, Vec::len);
    let one_token = (tokens != 1).then(|| format!("{tokens} Authorization headers reached the service, not one"));
    let key_header = body.pointer("/headers/x-api-key").map(|_| "X-API-Key reached the service".to_owned());
    let otherwise = facts.iter().filter_map(|(pointer, expected)| {
        let found = body.pointer(pointer).unwrap_or(&Value::Null);
        (found != expected).then(|| format!("{pointer} is {found}, not {expected}"))
    });
    one_token.into_iter().chain(key_header).chain(otherwise).collect()
}

fn refused(status: StatusCode, code: &str, body: &Value, answer: &Response<Bytes>) -> Vec<String> {
    let mut broken = Vec::new();
    let challenge = text(answer, &header::WWW_AUTHENTICATE).unwrap_or_default();
    if challenge != format!("Bearer error=\"{code}\"") {
        broken.push(format!("the challenge is `{challenge}`"));
    }
    let content_type = text(answer, &header::CONTENT_TYPE).unwrap_or_default();
    if content_type != "application/problem+json" || body.get("status") != Some(&json!(status.as_u16())) {
        broken.push("the body is no problem document of that status (RFC 9457)".to_owned());
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, challenge: &str, body: &Value) -> Response<Bytes> {
        let answer = Response::builder().status(status).header("content-type", "application/problem+json");
        answer.header("www-authenticate", challenge).body(body.to_string().into()).unwrap()
    }

    fn sent() -> Vec<(HeaderName, String)> {
        vec![(header::AUTHORIZATION, "Bearer canary".to_owned())]
    }

    #[test]
    fn a_refusal_holds_only_with_its_status_challenge_and_problem_document() {
        let expected = Expected::Refused(StatusCode::UNAUTHORIZED, "invalid_token");
        let (challenge, problem) = ("Bearer error=\"invalid_token\"", json!({ "status": 401 }));
        let broken = |answer| expected.broken(&sent(), &answer).len();
        assert_eq!(broken(answer(401, challenge, &problem)), 0);
        assert_eq!(broken(answer(400, challenge, &problem)), 1);
        assert_eq!(broken(answer(401, "Bearer", &problem)), 1);
        assert_eq!(broken(answer(401, challenge, &json!({ "status": 400 }))), 1);
        assert_eq!(broken(answer(401, challenge, &json!({ "status": 401, "detail": "canary" }))), 1);
    }

    #[test]
    fn a_credential_that_passes_holds_only_if_the_service_saw_one_token_and_the_facts() {
        let expected = Expected::Seen(vec![("/caller/subject", json!("alice"))]);
        let seen = |headers: Value, subject| json!({ "headers": headers, "caller": { "subject": subject } });
        let broken = |body: Value| expected.broken(&sent(), &answer(200, "", &body)).len();
        assert_eq!(broken(seen(json!({ "authorization": ["Bearer x"] }), "alice")), 0);
        assert_eq!(broken(seen(json!({ "authorization": ["Bearer x"] }), "mallory")), 1);
        assert_eq!(broken(seen(json!({}), "alice")), 1);
        assert_eq!(broken(seen(json!({ "authorization": ["Bearer x", "Bearer y"] }), "alice")), 1);
        assert_eq!(broken(seen(json!({ "authorization": ["Bearer x"], "x-api-key": ["k"] }), "alice")), 1);
        assert_eq!(broken(seen(json!({ "authorization": ["Bearer canary"] }), "alice")), 1);
    }
}
