use remint_core::{Actor, Authentication, CredentialRef, Identity, IssuerId, MayAct, Scopes, Subject, is_reserved};

use crate::client::Client;
use crate::error::OAuthError;
use crate::party::Party;
use crate::server::Server;

/// Makes `actor` the one who acts for the subject (RFC 8693 §4.1), if they have the right: the subject's
/// token names them (`may_act`, §4.4), or an administrator gave them the right to act for that subject
/// (`act_for`). What remains of the scopes is returned; where that is what the right to act names, the token is
/// restricted.
///
/// # Errors
///
/// `invalid_request` (§2.2.2) if they have none.
pub(crate) fn delegate(
    server: &Server,
    client: &Client,
    authentication: &mut Authentication,
    actor: &Party,
) -> Result<Scopes, OAuthError> {
    let acting = &actor.authentication;
    let subject = &authentication.identity;
    if acting.identity.actor.is_some() {
        return Err(OAuthError::invalid_request("somebody acts for the actor"));
    }
    if acting.identity.environment != subject.environment {
        return Err(OAuthError::invalid_request("the actor is of another environment"));
    }
    // A client's token travels: whoever receives it does not come by what the client may.
    let is_another_clients = matches!(&acting.identity.credential, CredentialRef::Client { id } if *id != client.id);
    if is_another_clients {
        return Err(OAuthError::invalid_request("the actor token is another client's"));
    }
    let named = subject.may_act.as_ref().is_some_and(|named| {
        actor.names().into_iter().flatten().any(|(issuer, name)| is_named(named, issuer, name, server.issuer_id()))
    });
    let right = match &acting.identity.credential {
        CredentialRef::Client { .. } => Some(&client.act_for),
        _ => acting.act_for.as_ref(),
    };
    let given = right.filter(|right| right.covers(subject));
    if !named && given.is_none() {
        return Err(OAuthError::invalid_request("the actor may not act for the subject"));
    }
    // Who was named by the subject's own token is not bound by what else they may.
    let scopes = match given.filter(|_| !named) {
        Some(right) if right.scopes.is_some() => {
            let scopes = right.limit(&subject.scopes);
            authentication.restrict();
            scopes
        }
        // Nobody becomes an administrator by acting for one, unless that very right was given.
        _ => subject.scopes.clone().filtered(|scope| !is_reserved(scope)),
    };
    let (issuer, name) = actor.name();
    let link = Actor {
        credential: Some(acting.identity.credential.clone()),
        session: acting.identity.session.clone(),
        tenant: acting.identity.tenant.clone(),
        ..Actor::new(name.clone(), issuer.cloned())
    };
    grow(&mut authentication.identity, link)?;
    Ok(scopes)
}

/// Makes a client the actor that exchanges an internal token which it received: the chain grows by each
/// service that a request passes through.
///
/// # Errors
///
/// `invalid_request` if the token names who may act with it, and the client is not the one.
pub(crate) fn pass_on(server: &Server, subject: &mut Identity, client: &Client) -> Result<(), OAuthError> {
    let name = client.subject().ok_or(OAuthError::invalid_request("the client has no subject"))?;
    if subject.actor.as_ref().is_some_and(|actor| actor.issuer.is_none() && actor.subject == name) {
        return Ok(());
    }
    let by_itself = |subject: &Identity| {
        matches!(&subject.credential, CredentialRef::Client { id } if id.as_str() == client.id.as_str())
            && subject.actor.is_none()
    };
    if by_itself(subject) {
        return Ok(());
    }
    if let Some(named) = &subject.may_act
        && !is_named(named, None, &name, server.issuer_id())
    {
        return Err(OAuthError::invalid_request("the subject token is for another actor"));
    }
    let credential = Some(CredentialRef::Client { id: client.id.clone() });
    grow(subject, Actor { credential, ..Actor::new(name, None) })
}

/// `may_act` without an issuer, or with ours, names one of ours.
fn is_named(named: &MayAct, issuer: Option<&IssuerId>, subject: &Subject, own: &IssuerId) -> bool {
    named.issuer.as_ref().filter(|stated| *stated != own) == issuer && named.subject == *subject
}

/// The one who acted before stays in the chain: it grows and never shrinks.
fn grow(subject: &mut Identity, mut link: Actor) -> Result<(), OAuthError> {
    link.actor = subject.actor.take().map(Box::new);
    let length = serde_json::to_vec(&link).map_or(usize::MAX, |written| written.len());
    if link.chain().count() > Actor::MAX_CHAIN || length > MAX_CHAIN_LEN {
        return Err(OAuthError::invalid_request("too many act for the subject"));
    }
    subject.actor = Some(link);
    Ok(())
}

/// How long `act` may become, in bytes of JSON: with the longest names, a chain of eight would not fit into
/// a token.
const MAX_CHAIN_LEN: usize = 4 * 1024;
