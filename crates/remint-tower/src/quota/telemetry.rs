//! What becomes of requests that are limited, as metric and log line.

use remint_core::{Explanation, Identity, Unavailable};
use remint_guard::RequestTrace;

/// Logs that these limits are used up.
#[cold]
pub(super) fn refused(limits: &str, identity: Option<&Identity>, trace: &RequestTrace) {
    let Explanation { issuer, api_key, .. } = identity.map(Explanation::of).unwrap_or_default();
    let kind = identity.map_or("none", |identity| identity.credential.kind());
    let (method, path, request_id) = (trace.method().as_str(), trace.path(), trace.id());
    tracing::info!(target: "remint", limits, kind, issuer, api_key, method, path, request_id, "a quota is used up");
}

/// Counts and logs that the counter did not answer. `trace` is that of the request that it was asked for, if it still waits.
#[cold]
pub(super) fn unavailable(unavailable: &Unavailable, trace: Option<&RequestTrace>) {
    metrics::counter!("remint_quota_unavailable_total").increment(1);
    let cause = std::error::Error::source(unavailable).map(ToString::to_string).unwrap_or_default();
    let (method, path) = trace.map(|trace| (trace.method().as_str(), trace.path())).unzip();
    let request_id = trace.map(RequestTrace::id);
    tracing::warn!(
        target: "remint",
        reason = unavailable.kind().reason(), cause, method, path, request_id,
        "the quota counter did not answer"
    );
}
