//! What does not meet the requirements of a route, as metric and log line.

use remint_core::{Explanation, Identity};

use crate::{Denial, RequestTrace};

/// Counts a denial by its reason, and logs it. `asks` is what denied.
#[cold]
pub(crate) fn not_met(asks: &'static str, denial: &Denial, identity: Option<&Identity>) {
    let (reason, detail, hint) = (denial.refusal().reason(), denial.refusal().detail(), denial.hint());
    match detail {
        None => metrics::counter!("remint_require_denied_total", "reason" => reason),
        Some(name) => metrics::counter!("remint_require_denied_total", "reason" => reason, "detail" => name),
    }
    .increment(1);
    let Explanation { issuer, api_key, .. } = identity.map(Explanation::of).unwrap_or_default();
    let kind = identity.map_or("none", |identity| identity.credential.kind());
    let (method, path) = denial.trace().map(|trace| (trace.method().as_str(), trace.path())).unzip();
    let request_id = denial.trace().map(RequestTrace::id);
    tracing::info!(
        target: "remint",
        asks, reason, detail, kind, issuer, api_key, method, path, request_id, hint,
        "a route's requirement was not met"
    );
}

/// Logs that an `ext` has another shape than a handler's type.
#[cfg(feature = "axum")]
#[cold]
pub(crate) fn wrong_ext(error: &crate::CallerError, trace: &RequestTrace) {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    let (method, path, request_id) = (trace.method().as_str(), trace.path(), trace.id());
    tracing::error!(target: "remint", cause, method, path, request_id, "{error}");
}
