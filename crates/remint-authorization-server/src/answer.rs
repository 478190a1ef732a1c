use axum::response::Response;
use http::{HeaderValue, header};
use remint_core::Timestamp;
use serde_json::{Map, Value, json};

/// A token that was issued, as it is answered.
pub(crate) struct Issued {
    pub(crate) text: String,
    pub(crate) expires_at: Timestamp,
    /// `issued_token_type`, where the grant says one.
    pub(crate) kind: Option<&'static str>,
    pub(crate) token_type: &'static str,
}

impl Issued {
    /// RFC 8693 §2.2.1, RFC 6749 §5.1.
    pub(crate) fn answer(self, now: Timestamp) -> Map<String, Value> {
        let mut answer = Map::new();
        answer.insert("access_token".into(), self.text.into());
        if let Some(kind) = self.kind {
            answer.insert("issued_token_type".into(), kind.into());
        }
        answer.insert("token_type".into(), self.token_type.into());
        answer.insert("expires_in".into(), json!(self.expires_at.saturating_duration_since(now).as_secs()));
        answer
    }
}

/// RFC 6749 §5.1.
pub(crate) fn no_store(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
