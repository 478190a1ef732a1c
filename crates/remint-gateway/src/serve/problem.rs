use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use remint_guard::ProblemDocument;
use serde::Serialize;

/// A problem document without a type of its own, which is not kept.
pub(super) fn problem(status: StatusCode, detail: impl Into<String>) -> Response {
    answer(ProblemDocument::new(status).with_detail(detail.into()))
}

/// This document, which is not kept.
pub(super) fn answer(document: ProblemDocument<impl Serialize>) -> Response {
    let mut response = document.into_response().map(Body::from);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
