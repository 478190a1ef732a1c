//! What the members of a key mean as providers write them.

use serde_json::{Map, Value};

use crate::algorithm::Curve;
use crate::base64url;

/// The same key as RFC 7517 and RFC 7518 write it: without members that are null or empty, numbers without
/// padding and leading zeros, and coordinates as long as their curve.
///
/// Which key it is does not change. What cannot be read is left for the parser to refuse.
pub(crate) fn tidied(mut members: Map<String, Value>) -> Map<String, Value> {
    members.retain(|_, value| !is_empty(value));
    let curve = members.get("crv").and_then(Value::as_str).and_then(Curve::named);
    for name in ["n", "e"] {
        rewrite(&mut members, name, without_leading_zeros);
    }
    for name in ["x", "y"] {
        rewrite(&mut members, name, |number| match curve {
            Some(curve) => in_full(&without_leading_zeros(number), curve.coordinate_len()),
            // An Ed25519 point is no number.
            None => number,
        });
    }
    members
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn rewrite(members: &mut Map<String, Value>, name: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
    let Some(Value::String(text)) = members.get_mut(name) else { return };
    if let Some(number) = base64url::decode(text.trim_end_matches('=')) {
        *text = base64url::encode(&change(number));
    }
}

fn without_leading_zeros(mut number: Vec<u8>) -> Vec<u8> {
    number.drain(..number.iter().take_while(|byte| **byte == 0).count());
    number
}

/// A number of `len` bytes; a longer one stays as it is.
fn in_full(number: &[u8], len: usize) -> Vec<u8> {
    let mut full = vec![0; len.saturating_sub(number.len())];
    full.extend_from_slice(number);
    full
}
