use remint_jwt::Claims;
use serde_json::Value;

/// A claim of an access token that nothing hangs on, and that is not what it should be. Its value is not shown.
pub(crate) fn left_out(claims: &Claims, claim: &str, found: &Value) {
    let issuer = claims.issuer().unwrap_or_default();
    tracing::debug!(target: "remint", issuer, claim, found = kind(found), "a claim of a token does not fit and is left out");
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
