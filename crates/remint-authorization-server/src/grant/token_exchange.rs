use remint_core::{DeniedKind, Scopes};
use remint_normalize::Minting;
use remint_token::urn;

use super::{Granted, Output, refused};
use crate::acting;
use crate::client::Client;
use crate::error::{Code, OAuthError};
use crate::form::Form;
use crate::party::{Party, TokenType};
use crate::server::Server;
use crate::transaction;

/// The exchange of RFC 8693.
pub(super) async fn subject(
    server: &Server,
    client: &Client,
    minting: &Minting<'_>,
    form: &Form,
) -> Result<Granted, OAuthError> {
    let text = form.required("subject_token", "the subject token is missing")?;
    let kind = form.required("subject_token_type", "the type of the subject token is missing")?;
    if kind == urn::TRANSACTION_TOKEN {
        return replacement(server, client, form, text);
    }
    let kind = TokenType::parse(kind).ok_or(OAuthError::invalid_request("the type of the subject token is unknown"))?;
    let output = output(form.optional("requested_token_type"))?;
    // RFC 8693 §2.1: the one if and only if the other.
    let actor = match (form.optional("actor_token"), form.optional("actor_token_type")) {
        (None, None) => None,
        (Some(text), Some(kind)) => {
            let unknown = OAuthError::invalid_request("the type of the actor token is unknown");
            Some((text, TokenType::parse(kind).ok_or(unknown)?))
        }
        _ => return Err(OAuthError::invalid_request("an actor token needs its type, and the type a token")),
    };
    let refused = |refusal| refused(refusal, Code::InvalidRequest, "the subject token is not accepted");
    let mut subject = Party::of(server, client, minting, kind, text).await.map_err(refused)?;
    let limit = match actor {
        Some((text, kind)) => Some(delegated(server, client, minting, &mut subject, (kind, text)).await?),
        None if subject.is_internal => {
            acting::pass_on(server, &mut subject.authentication.identity, client)?;
            None
        }
        None => None,
    };
    Ok(Granted { authentication: subject.authentication, limit, is_fresh: !subject.is_internal, output })
}

/// A transaction token is exchanged for another one of its transaction and for nothing else: it is no access
/// token, and becomes none.
fn replacement(server: &Server, client: &Client, form: &Form, text: &str) -> Result<Granted, OAuthError> {
    if form.optional("requested_token_type") != Some(urn::TRANSACTION_TOKEN) {
        return Err(OAuthError::invalid_request("a transaction token is exchanged for another one only"));
    }
    if form.optional("actor_token").is_some() || form.optional("actor_token_type").is_some() {
        return Err(OAuthError::invalid_request("a transaction goes on without another actor"));
    }
    let refused = |refusal| refused(refusal, Code::InvalidRequest, "the subject token is not accepted");
    // It is ours, and a client may be restricted to what others have issued.
    if client.issuers.as_ref().is_some_and(|allowed| !allowed.contains(server.issuer_id())) {
        return Err(refused(DeniedKind::UntrustedIssuer.into()));
    }
    let replaced = transaction::presented(server, text).map_err(refused)?;
    Ok(Granted {
        authentication: transaction::authentication(replaced.get()),
        limit: None,
        is_fresh: false,
        output: Output::Transaction(Some(Box::new(replaced))),
    })
}

/// With an actor token the actor acts for the subject, and the token ends with whichever of the two ends
/// first.
async fn delegated(
    server: &Server,
    client: &Client,
    minting: &Minting<'_>,
    subject: &mut Party,
    (kind, text): (TokenType, &str),
) -> Result<Scopes, OAuthError> {
    let refused = |refusal| refused(refusal, Code::InvalidRequest, "the actor token is not accepted");
    let actor = Party::of(server, client, minting, kind, text).await.map_err(refused)?;
    let acting = &actor.authentication;
    // What the actor's own credential is bound to, nobody would be held to afterwards.
    if acting.confirmation.is_some() || !acting.networks.is_empty() {
        return Err(OAuthError::invalid_request("the actor token is bound to more than itself"));
    }
    let limit = acting::delegate(server, client, &mut subject.authentication, &actor)?;
    let bounds = &mut subject.authentication;
    bounds.expires_at = bounds.expires_at.min(acting.expires_at);
    // What ends the actor while the token is made ends it: by names, too, that no claim carries.
    bounds.also_named.extend(acting.targets());
    Ok(limit)
}

fn output(requested: Option<&str>) -> Result<Output, OAuthError> {
    match requested {
        None | Some(urn::ACCESS_TOKEN) => Ok(Output::AccessToken(Some(urn::ACCESS_TOKEN))),
        Some(urn::JWT) => Ok(Output::AccessToken(Some(urn::JWT))),
        Some(urn::TRANSACTION_TOKEN) => Ok(Output::Transaction(None)),
        Some(_) => Err(OAuthError::invalid_request("tokens of the requested type are not issued")),
    }
}
