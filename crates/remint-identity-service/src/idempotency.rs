use http::{HeaderMap, HeaderName, HeaderValue};
use remint_core::{IdempotencyRecord, Timestamp, length_prefixed};
use remint_http_api::Problem;
use sha2::{Digest as _, Sha256};

use crate::actor::Actor;

/// What the request's `Idempotency-Key` stands for: this operation, by this user, for this request.
pub(crate) fn once(
    headers: &HeaderMap,
    actor: &Actor,
    operation: &str,
    request: [u8; 32],
    at: Timestamp,
) -> Result<Option<IdempotencyRecord>, Problem> {
    let mut values = headers.get_all(&IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.as_bytes();
    let sound = (1..=MAX_LEN).contains(&text.len()) && text.iter().all(u8::is_ascii_graphic);
    if !sound || values.next().is_some() {
        return Err(Problem::bad_request(
            "invalid-idempotency-key",
            "an idempotency key must be there once, and be 1 to 255 visible ASCII characters",
        ));
    }
    let owner = match actor {
        Actor::Bootstrap => ["bootstrap", ""],
        Actor::Operator(operator) => ["operator", operator.account.as_deref().unwrap_or_default()],
        Actor::Caller { identity, .. } => ["subject", identity.subject.as_str()],
    };
    let key = digest([owner[0].as_bytes(), owner[1].as_bytes(), operation.as_bytes(), text]);
    let request = digest([operation.as_bytes(), &request]);
    Ok(Some(IdempotencyRecord { key, request, at }))
}

/// The header that tells an answer that was given again.
pub(crate) const REPLAYED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("idempotent-replayed"), HeaderValue::from_static("true"));

/// Each part with its length before it: no two lists of parts are one text.
fn digest<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> [u8; 32] {
    let mut hash = Sha256::new();
    length_prefixed(parts, |bytes| hash.update(bytes));
    hash.finalize().into()
}

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const MAX_LEN: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_not_joined() {
        assert_ne!(digest([&b"ab"[..], b"c"]), digest([&b"a"[..], b"bc"]));
        assert_ne!(digest([&b"a"[..]]), digest([&b"a"[..], b""]));
    }
}
