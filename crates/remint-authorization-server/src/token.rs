use std::net::IpAddr;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, header};
use remint_core::{Authentication, Refusal, Target, Timestamp, Unavailable, UnavailableKind};
use remint_token::{REMINT_MEMBER, Restrictions, urn};
use serde_json::{Map, Value, json};

use crate::client::Client;
use crate::error::{Code, OAuthError};
use crate::form::Form;
use crate::grant::{Grant, Granted, Output};
use crate::policy;
use crate::presented::counted_by;
use crate::server::{Server, Shared};
use crate::transaction::{self, Asked};

/// `POST /oauth2/token`.
///
/// A token is issued if and only if one client has proven who it is, it may use the grant, the grant says
/// whose token it is to be, the client may ask for the audience, the scope is no wider than the subject's
/// and the client's, and nothing of it was revoked meanwhile.
pub(crate) async fn endpoint(State(server): State<Shared>, request: Request) -> Response {
    let (label, outcome) = respond(&server, request).await;
    let reason = outcome.as_ref().map_or_else(OAuthError::reason, |_| "issued");
    metrics::counter!("remint_token_requests_total", "grant" => label, "outcome" => reason).increment(1);
    outcome.unwrap_or_else(IntoResponse::into_response)
}

/// The grant, as far as it was known, and the answer.
async fn respond(server: &Server, request: Request) -> (&'static str, Result<Response, OAuthError>) {
    let (headers, extensions, form) = match Form::read(request).await {
        Ok(read) => read,
        Err(error) => return ("none", Err(error)),
    };
    let address = counted_by(&extensions);
    let mut label = "none";
    let work = async {
        let (client, grant) = asked(server, &headers, &form, address).await?;
        label = grant.label();
        issue(server, client, grant, &form).await
    };
    let outcome = server.in_time(work).await;
    (label, outcome)
}

/// Who asks, and for which grant.
async fn asked<'s>(
    server: &'s Server,
    headers: &HeaderMap,
    form: &Form,
    address: Option<IpAddr>,
) -> Result<(&'s Client, Grant), OAuthError> {
    let client = server.clients.authenticate(headers, form, address).await?;
    let grant = form.required("grant_type", "the grant type is missing")?;
    let unknown = OAuthError::Refused(Code::UnsupportedGrantType, "the grant type is unknown");
    let grant = Grant::parse(grant).ok_or(unknown)?;
    if !client.has(grant.right()) {
        return Err(OAuthError::Refused(Code::UnauthorizedClient, "the client may not use this grant"));
    }
    Ok((client, grant))
}

async fn issue(server: &Server, client: &Client, grant: Grant, form: &Form) -> Result<Response, OAuthError> {
    let audiences = policy::audiences(server, client, form)?;
    // Before anything is asked about anybody: whatever is revoked from here on makes the outcome dead.
    let minting = server.authority.begin();
    let Granted { mut authentication, limit, is_fresh, output } = grant.subject(server, client, &minting, form).await?;
    if server.authority.environment().is_some_and(|demanded| demanded != authentication.identity.environment) {
        return Err(OAuthError::Refused(grant.refusal(), "tokens of this environment are not issued"));
    }
    let mut targets = authentication.targets();
    policy::narrow(client, limit.as_ref(), form, &mut authentication)?;
    let expires_at = authentication.expires_at;
    let narrowed = if is_fresh { minting.enrich(authentication).await? } else { minting.narrow(authentication) };
    let Authentication { identity, networks, confirmation, .. } = narrowed.authentication();
    let now = server.authority.clock().now();
    let not_after = narrowed.not_after(now).map_err(|refusal| match refusal {
        Refusal::Denied(_) => OAuthError::Refused(grant.refusal(), "the token has ended"),
        Refusal::Unavailable(unavailable) => unavailable.into(),
    })?;
    counts_already(server, client, &targets, now)?;
    let issued = match output {
        Output::AccessToken(kind) => {
            if server.transactions.as_ref().is_some_and(|issuer| audiences.contains(issuer.trust_domain())) {
                return Err(OAuthError::Refused(Code::InvalidTarget, "a trust domain is for transaction tokens"));
            }
            let token = minting.issue(&narrowed, not_after, &audiences).await?;
            targets.push(Target::Token { issuer: server.issuer_id().clone(), id: token.id().clone() });
            Issued {
                text: token.expose_secret().to_owned(),
                expires_at: token.expires_at(),
                kind,
                token_type: "Bearer",
            }
        }
        Output::Transaction(replaced) => {
            let [audience] = audiences.as_slice() else {
                return Err(OAuthError::Refused(Code::InvalidTarget, "a transaction token is for one trust domain"));
            };
            let asked = Asked { client, audience, form };
            let token = transaction::issue(server, &asked, (&narrowed, not_after), replaced.as_deref()).await?;
            let (text, kind) = (token.expose_secret().to_owned(), Some(urn::TRANSACTION_TOKEN));
            Issued { text, expires_at: token.expires_at(), kind, token_type: "N_A" }
        }
    };
    minting.settle(&targets)?;

    let mut answer = issued.answer(now);
    if !identity.scopes.is_empty() || form.optional("scope").is_some() {
        answer.insert("scope".into(), identity.scopes.to_string().into());
    }
    if client.is_edge {
        let restrictions = Restrictions {
            networks: networks.clone(),
            confirmation: *confirmation,
            plan: identity.plan.clone(),
            credential_ends: (expires_at < Timestamp::MAX).then_some(expires_at),
        };
        // What has no member, no edge would hold a request to.
        let member =
            restrictions.to_json().map_err(|error| Server::defect("a restriction has no member").with_source(error))?;
        answer.insert(REMINT_MEMBER.into(), member);
    }
    Ok(no_store(axum::Json(answer).into_response()))
}

/// Whether a token that names this client, issued now, is not one of those that a revocation of the client
/// has ended: it ends what was issued until then, with the skew of clocks that all revocations allow for.
///
/// # Errors
///
/// [`Unavailable`] until then: a token that nobody accepts would be kept for its whole life.
fn counts_already(server: &Server, client: &Client, targets: &[Target], now: Timestamp) -> Result<(), Unavailable> {
    let named = Target::Client(client.id.clone());
    let Some(last) = server.authority.table().ended_until(&named).filter(|_| targets.contains(&named)) else {
        return Ok(());
    };
    // As the token says it: in whole seconds.
    if Timestamp::from_secs(now.as_secs()) > last {
        return Ok(());
    }
    let wait = last.saturating_duration_since(now).saturating_add(Duration::from_secs(1));
    let cause = "the client's tokens were revoked less than 31 seconds ago";
    Err(Unavailable::new(UnavailableKind::Issuer).with_source(cause).with_retry_after(wait))
}

/// What is answered with.
struct Issued {
    text: String,
    expires_at: Timestamp,
    /// `issued_token_type`, where the grant says one.
    kind: Option<&'static str>,
    token_type: &'static str,
}

impl Issued {
    /// RFC 8693 §2.2.1, RFC 6749 §5.1.
    fn answer(self, now: Timestamp) -> Map<String, Value> {
        let mut answer = Map::new();
        answer.insert("access_token".into(), self.text.into());
        if let Some(kind) = self.kind {
            answer.insert("issued_token_type".into(), kind.into());
        }
        answer.insert("token_type".into(), self.token_type.into());
        answer.insert("expires_in".into(), json!(self.expires_at.saturating_duration_since(now).as_secs()));
        answer
    }
}

/// RFC 6749 §5.1.
pub(crate) fn no_store(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
