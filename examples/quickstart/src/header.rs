use axum::http::{HeaderName, Response};
use bytes::Bytes;

/// A header of an answer, if it is there once and is text.
pub(crate) fn text(answer: &Response<Bytes>, name: &HeaderName) -> Option<String> {
    let mut values = answer.headers().get_all(name).iter();
    let first = values.next()?.to_str().ok()?.to_owned();
    values.next().is_none().then_some(first)
}

/// The secret of a header's value: what follows the scheme, where there is one.
pub(crate) fn secret(value: &str) -> &str {
    value.rsplit(' ').next().unwrap_or(value)
}

/// A header's value without its secret: enough to recognise it by.
pub(crate) fn redacted(value: &str) -> String {
    let secret = secret(value);
    let scheme = value.strip_suffix(secret).unwrap_or_default();
    let start: String = secret.chars().take(13).collect();
    format!("{scheme}{start}… ({} characters)", secret.chars().count())
}
