use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, Version, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use remint_authorization_server::REVOCATION_LOG_PATH;
use remint_guard::retry_after;

use super::problem::problem;

/// The router of a connection beyond `max_connections`: health checks are answered, so that a gateway with many
/// clients is not taken for a dead one, and so are those who follow the revocation log, who have places of their own;
/// everything else gets 503. In each case the connection ends with the answer.
pub(super) fn only_health_checks(router: Router) -> Router {
    Router::new().fallback_service(router).layer(from_fn(check))
}

async fn check(request: Request, next: Next) -> Response {
    let version = request.version();
    let path = request.uri().path();
    let is_answered = HEALTH.contains(&path) || (request.method() == Method::GET && path == REVOCATION_LOG_PATH);
    let mut response = if is_answered { next.run(request).await } else { full() };
    // HTTP/2 has no such header (RFC 9113, section 8.2.2): the connection says so in a frame.
    if version <= Version::HTTP_11 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn full() -> Response {
    let mut response = problem(StatusCode::SERVICE_UNAVAILABLE, "there are too many connections: try again later");
    response.headers_mut().insert(header::RETRY_AFTER, retry_after(Duration::from_secs(1)));
    response
}

const HEALTH: [&str; 2] = ["/healthz", "/readyz"];
