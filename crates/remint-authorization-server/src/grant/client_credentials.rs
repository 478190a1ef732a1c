use remint_core::{Authentication, CredentialRef, Identity, Timestamp, is_reserved};

use super::{GrantContext, Granted, Output};
use crate::error::OAuthError;
use crate::server::Server;

/// A client for itself (RFC 6749 §4.4): its subject has a form of its own, and its scopes are those that it
/// was given.
pub(super) fn subject(&GrantContext { server, client, .. }: &GrantContext<'_>) -> Result<Granted, OAuthError> {
    let subject = client.subject().ok_or_else(|| Server::defect("a client has no subject"))?;
    let credential = CredentialRef::Client { id: client.id.clone() };
    let mut identity = Identity::new(subject, client.environment, client.id.clone(), credential);
    // `remint:*` is our own store's to give, and it knows no clients.
    let given = client.scopes.clone().unwrap_or_default();
    identity.scopes = given.filtered(|scope| !is_reserved(scope));
    let now = server.authority.clock().now();
    Ok(Granted {
        authentication: Authentication::new(identity, now, Timestamp::MAX),
        limit: None,
        is_fresh: false,
        output: Output::AccessToken(None),
    })
}
