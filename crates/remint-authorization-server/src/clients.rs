use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use http::HeaderMap;
use remint_core::{Clock, DeniedKind, Explanation, ReplayStore, Unavailable};
use remint_jwt::Jws;
use subtle::Choice;

use crate::assertion::{self, AssertionFault};
use crate::client::{Client, Proof};
use crate::client_authentication::{ClientAuthentication, IdAndSecret};
use crate::error::{Code, OAuthError};
use crate::form::Form;
use crate::throttle::Throttle;
use crate::trail::Trail;

/// Finds out which client asks (RFC 6749 §2.3).
#[derive(Debug)]
pub(crate) struct Clients {
    pub(crate) known: HashMap<String, Client>,
    /// What a client assertion may name as its audience: the issuer, the token endpoint and the revocation log.
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
        trail: &Trail,
    ) -> Result<&Client, OAuthError> {
        self.prove(ClientAuthentication::parse(headers, form), address, trail).await
    }

    /// The same of a request without a form.
    pub(crate) async fn authenticate_by_header(
        &self,
        headers: &HeaderMap,
        address: Option<IpAddr>,
        trail: &Trail,
    ) -> Result<&Client, OAuthError> {
        self.prove(ClientAuthentication::of_header(headers), address, trail).await
    }

    async fn prove(
        &self,
        authentication: Result<ClientAuthentication<'_>, OAuthError>,
        address: Option<IpAddr>,
        trail: &Trail,
    ) -> Result<&Client, OAuthError> {
        let authentication = authentication.inspect_err(|error| {
            if matches!(error, OAuthError::Refused(Code::InvalidClient, _)) {
                trail.refused("no_client_authentication", Explanation::default());
            }
        })?;
        let named = authentication.named();
        let is_known = self.find(&named).is_some();
        trail.client(&named, is_known);
        match self.check(&authentication).await? {
            Ok(client) => {
                trail.client(client.id().as_str(), true);
                return Ok(client);
            }
            Err(Unproven { reason, explanation }) => trail.refused(reason, explanation),
        }
        match self.throttle.failed(&named, is_known, address, self.clock.now()) {
            Some(wait) => Err(OAuthError::TooManyFailures(wait)),
            None => Err(OAuthError::invalid_client()),
        }
    }

    /// The client of this name.
    pub(crate) fn find(&self, id: &str) -> Option<&Client> {
        self.known.get(id)
    }

    async fn check(&self, authentication: &ClientAuthentication<'_>) -> Result<Result<&Client, Unproven>, Unavailable> {
        match authentication {
            ClientAuthentication::Secret(pairs) => {
                let proven = |(id, secret): &IdAndSecret<'_>| self.by_secret(id, secret);
                Ok(pairs.iter().find_map(proven).ok_or_else(|| self.unproven(pairs)))
            }
            ClientAuthentication::Assertion { jwt, named } => {
                let unproven = |reason, claim| Ok(Err(Unproven::by_assertion(jwt, reason, claim)));
                let Some(id) = assertion::unverified_issuer(jwt) else {
                    return unproven(DeniedKind::Structure.reason(), None);
                };
                if named.is_some_and(|named| named != id) {
                    return unproven("client_id", Some("iss"));
                }
                let Some(client) = self.find(&id) else { return unproven(UNKNOWN, Some("iss")) };
                let Proof::Keys(keys) = &client.proof else { return unproven("client_without_keys", None) };
                let now = self.clock.now();
                let used = match assertion::verify(jwt, &id, keys, &self.audiences, now) {
                    Ok(used) => used,
                    Err(AssertionFault { kind, claim }) => return unproven(kind.reason(), claim),
                };
                match self.replays.first_use(used.key, now, used.until).await? {
                    true => Ok(Ok(client)),
                    false => unproven("used_before", Some("jti")),
                }
            }
        }
    }

    /// Why none of these secrets proves anything.
    fn unproven(&self, pairs: &[IdAndSecret<'_>]) -> Unproven {
        let reason = match pairs.iter().find_map(|(id, _)| self.find(id)).map(|client| &client.proof) {
            None => UNKNOWN,
            Some(Proof::Keys(_)) => "client_without_secret",
            Some(Proof::Secrets(_)) => "wrong_secret",
        };
        Unproven { reason, explanation: Explanation::default() }
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

/// Why a client has not proven that it is one, for the log: it is told nothing of it.
struct Unproven {
    reason: &'static str,
    explanation: Explanation,
}

impl Unproven {
    fn by_assertion(jwt: &str, reason: &'static str, claim: Option<&'static str>) -> Self {
        let jws = Jws::parse(jwt).ok();
        let issuer = jws.as_ref().and_then(|jws| jws.unverified_claims().issuer().ok());
        let key_id = jws.as_ref().and_then(|jws| jws.header().key_id());
        let explanation = Explanation { claim: claim.map(str::to_owned), ..Explanation::default() };
        Self { reason, explanation: explanation.with_names(issuer, key_id) }
    }
}

const UNKNOWN: &str = "unknown_client";
