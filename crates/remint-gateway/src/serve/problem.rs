use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A problem document (RFC 9457) without a type of its own.
pub(super) fn problem(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or_default();
    let document = json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail });
    let headers = [(header::CACHE_CONTROL, "no-store"), (header::CONTENT_TYPE, "application/problem+json")];
    (status, headers, document.to_string()).into_response()
}
