use remint_core::Scopes;

use super::{GrantContext, Granted, Output};
use crate::acting;
use crate::error::{Code, OAuthError};
use crate::party::Party;
use crate::request::{ExchangeRequest, RequestedToken, TypedToken};

/// The exchange of RFC 8693.
pub(super) async fn subject(context: &GrantContext<'_>, request: ExchangeRequest<'_>) -> Result<Granted, OAuthError> {
    let ExchangeRequest { subject, actor, requested } = request;
    let refused =
        |refusal| context.refused(subject.text, refusal, Code::InvalidRequest, "the subject token is not accepted");
    let mut subject = Party::of(context, subject).await.map_err(refused)?;
    let limit = match actor {
        Some(actor) => Some(delegated(context, &mut subject, actor).await?),
        None if subject.is_internal => {
            acting::pass_on(context.server, &mut subject.authentication.identity, context.client)?;
            None
        }
        None => None,
    };
    let output = match requested {
        RequestedToken::AccessToken(kind) => Output::AccessToken(Some(kind)),
        RequestedToken::Transaction(details) => Output::Transaction { details, replaced: None },
    };
    Ok(Granted { authentication: subject.authentication, limit, is_fresh: !subject.is_internal, output })
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
