use std::time::Duration;

use axum::response::{IntoResponse as _, Response};
use remint_core::{Authentication, Refusal, Target, Timestamp, Unavailable, UnavailableKind};
use remint_token::{REMINT_MEMBER, Restrictions, urn};

use crate::answer::{Issued, no_store};
use crate::client::Client;
use crate::error::{Code, OAuthError};
use crate::grant::{GrantContext, Granted, Output};
use crate::policy;
use crate::request::TokenRequest;
use crate::server::Server;
use crate::trail::Trail;
use crate::transaction;

/// What came of making a token.
pub(crate) enum Attempt {
    /// The answer with the token.
    Issued(Response),
    /// Something that the token names was revoked or changed meanwhile, perhaps by the request itself: the first token
    /// of a subject makes their user. What was made is not handed out, and who asks again learns what is true now.
    Overtaken(Unavailable),
}

/// Makes the token that was asked for, and the answer.
pub(crate) async fn issue(
    server: &Server,
    client: &Client,
    request: TokenRequest<'_>,
    trail: &Trail,
) -> Result<Attempt, OAuthError> {
    let TokenRequest { grant_type, targets, scope, grant } = request;
    let audiences = policy::audiences(server, client, &targets)?;
    server.authority.stay_in_step().await?;
    // Before anything is asked about anybody: whatever is revoked from here on makes the outcome dead.
    let minting = server.authority.begin();
    let context = GrantContext { server, client, minting: &minting, trail };
    let Granted { mut authentication, limit, is_fresh, output } = context.subject(grant?).await?;
    if server.authority.environment().is_some_and(|demanded| demanded != authentication.identity.environment) {
        return Err(OAuthError::Refused(grant_type.refusal(), "tokens of this environment are not issued"));
    }
    let mut ended_by = authentication.targets();
    let scope = scope?;
    let names_scope = scope.is_some();
    policy::narrow(client, limit.as_ref(), scope, &mut authentication)?;
    let expires_at = authentication.expires_at;
    let narrowed = if is_fresh { minting.enrich(authentication).await? } else { minting.narrow(authentication) };
    let Authentication { identity, networks, confirmation, .. } = narrowed.authentication();
    let now = server.authority.clock().now();
    let not_after = narrowed.not_after(now).map_err(|refusal| match refusal {
        Refusal::Denied(_) => OAuthError::Refused(grant_type.refusal(), "the token has ended"),
        Refusal::Unavailable(unavailable) => unavailable.into(),
    })?;
    counts_already(server, client, &ended_by, now)?;
    let issued = match output {
        Output::AccessToken(kind) => {
            if server.transactions.as_ref().is_some_and(|issuer| audiences.contains(issuer.trust_domain())) {
                return Err(OAuthError::Refused(Code::InvalidTarget, "a trust domain is for transaction tokens"));
            }
            let token = minting.issue(&narrowed, not_after, &audiences).await.map_err(|refusal| match refusal {
                Refusal::Denied(_) => {
                    OAuthError::invalid_request("the token would be too long: it has too many claims")
                }
                Refusal::Unavailable(unavailable) => unavailable.into(),
            })?;
            ended_by.push(Target::Token { issuer: server.issuer_id().clone(), id: token.id().clone() });
            Issued {
                text: token.expose_secret().to_owned(),
                expires_at: token.expires_at(),
                kind,
                token_type: "Bearer",
            }
        }
        Output::Transaction { details, replaced } => {
            let [audience] = audiences.as_slice() else {
                return Err(OAuthError::Refused(Code::InvalidTarget, "a transaction token is for one trust domain"));
            };
            let asked = (&client.id, audience);
            let token = transaction::issue(server, asked, (&narrowed, not_after), details, replaced.as_deref()).await?;
            let (text, kind) = (token.expose_secret().to_owned(), Some(urn::TRANSACTION_TOKEN));
            Issued { text, expires_at: token.expires_at(), kind, token_type: "N_A" }
        }
    };
    if let Err(overtaken) = minting.settle(&ended_by) {
        return Ok(Attempt::Overtaken(overtaken));
    }

    let mut answer = issued.answer(now);
    if !identity.scopes.is_empty() || names_scope {
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
    Ok(Attempt::Issued(no_store(axum::Json(answer).into_response())))
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
