use axum::extract::{Request, State};
use axum::response::Response;
use remint_guard::RequestTrace;
use tokio::time::Instant;

use crate::client::Client;
use crate::error::{Code, OAuthError};
use crate::form::Form;
use crate::grant::GrantType;
use crate::issue::{Attempt, issue};
use crate::request::TokenRequest;
use crate::server::{Server, Shared};
use crate::throttle::counted_by;
use crate::trail::Trail;

/// `POST /oauth2/token`.
///
/// A token is issued if and only if one client has proven who it is, it may use the grant, the grant says
/// whose token it is to be, the client may ask for the audience, the scope is no wider than the subject's
/// and the client's, and nothing of it was revoked meanwhile.
pub(crate) async fn endpoint(State(server): State<Shared>, request: Request) -> Response {
    let began = Instant::now();
    let (trace, trail) = (RequestTrace::of((&request).into()), Trail::default());
    let (label, outcome) = respond(&server, request, &trail).await;
    let reason = outcome.as_ref().map_or_else(OAuthError::reason, |_| "issued");
    metrics::counter!("remint_token_requests_total", "grant" => label, "client" => trail.client_label(), "outcome" => reason)
        .increment(1);
    let took = began.elapsed().as_secs_f64();
    metrics::histogram!("remint_token_request_seconds", "grant" => label, "outcome" => reason).record(took);
    outcome.unwrap_or_else(|error| {
        trail.log("token", label, &error, &trace);
        error.answer(&trace)
    })
}

/// The grant, as far as it was known, and the answer.
async fn respond(server: &Server, request: Request, trail: &Trail) -> (&'static str, Result<Response, OAuthError>) {
    let (headers, extensions, form) = match Form::read(request).await {
        Ok(read) => read,
        Err(error) => return ("none", Err(error)),
    };
    let mut label = "none";
    let work = async {
        let client = server.clients.authenticate(&headers, &form, counted_by(&extensions), trail).await?;
        let request = TokenRequest::parse(&form)?;
        label = request.grant_type.label();
        may_use(client, &request)?;
        let is_spent = request.grant_type == GrantType::JwtBearer;
        match issue(server, client, request, trail).await? {
            Attempt::Issued(answer) => Ok(answer),
            // An assertion counts once.
            Attempt::Overtaken(overtaken) if is_spent => Err(overtaken.into()),
            Attempt::Overtaken(_) => match issue(server, client, TokenRequest::parse(&form)?, trail).await? {
                Attempt::Issued(answer) => Ok(answer),
                Attempt::Overtaken(overtaken) => Err(overtaken.into()),
            },
        }
    };
    let outcome = server.in_time(work).await;
    (label, outcome)
}

/// Whether the client may use the grant.
fn may_use(client: &Client, request: &TokenRequest<'_>) -> Result<(), OAuthError> {
    if client.has(request.grant_type.right()) {
        Ok(())
    } else {
        Err(OAuthError::Refused(Code::UnauthorizedClient, "the client may not use this grant"))
    }
}
