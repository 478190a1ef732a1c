use remint_core::{Identity, Parents, Scopes, TokenId};

use super::{GrantContext, Granted, Output};
use crate::acting;
use crate::error::{Code, OAuthError};
use crate::party::Party;
use crate::request::{ExchangeRequest, RequestedToken, TypedToken};
use crate::server::Server;

/// The exchange of RFC 8693.
pub(super) async fn subject(context: &GrantContext<'_>, request: ExchangeRequest<'_>) -> Result<Granted, OAuthError> {
    let ExchangeRequest { subject, actor, requested } = request;
    let refused =
        |refusal| context.refused(subject.text, refusal, Code::InvalidRequest, "the subject token is not accepted");
    let mut subject = Party::of(context, subject).await.map_err(refused)?;
    let limit = match actor {
        Some(actor) => Some(delegated(context, &mut subject, actor).await?),
        None if subject.internal.is_some() => {
            acting::pass_on(context.server, &mut subject.authentication.identity, context.client)?;
            None
        }
        None => None,
    };
    let is_fresh = subject.internal.is_none();
    if let Some(id) = subject.internal {
        descend(context.server, &mut subject.authentication.identity, id)?;
    }
    let output = match requested {
        RequestedToken::AccessToken(kind) => Output::AccessToken(Some(kind)),
        RequestedToken::Transaction(details) => Output::Transaction { details, replaced: None },
    };
    Ok(Granted { authentication: subject.authentication, limit, is_fresh, output })
}

/// What is made of an internal token names it, so that it ends with it.
///
/// # Errors
///
/// `invalid_request` (§2.2.2) if the token comes of eight exchanges already.
fn descend(server: &Server, subject: &mut Identity, token: TokenId) -> Result<(), OAuthError> {
    let parents = Parents::after(subject.parents.take(), server.issuer_id(), token);
    subject.parents = Some(parents.ok_or(OAuthError::invalid_request("the subject token was exchanged too often"))?);
    Ok(())
}

/// With an actor token the actor acts for the subject, and the token ends with whichever of the two ends
/// first.
async fn delegated(
    context: &GrantContext<'_>,
    subject: &mut Party,
    actor: TypedToken<'_>,
) -> Result<Scopes, OAuthError> {
    let refused =
        |refusal| context.refused(actor.text, refusal, Code::InvalidRequest, "the actor token is not accepted");
    let actor = Party::of(context, actor).await.map_err(refused)?;
    let acting = &actor.authentication;
    // What the actor's own credential is bound to, nobody would be held to afterwards.
    if acting.confirmation.is_some() || !acting.networks.is_empty() {
        return Err(OAuthError::invalid_request("the actor token is bound to more than itself"));
    }
    let limit = acting::delegate(context.server, context.client, &mut subject.authentication, &actor)?;
    let bounds = &mut subject.authentication;
    bounds.expires_at = bounds.expires_at.min(acting.expires_at);
    // What ends the actor while the token is made ends it: by names, too, that no claim carries.
    bounds.also_named.extend(acting.targets());
    Ok(limit)
}
