use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use remint_core::{
    Authentication, Authenticator as _, Credential, CredentialForm, DeniedKind, Refusal, Slot, Timestamp, Unavailable,
};
use remint_guard::RequestTrace;
use remint_jwt::Jws;
use remint_token::{FRAME_CLAIMS, IDENTITY_CLAIMS, IdentityClaims, REMINT_MEMBER, Restrictions};
use serde_json::{Map, Value};

use crate::answer::no_store;
use crate::client::{Client, Right};
use crate::error::OAuthError;
use crate::server::{Server, Shared};
use crate::token_inquiry::TokenInquiry;
use crate::token_origin::TokenOrigin;
use crate::trail::Trail;

/// `POST /oauth2/introspect` (RFC 7662).
///
/// A token is active if and only if it is an internal access token that would be accepted now, for an
/// audience of the client unless that is an edge; or an API key that works now, and is bound to no
/// networks unless the client is an edge. Of every other token the answer is `{"active":false}` and no more
/// (§2.2). `token_type_hint` decides nothing: what a token is, shows.
pub(crate) async fn endpoint(State(server): State<Shared>, request: Request) -> Response {
    let (trace, trail) = (RequestTrace::of((&request).into()), Trail::default());
    let outcome = respond(&server, request, &trail).await;
    let reason = match &outcome {
        Ok(Some(_)) => "active",
        Ok(None) => "inactive",
        Err(error) => error.reason(),
    };
    metrics::counter!("remint_introspection_requests_total", "outcome" => reason).increment(1);
    match outcome {
        Ok(answer) => {
            let mut answer = answer.unwrap_or_default();
            let is_active = !answer.is_empty();
            answer.insert("active".into(), is_active.into());
            no_store(axum::Json(answer).into_response())
        }
        Err(error) => {
            trail.log("introspection", "none", &error, &trace);
            error.answer(&trace)
        }
    }
}

/// What is to be said of the token, if it is active.
async fn respond(server: &Server, request: Request, trail: &Trail) -> Result<Option<Map<String, Value>>, OAuthError> {
    let inquiry = TokenInquiry::read(server, request, Right::Introspect, trail).await?;
    server.authority.stay_in_step().await?;
    match TokenOrigin::of(server, &inquiry.token) {
        TokenOrigin::Internal(text) => server.in_time(async { Ok(internal(server, &inquiry, text).await?) }).await,
        TokenOrigin::Opaque(text) => server.in_time(async { Ok(api_key(server, inquiry.client, text).await?) }).await,
        TokenOrigin::External | TokenOrigin::Malformed => Ok(None),
    }
}

/// What an internal token says itself, which whoever holds it can read anyway.
async fn internal(
    server: &Server,
    inquiry: &TokenInquiry<'_>,
    text: &str,
) -> Result<Option<Map<String, Value>>, Unavailable> {
    let audiences = inquiry.audiences(server);
    match server.internal.verify(text, audiences.as_deref()).await {
        Ok(_) => {}
        Err(Refusal::Denied(denied)) => {
            tracing::debug!(target: "remint", reason = denied.kind().reason(), "a token is not active");
            return Ok(None);
        }
        Err(Refusal::Unavailable(unavailable)) => return Err(unavailable),
    }
    let Ok(jws) = Jws::parse(text) else { return Ok(None) };
    let said = |name: &str| Some((name.to_owned(), jws.unverified_claims().get(name)?.clone()));
    let mut answer: Map<String, Value> = FRAME_CLAIMS.into_iter().chain(IDENTITY_CLAIMS).filter_map(said).collect();
    answer.insert("token_type".into(), "Bearer".into());
    Ok(Some(answer))
}

/// What the store says of an API key. It is a credential and no access token, so it has no `token_type`.
async fn api_key(server: &Server, client: &Client, text: &str) -> Result<Option<Map<String, Value>>, Unavailable> {
    let Some(keys) = &server.api_keys else { return Ok(None) };
    let credential = Credential::new(Slot::ApiKeyHeader, CredentialForm::ApiKey, text);
    let refused = |kind: DeniedKind| tracing::debug!(target: "remint", reason = kind.reason(), "a key is not active");
    let authentication = match keys.authenticator().authenticate(credential).await {
        Ok(Some(verified)) => verified.into_inner(),
        Ok(None) => return Ok(None),
        Err(Refusal::Denied(denied)) => {
            refused(denied.kind());
            return Ok(None);
        }
        Err(Refusal::Unavailable(unavailable)) => return Err(unavailable),
    };
    if server.authority.revocations().refuse(&authentication).await? {
        refused(DeniedKind::Revoked);
        return Ok(None);
    }
    // Nobody else would hold a request to them.
    if !authentication.networks.is_empty() && !client.is_edge {
        refused(DeniedKind::Network);
        return Ok(None);
    }
    said_of_key(server, authentication).map(Some)
}

fn said_of_key(server: &Server, mut authentication: Authentication) -> Result<Map<String, Value>, Unavailable> {
    // No more than a token made of it would say.
    authentication.narrow();
    let Authentication { identity, issued_at, expires_at, networks, .. } = authentication;
    let claims = serde_json::to_value(IdentityClaims::from(&identity))
        .map_err(|error| Server::defect("an identity's claims are no JSON").with_source(error))?;
    let mut answer = Map::new();
    if let Value::Object(claims) = claims {
        answer.extend(claims);
    }
    answer.insert("iss".into(), server.issuer_id().as_str().into());
    answer.insert("scope".into(), identity.scopes.to_string().into());
    answer.insert("iat".into(), issued_at.as_secs().into());
    if expires_at < Timestamp::MAX {
        answer.insert("exp".into(), expires_at.as_secs().into());
    }
    if !networks.is_empty() {
        let restrictions = Restrictions { networks, ..Restrictions::default() };
        let member =
            restrictions.to_json().map_err(|error| Server::defect("a network has no member").with_source(error))?;
        answer.insert(REMINT_MEMBER.into(), member);
    }
    Ok(answer)
}
