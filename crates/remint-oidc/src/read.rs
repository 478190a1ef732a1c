//! A claim is what it should be, absent, or a reason to refuse: never ignored.

use remint_core::DeniedKind;
use remint_jwt::Claims;
use serde_json::Value;

/// A text that is not empty.
pub(crate) fn text<'a>(claims: &'a Claims, path: &str) -> Result<Option<&'a str>, DeniedKind> {
    match claims.path(path) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
        Some(_) => Err(DeniedKind::Claim),
    }
}

/// A text, or an array of texts.
pub(crate) fn texts<'a>(claims: &'a Claims, path: &str) -> Result<Vec<&'a str>, DeniedKind> {
    match claims.path(path) {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![text]),
        Some(Value::Array(texts)) => texts.iter().map(|text| text.as_str().ok_or(DeniedKind::Claim)).collect(),
        Some(_) => Err(DeniedKind::Claim),
    }
}

/// The same, each with a text of its own.
pub(crate) fn owned_texts(claims: &Claims, path: &str) -> Result<Vec<String>, DeniedKind> {
    Ok(texts(claims, path)?.into_iter().map(str::to_owned).collect())
}
