use std::time::Duration;

use remint_core::Timestamp;
use remint_jwt::{Jws, has_ended};
use remint_token::urn;
use serde_json::{Map, Value};

use super::{OutboundToken, TokenUse};

/// Why an answer holds no token that could be sent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AnswerError {
    #[error("the answer's {0} is missing or not what it must be")]
    Member(&'static str),
    #[error("the issued token has ended already")]
    Ended,
}

/// Reads an answer of the token endpoint (RFC 6749 §5.1, RFC 8693 §2.2.1). The token is for another, who
/// verifies it: here it is read only for its end, which is the earliest that it or the answer says. Where
/// neither does, it is for this one request.
pub(crate) fn read(
    answer: &Map<String, Value>,
    requested: Option<&str>,
    now: Timestamp,
) -> Result<OutboundToken, AnswerError> {
    let text = |name: &'static str| match answer.get(name) {
        None => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or(AnswerError::Member(name)),
    };
    let requested = requested.unwrap_or(urn::ACCESS_TOKEN);
    let is_access = urn::is_access(requested);
    if text("issued_token_type")?.is_some_and(|issued| issued != requested && !(is_access && urn::is_access(issued))) {
        return Err(AnswerError::Member("issued_token_type"));
    }
    let (token_type, token_use) = if is_access { ("Bearer", TokenUse::Bearer) } else { ("N_A", TokenUse::NotAccess) };
    if !text("token_type")?.is_some_and(|told| told.eq_ignore_ascii_case(token_type)) {
        return Err(AnswerError::Member("token_type"));
    }
    let token = text("access_token")?.ok_or(AnswerError::Member("access_token"))?;
    let expires_in = match answer.get("expires_in") {
        None => None,
        Some(seconds) => Some(seconds.as_u64().ok_or(AnswerError::Member("expires_in"))?),
    };
    let told = expires_in.map(|seconds| now.saturating_add(Duration::from_secs(seconds)));
    let own = Jws::parse(token).ok().and_then(|jws| jws.unverified_claims().expires_at().ok().flatten());
    let expires_at = match (told, own) {
        (Some(told), Some(own)) => told.min(own),
        (one, other) => one.or(other).unwrap_or(now),
    };
    if has_ended(expires_at, now) && (told.is_some() || own.is_some()) {
        return Err(AnswerError::Ended);
    }
    OutboundToken::new(token, token_use, expires_at).ok_or(AnswerError::Member("access_token"))
}

#[cfg(test)]
mod tests {
    use remint_jwt::{Algorithm, SigningKey};
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1000);
    const TXN: &str = urn::TRANSACTION_TOKEN;

    fn read_as(answer: &Value, requested: Option<&str>) -> Result<OutboundToken, AnswerError> {
        read(answer.as_object().unwrap(), requested, NOW)
    }

    fn ends(answer: &Value) -> Result<u64, AnswerError> {
        read_as(answer, None).map(|token| token.expires_at().as_secs())
    }

    #[test]
    fn the_end_is_the_earliest_that_is_told() {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let jwt = key.sign("at+jwt", &json!({ "exp": 1300 })).unwrap();
        for (token, expires_in, expected) in [
            ("opaque", Some(60), Ok(1060)),
            ("opaque", None, Ok(1000)),
            (jwt.as_str(), None, Ok(1300)),
            (&jwt, Some(60), Ok(1060)),
            (&jwt, Some(600), Ok(1300)),
            (&jwt, Some(0), Err(AnswerError::Ended)),
            ("opaque", Some(0), Err(AnswerError::Ended)),
        ] {
            let mut answer = json!({ "access_token": token, "token_type": "Bearer" });
            if let Some(seconds) = expires_in {
                answer["expires_in"] = seconds.into();
            }
            assert_eq!(ends(&answer), expected, "{expires_in:?}");
        }
        let ended = key.sign("at+jwt", &json!({ "exp": 1000 })).unwrap();
        assert_eq!(ends(&json!({ "access_token": ended, "token_type": "Bearer" })), Err(AnswerError::Ended));
    }

    #[test]
    fn a_token_that_cannot_be_sent_on_is_none() {
        for (answer, member) in [
            (json!({ "token_type": "Bearer" }), "access_token"),
            (json!({ "access_token": "", "token_type": "Bearer" }), "access_token"),
            (json!({ "access_token": "a b", "token_type": "Bearer" }), "access_token"),
            (json!({ "access_token": "a\r\nx: y", "token_type": "Bearer" }), "access_token"),
            (json!({ "access_token": "a" }), "token_type"),
            (json!({ "access_token": "a", "token_type": "DPoP" }), "token_type"),
            (json!({ "access_token": "a", "token_type": "N_A" }), "token_type"),
            (json!({ "access_token": "a", "token_type": "Bearer", "expires_in": "60" }), "expires_in"),
            (json!({ "access_token": "a", "token_type": "Bearer", "expires_in": -1 }), "expires_in"),
            (json!({ "access_token": "a", "token_type": "Bearer", "issued_token_type": TXN }), "issued_token_type"),
        ] {
            assert_eq!(ends(&answer), Err(AnswerError::Member(member)), "{answer}");
        }
    }

    #[test]
    fn a_transaction_token_is_one_and_no_access_token() {
        let answer = |token_type: &str, issued: &str| json!({ "access_token": "a", "token_type": token_type, "issued_token_type": issued, "expires_in": 15 });
        let token = read_as(&answer("N_A", TXN), Some(TXN)).unwrap();
        assert_eq!(token.token_use(), TokenUse::NotAccess);
        for (token_type, issued, member) in
            [("Bearer", TXN, "token_type"), ("N_A", urn::ACCESS_TOKEN, "issued_token_type")]
        {
            assert_eq!(read_as(&answer(token_type, issued), Some(TXN)).unwrap_err(), AnswerError::Member(member));
        }
    }
}
