use axum::Router;
use axum::http::header;
use axum::response::Html;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use remint_identity_service::not_found;

use super::health::{self, Health};
use super::host;
use super::http::method_not_allowed;
use super::process;
use crate::settings::HostName;

/// What is for the operator's network only. `names` are the hosts by which it is asked, beside its addresses.
pub(super) fn router(metrics: PrometheusHandle, health: &Health, names: &[HostName]) -> Router {
    let shown = move || async move {
        let text = metrics.render() + &process::metrics();
        ([(header::CONTENT_TYPE, PROMETHEUS)], text)
    };
    let router = Router::new()
        .route("/", get(|| async { Html(INDEX) }))
        .route("/metrics", get(shown))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready_with_issuers).with_state(health.clone()))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed);
    host::only_for(names, router)
}

const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";
const INDEX: &str = "<!doctype html>\n<title>Remint gateway</title>\n<h1>Remint gateway</h1>\n<ul>\n\
    <li><a href=\"/metrics\">/metrics</a>: what is counted, for Prometheus\n\
    <li><a href=\"/readyz\">/readyz</a>: whether it can do its work\n\
    <li><a href=\"/healthz\">/healthz</a>: whether it lives\n</ul>\n";
