use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use remint_http_api::{Problem, run_to_completion};

/// Carries a request out also when its client hangs up: a change is a write to the store and then a
/// row of the revocation log, and no client decides whether the second comes after the first.
pub(crate) async fn to_its_end(request: Request, next: Next) -> Response {
    match run_to_completion(next.run(request)).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(target: "remint", %error, "a request of the identity service was not carried out");
            Problem::defect().into_response()
        }
    }
}
