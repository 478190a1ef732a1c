use remint_core::UnavailableKind;
use serde_json::{Map, Value, json};

use super::REMINT_MEMBER;

/// The member [`REMINT_MEMBER`] of an error of the authorization server: which part of it is unavailable. One
/// issuer's outage is not the server's.
///
/// ```
/// use remint_core::UnavailableKind;
/// use serde_json::json;
///
/// assert_eq!(remint_token::unavailable_member(UnavailableKind::KeySet), json!({ "unavailable": "key_set" }));
/// ```
#[must_use]
pub fn unavailable_member(part: UnavailableKind) -> Value {
    json!({ UNAVAILABLE: part.reason() })
}

/// The part that an error of the authorization server says is unavailable, if it says one that is known.
#[must_use]
pub fn unavailable_part(error: &Map<String, Value>) -> Option<UnavailableKind> {
    UnavailableKind::from_reason(error.get(REMINT_MEMBER)?.get(UNAVAILABLE)?.as_str()?)
}

const UNAVAILABLE: &str = "unavailable";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(error: Value) -> Option<UnavailableKind> {
        unavailable_part(error.as_object().unwrap())
    }

    #[test]
    fn the_part_that_is_written_is_the_part_that_is_read() {
        for part in UnavailableKind::ALL {
            let error = json!({ "error": "temporarily_unavailable", REMINT_MEMBER: unavailable_member(part) });
            assert_eq!(read(error), Some(part));
        }
    }

    #[test]
    fn what_names_no_part_is_passed_over() {
        for error in [
            json!({}),
            json!({ "unavailable": "key_set" }),
            json!({ "remint": "key_set" }),
            json!({ "remint": { "unavailable": "the moon" } }),
            json!({ "remint": { "unavailable": 1 } }),
            json!({ "remint": null }),
        ] {
            assert_eq!(read(error.clone()), None, "{error}");
        }
    }
}
