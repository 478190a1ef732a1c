use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use remint_core::{SessionId, TokenId};
use serde_json::Value;

use crate::base64url;

/// What an external token says in `jti`, as a name of ours: the text itself, a whole number in decimal digits, and
/// `sha256:` with the SHA-256 (base64url without padding) of a text that is no [`TokenId`] by itself, because it is
/// over 256 bytes or holds control characters.
///
/// Whoever names an external token reads it so: the authenticator, a revocation, a logout token. `None` for an empty
/// text, a fraction, a number beyond 64 bits, and everything else.
///
/// ```
/// use remint_jwt::external_token_id;
/// use serde_json::json;
///
/// assert_eq!(external_token_id(&json!(4711)).unwrap().as_str(), "4711");
/// assert!(external_token_id(&json!("x".repeat(300))).unwrap().as_str().starts_with("sha256:"));
/// assert_eq!(external_token_id(&json!(["4711"])), None);
/// ```
#[must_use]
pub fn external_token_id(value: &Value) -> Option<TokenId> {
    named(value, |text| TokenId::new(text).ok())
}

/// What an external token says in `sid`, by the rule of [`external_token_id`].
#[must_use]
pub fn external_session_id(value: &Value) -> Option<SessionId> {
    named(value, |text| SessionId::new(text).ok())
}

fn named<T>(value: &Value, name: impl Fn(&str) -> Option<T>) -> Option<T> {
    match value {
        Value::String(text) if !text.is_empty() => name(text).or_else(|| name(&hashed(text))),
        Value::Number(number) if number.is_u64() || number.is_i64() => name(&number.to_string()),
        _ => None,
    }
}

fn hashed(text: &str) -> String {
    let mut name = String::new();
    // Writing to a text cannot fail.
    let _ = write!(name, "sha256:{}", base64url::encode(digest(&SHA256, text.as_bytes()).as_ref()));
    name
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_is_its_own_name_a_number_its_digits_and_what_is_too_long_its_digest() {
        let (long, bell) = ("a".repeat(257), "a\u{7}b");
        for (value, name) in [
            (json!("t-1"), Some("t-1".to_owned())),
            (json!("a".repeat(256)), Some("a".repeat(256))),
            (json!("ä"), Some("ä".to_owned())),
            (json!(0), Some("0".to_owned())),
            (json!(-7), Some("-7".to_owned())),
            (json!(u64::MAX), Some("18446744073709551615".to_owned())),
            (json!(long), Some(hashed(&long))),
            (json!(bell), Some(hashed(bell))),
            (json!(""), None),
            (json!(1.5), None),
            (json!(1e30), None),
            (json!(true), None),
            (json!(null), None),
            (json!(["t-1"]), None),
            (json!({ "id": 1 }), None),
        ] {
            let (token, session) = (external_token_id(&value), external_session_id(&value));
            assert_eq!(token.as_ref().map(TokenId::as_str), name.as_deref(), "{value}");
            assert_eq!(session.as_ref().map(SessionId::as_str), name.as_deref(), "{value}");
        }
    }

    #[test]
    fn the_digest_is_the_sha_256_of_the_text() {
        assert_eq!(hashed("abc"), "sha256:ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
    }

    #[test]
    fn a_name_read_again_is_the_same_name() {
        for value in [json!("t-1"), json!(7), json!("a".repeat(257))] {
            let once = external_token_id(&value).unwrap();
            assert_eq!(external_token_id(&json!(once.as_str())), Some(once));
        }
    }
}
