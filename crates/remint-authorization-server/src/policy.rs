use remint_core::{Audience, Authentication, Scopes};

use crate::client::Client;
use crate::error::{Code, OAuthError};
use crate::server::Server;

/// For whom the token is to be: what the request names, if the client may ask for all of it (RFC 8693 §2.1,
/// RFC 8707 §2).
///
/// # Errors
///
/// `invalid_target` for a target that the client may not ask for, and where none is named and several could
/// be meant.
pub(crate) fn audiences(server: &Server, client: &Client, targets: &[&str]) -> Result<Vec<Audience>, OAuthError> {
    let allowed = server.audiences(client);
    let mut named: Vec<Audience> = Vec::new();
    for target in targets {
        let Some(audience) = allowed.iter().find(|audience| audience.as_str() == *target) else {
            return Err(OAuthError::Refused(Code::InvalidTarget, "the client may not ask for tokens for this target"));
        };
        if !named.contains(audience) {
            named.push(audience.clone());
        }
    }
    if !named.is_empty() {
        return Ok(named);
    }
    let own = server.issuer.audiences();
    match allowed {
        [one] => Ok(vec![one.clone()]),
        several if own.iter().all(|audience| several.contains(audience)) => Ok(own.to_vec()),
        _ => Err(OAuthError::Refused(Code::InvalidTarget, "the client may ask for several audiences: name one")),
    }
}

/// What the token may say at most: what the subject may do, as far as the client may ask for it; and of that
/// what the request names. It never widens (RFC 8693 §2.1, RFC 6749 §3.3). `limit` is what whoever acts for the
/// subject leaves of its scopes. A request that names a scope asks for a restricted token.
///
/// # Errors
///
/// `invalid_scope` for more than that.
pub(crate) fn narrow(
    client: &Client,
    limit: Option<&Scopes>,
    named: Option<Scopes>,
    authentication: &mut Authentication,
) -> Result<(), OAuthError> {
    let held = limit.unwrap_or(&authentication.identity.scopes);
    let most = client.scopes.as_ref().map_or_else(|| held.clone(), |allowed| held.intersection(allowed));
    authentication.identity.scopes = match named {
        None => most,
        Some(named) => {
            if !most.contains_all(&named) {
                let wider = "the scope is wider than the subject's, or the client's";
                return Err(OAuthError::Refused(Code::InvalidScope, wider));
            }
            authentication.restrict();
            named
        }
    };
    Ok(())
}
