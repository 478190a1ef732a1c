use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use remint_core::Refusal;
use remint_credential::RequestHead;
use remint_guard::Denial;

use super::{Outcome, Progress, TokenLayer, Verifying};

/// What becomes of a request.
pub(super) enum Decision<T> {
    /// It goes on, with what its token says, or without a token.
    Forward(Option<Arc<T>>),
    /// It asks for the resource's metadata.
    Document(Response<Bytes>),
    /// It is refused.
    Deny(Denial),
    /// The key set has to be waited for.
    Waiting(Verifying<T>),
}

/// What becomes of a request, as far as that can be said without waiting.
#[inline]
pub(super) fn decide<L: TokenLayer, B>(layer: &L, request: &Request<B>) -> Decision<L::Proven> {
    let head = head(request);
    if let Some(document) = layer.policy().document(head) {
        L::TELEMETRY.passed(Outcome::Document);
        return Decision::Document(document);
    }
    let (proven, outcome) = match layer.begin(head) {
        Ok(None) => (None, Outcome::Absent),
        Ok(Some(Progress::Cached(proven))) => (Some(proven), Outcome::Cached),
        Ok(Some(Progress::Verified(proven))) => (Some(proven), Outcome::Verified),
        Ok(Some(Progress::Waiting(verifying))) => return Decision::Waiting(verifying),
        Err(refusal) => return Decision::Deny(deny(layer, refusal, request)),
    };
    match admit(layer, proven.as_deref(), outcome, request) {
        Ok(()) => Decision::Forward(proven),
        Err(denial) => Decision::Deny(denial),
    }
}

/// What becomes of a request whose verification has waited: it goes on with what its token says, or is refused.
pub(super) fn conclude<L: TokenLayer, B>(
    layer: &L,
    outcome: Result<Arc<L::Proven>, Refusal>,
    request: &Request<B>,
) -> Result<Arc<L::Proven>, Denial> {
    let proven = outcome.map_err(|refusal| deny(layer, refusal, request))?;
    admit(layer, Some(&proven), Outcome::Verified, request)?;
    Ok(proven)
}

/// The head of a request. Nothing here depends on the client's address, so it is not looked up.
#[inline]
fn head<B>(request: &Request<B>) -> RequestHead<'_> {
    let (method, uri, headers) = (request.method(), request.uri(), request.headers());
    RequestHead { version: request.version(), ..RequestHead::new(method, uri.path(), headers).with_uri(uri) }
}

/// Asks the policy, and counts the request: once, by what becomes of it.
fn admit<L: TokenLayer, B>(
    layer: &L,
    proven: Option<&L::Proven>,
    outcome: Outcome,
    request: &Request<B>,
) -> Result<(), Denial> {
    let identity = proven.map(L::identity);
    match layer.policy().admit(identity, head(request)) {
        Ok(()) => {
            L::TELEMETRY.passed(outcome);
            Ok(())
        }
        Err(denied) => Err(deny(layer, denied.into(), request)),
    }
}

#[cold]
fn deny<L: TokenLayer, B>(layer: &L, refusal: Refusal, request: &Request<B>) -> Denial {
    let denial = layer.policy().inside(request.extensions()).deny_request(refusal, head(request));
    L::TELEMETRY.refused(denial.refusal(), Some(&denial));
    denial
}
