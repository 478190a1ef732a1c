use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use remint_jwt::{Algorithm, SigningKey};
use serde_json::Value;

/// Puts these members in place of those of the same names; `null` takes one away.
pub(super) fn change(claims: &mut Value, changes: Value) {
    let (Some(claims), Value::Object(changes)) = (claims.as_object_mut(), changes) else { return };
    for (name, value) in changes {
        match value {
            Value::Null => claims.remove(&name),
            value => claims.insert(name, value),
        };
    }
}

/// The token with a signature of the same form that somebody else made.
pub(super) fn with_other_signature(token: &str) -> String {
    let signing_input = token.rsplit_once('.').expect("three parts").0;
    let stranger = SigningKey::generate(Algorithm::Es256).expect("randomness");
    let signature = stranger.signature(signing_input.as_bytes()).expect("signed");
    format!("{signing_input}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

/// The text with another last character.
pub(super) fn replaced_end(text: &str) -> String {
    let mut text = text.to_owned();
    let last = text.pop();
    text.push(if last == Some('a') { 'b' } else { 'a' });
    text
}
