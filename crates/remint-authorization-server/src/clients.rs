use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use http::HeaderMap;
use remint_core::{Clock, ReplayStore, Unavailable};
use subtle::Choice;

use crate::assertion;
use crate::client::{Client, Proof};
use crate::client_authentication::{ClientAuthentication, IdAndSecret};
use crate::error::OAuthError;
use crate::form::Form;
use crate::throttle::Throttle;

/// Finds out which client asks (RFC 6749 §2.3).
#[derive(Debug)]
pub(crate) struct Clients {
    pub(crate) known: HashMap<String, Client>,
    /// What a client assertion may name as its audience: the issuer and the token endpoint.
    pub(crate) audiences: Vec<String>,
    pub(crate) replays: Arc<dyn ReplayStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) throttle: Throttle,
}

impl Clients {
    /// The client that has proven that it is one.
    ///
    /// # Errors
    ///
    /// `invalid_request` for more than one way to authenticate, or a broken one; `invalid_client` if it is
    /// none, whatever the reason; unavailable if that cannot be said.
    pub(crate) async fn authenticate(
        &self,
        headers: &HeaderMap,
        form: &Form,
        address: Option<IpAddr>,
    ) -> Result<&Client, OAuthError> {
        let authentication = ClientAuthentication::parse(headers, form)?;
        if let Some(client) = self.check(&authentication).await? {
            return Ok(client);
        }
        let named = match &authentication {
            // Decoded, so that one id is not as many as it can be encoded in.
            ClientAuthentication::Secret(pairs) => pairs.last().map_or("", |(id, _)| id),
            ClientAuthentication::Assertion { jwt, .. } => &assertion::unverified_issuer(jwt).unwrap_or_default(),
        };
        let is_known = self.find(named).is_some();
        match self.throttle.failed(named, is_known, address, self.clock.now()) {
            Some(wait) => Err(OAuthError::TooManyFailures(wait)),
            None => Err(OAuthError::invalid_client()),
        }
    }

    /// The client of this name.
    pub(crate) fn find(&self, id: &str) -> Option<&Client> {
        self.known.get(id)
    }

    async fn check(&self, authentication: &ClientAuthentication<'_>) -> Result<Option<&Client>, Unavailable> {
        match authentication {
            ClientAuthentication::Secret(pairs) => {
                let proven = |(id, secret): &IdAndSecret<'_>| self.by_secret(id, secret);
                Ok(pairs.iter().find_map(proven))
            }
            ClientAuthentication::Assertion { jwt, named } => {
                let Some(id) = assertion::unverified_issuer(jwt) else { return Ok(None) };
                if named.is_some_and(|named| named != id) {
                    return Ok(None);
                }
                let Some((client, keys)) = self.find(&id).and_then(|client| match &client.proof {
                    Proof::Keys(keys) => Some((client, keys)),
                    Proof::Secrets(_) => None,
                }) else {
                    return Ok(None);
                };
                let now = self.clock.now();
                let Some(used) = assertion::verify(jwt, &id, keys, &self.audiences, now) else { return Ok(None) };
                let first = self.replays.first_use(used.key, now, used.until).await?;
                Ok(first.then_some(client))
            }
        }
    }

    fn by_secret(&self, id: &str, secret: &str) -> Option<&Client> {
        let client = self.find(id)?;
        let Proof::Secrets(secrets) = &client.proof else { return None };
        // A variable that was left empty is no secret that everybody knows.
        if secret.is_empty() {
            return None;
        }
        let found = secrets.iter().fold(Choice::from(0), |found, digest| found | digest.is(secret));
        bool::from(found).then_some(client)
    }
}
