use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use remint_core::{AuditActor, CredentialRef, Revocation, Revoker, Target, Timestamp, TokenId};
use remint_guard::RequestTrace;
use remint_http_api::run_to_completion;
use remint_jwt::{Claims, Jws, has_ended};
use remint_token::TOKEN_TYPE;

use crate::answer::no_store;
use crate::client::{Client, Right};
use crate::error::{Code, OAuthError};
use crate::server::{Server, Shared};
use crate::token_inquiry::TokenInquiry;
use crate::token_origin::TokenOrigin;
use crate::trail::Trail;

/// `POST /oauth2/revoke` (RFC 7009).
///
/// When it has answered 200, no token of the request's text is accepted by this process: an internal access
/// token or an API key of ours was ended, everywhere that the log reaches, or the text is of no use anyway
/// (§2.2). A JWT of another issuer, or one of ours that is no access token, is `unsupported_token_type`
/// (§2.2.1): it cannot be ended here. `token_type_hint` decides nothing.
///
/// A client ends only tokens for an audience of its own, unless it is an edge. RFC 7009 §2.1 has the request
/// refused otherwise and names no code: it is `invalid_request`, since nothing is wrong with the client and
/// there is no grant. An API key is for nobody in particular: whoever holds its text may end it.
///
/// It is carried out also when the client hangs up: no client decides whether the row of the log comes after
/// the change of the store.
pub(crate) async fn endpoint(State(server): State<Shared>, request: Request) -> Response {
    let (trace, trail) = (RequestTrace::of((&request).into()), Arc::new(Trail::default()));
    let of_work = Arc::clone(&trail);
    let outcome = match run_to_completion(async move { respond(&server, request, &of_work).await }).await {
        Ok(outcome) => outcome,
        Err(error) => Err(Server::defect("a revocation was not carried out").with_source(error).into()),
    };
    let reason = outcome.as_ref().map_or_else(OAuthError::reason, |()| "revoked");
    metrics::counter!("remint_revocation_requests_total", "outcome" => reason).increment(1);
    match outcome {
        Ok(()) => no_store(StatusCode::OK.into_response()),
        Err(error) => {
            trail.log("revocation", "none", &error, &trace);
            error.answer(&trace)
        }
    }
}

async fn respond(server: &Server, request: Request, trail: &Trail) -> Result<(), OAuthError> {
    let inquiry = TokenInquiry::read(server, request, Right::Revoke, trail).await?;
    match TokenOrigin::of(server, &inquiry.token) {
        TokenOrigin::Internal(text) => internal(server, &inquiry, text).await,
        TokenOrigin::Opaque(text) => api_key(server, inquiry.client, text).await,
        TokenOrigin::External => {
            Err(OAuthError::Refused(Code::UnsupportedTokenType, "a token of another issuer is ended at that issuer"))
        }
        TokenOrigin::Malformed => Ok(()),
    }
}

async fn internal(server: &Server, inquiry: &TokenInquiry<'_>, text: &str) -> Result<(), OAuthError> {
    let now = server.authority.clock().now();
    let Some(claims) = genuine(server, text)? else { return Ok(()) };
    let id = claims.get("jti").and_then(|id| TokenId::new(id.as_str()?).ok());
    let ends = claims.expires_at().ok().flatten();
    let (Some(id), Some(ends)) = (id, ends) else { return Ok(()) };
    if let Some(audiences) = inquiry.audiences(server) {
        let is_own = |named: &str| audiences.iter().any(|audience| audience.as_str() == named);
        if !claims.audiences().is_ok_and(|mut named| named.any(is_own)) {
            return Err(OAuthError::invalid_request("the token is for nobody of this client"));
        }
    }
    let target = Target::Token { issuer: server.issuer_id().clone(), id };
    // Nobody fills the log with what it says already, or what nobody accepts any more.
    let ended = server.authority.table().ended(std::slice::from_ref(&target), Timestamp::MAX);
    if ended || has_ended(ends, now) {
        return Ok(());
    }
    server.authority.revocations().revoke(Revocation::ended(target, now)).await?;
    Ok(())
}

/// The claims of an access token that we have signed, at whatever time it counts: one that is not yet valid
/// must not be so later either.
fn genuine(server: &Server, text: &str) -> Result<Option<Claims>, OAuthError> {
    let Ok(jws) = Jws::parse(text) else { return Ok(None) };
    if !jws.header().is_type(TOKEN_TYPE) {
        let unsupported = "of ours, only access tokens and API keys can be ended";
        return Err(OAuthError::Refused(Code::UnsupportedTokenType, unsupported));
    }
    let key = server.internal.issuer.key_set().find(jws.header().key_id(), jws.header().algorithm());
    // Without the key it is not ours, or so old that the key is gone.
    let Ok(key) = key else { return Ok(None) };
    Ok(jws.verify(&key).ok().map(remint_core::Verified::into_inner))
}

async fn api_key(server: &Server, client: &Client, text: &str) -> Result<(), OAuthError> {
    let Some(keys) = &server.api_keys else { return Ok(()) };
    // Revoked or not: a row that the log did not take is written now.
    let Some(found) = keys.known(text).await? else { return Ok(()) };
    let subject = client.subject().ok_or_else(|| Server::defect("a client has no subject"))?;
    let credential = CredentialRef::Client { id: client.id().clone() };
    let actor = AuditActor::Caller { subject, credential, actor: None };
    keys.acting_as(actor).revoke(&found.key.id).await?;
    Ok(())
}
