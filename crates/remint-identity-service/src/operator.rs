use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use remint_core::{DeniedKind, Refusal};
use remint_http_api::Problem;
use remint_tower::set_caller;

/// An operator of the machine, as an extension of the request.
///
/// It is something the server states, who knows the connection: a Unix socket, say, that nobody else can open. No
/// header becomes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// How the audit trail names the account, where it is known.
    pub account: Option<String>,
}

/// The mark of a request that came in where operators do. Extensions never come over the wire.
#[derive(Debug, Clone)]
pub(crate) struct IsOperator(pub(crate) Operator);

/// Lets a request pass if the server has said that an operator sends it. Credentials of the request do not count.
pub(crate) async fn only_operators(mut request: Request, next: Next) -> Response {
    let Some(operator) = request.extensions_mut().remove::<Operator>() else {
        return Problem::from(Refusal::from(DeniedKind::NoCredential)).into_response();
    };
    request.extensions_mut().insert(IsOperator(operator));
    set_caller(request.extensions_mut(), None);
    next.run(request).await
}
