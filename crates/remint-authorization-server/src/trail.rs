use std::sync::{Mutex, MutexGuard, PoisonError};

use remint_core::{Explanation, Unavailable};
use remint_guard::RequestTrace;

use crate::error::OAuthError;

/// What is found out about a request while it is worked on, so that its refusal is one line of the log that says all:
/// which client, and what of which credential is at fault. It holds no credential.
#[derive(Debug, Default)]
pub(crate) struct Trail(Mutex<Notes>);

#[derive(Debug, Default)]
struct Notes {
    /// As the request names it; of a name that no client has, the beginning.
    client: Option<String>,
    /// There is such a client.
    is_known: bool,
    /// Why its credential, or the one that it brought, was refused.
    reason: Option<&'static str>,
    explanation: Explanation,
}

impl Trail {
    /// Which client the request names, and whether there is one of this name.
    pub(crate) fn client(&self, named: &str, is_known: bool) {
        let mut notes = self.notes();
        let most = if is_known { MAX_NAME } else { MAX_UNKNOWN_NAME };
        notes.client = Some(named.chars().take(most).collect());
        notes.is_known = is_known;
    }

    /// Why a credential of the request was refused, and what it says of itself.
    pub(crate) fn refused(&self, reason: &'static str, explanation: Explanation) {
        let mut notes = self.notes();
        notes.reason = Some(reason);
        notes.explanation = explanation;
    }

    /// The client as a label: `none` unless there is such a client, since strangers make up names.
    pub(crate) fn client_label(&self) -> String {
        let notes = self.notes();
        notes.client.clone().filter(|_| notes.is_known).unwrap_or_else(|| "none".to_owned())
    }

    /// Writes the line of a refused request.
    pub(crate) fn log(&self, endpoint: &'static str, grant: &'static str, error: &OAuthError, trace: &RequestTrace) {
        let notes = self.notes();
        let Notes { client, reason, explanation, .. } = &*notes;
        let Explanation { trust, issuer, key_id, claim, found, api_key } = explanation;
        let client = client.as_deref();
        let (trust, issuer, key_id) = (trust.as_deref(), issuer.as_deref(), key_id.as_deref());
        let (claim, api_key, request_id) = (claim.as_deref(), api_key.as_deref(), trace.id());
        match error {
            OAuthError::Unavailable(unavailable) => {
                let (reason, cause) = (unavailable.kind().reason(), cause(unavailable));
                tracing::warn!(
                    target: "remint",
                    endpoint, grant, client, reason, cause, request_id,
                    "the authorization server is not available"
                );
            }
            _ => {
                let (error, description) = (error.reason(), error.description());
                tracing::info!(
                    target: "remint",
                    endpoint, grant, client, error, description, reason, trust, issuer, key_id, claim, found, api_key,
                    request_id,
                    "a request to the authorization server was refused"
                );
            }
        }
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cause(unavailable: &Unavailable) -> Option<String> {
    std::error::Error::source(unavailable).map(ToString::to_string)
}

/// How many characters of a client's name the log holds.
const MAX_NAME: usize = 100;
/// The same of a name that no client has. It may be a credential that was put in the wrong place: of an API key no more
/// than its beginning is logged.
const MAX_UNKNOWN_NAME: usize = 12;
