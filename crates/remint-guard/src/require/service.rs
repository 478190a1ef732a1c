use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use remint_core::{Explanation, Identity};
use remint_credential::RequestHead;
use tower_service::Service;

use super::{RequireLayer, ResponseFuture};
use crate::{Denial, RequestKind, RequestTrace, find_caller};

/// The middleware of [`RequireLayer`].
#[derive(Debug, Clone)]
pub struct Require<S> {
    inner: S,
    layer: Arc<RequireLayer>,
}

impl<S> Require<S> {
    pub(super) const fn new(inner: S, layer: Arc<RequireLayer>) -> Self {
        Self { inner, layer }
    }

    /// The service behind it.
    pub const fn inner(&self) -> &S {
        &self.inner
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for Require<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: From<Bytes>,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, ResBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let policy = self.layer.policy();
        // Nothing here depends on the client's address, so it is not looked up.
        let head = RequestHead::new(request.method(), request.uri().path(), request.headers());
        let found = find_caller(request.extensions());
        let identity = found.ok().flatten().map(|identity| &**identity);
        match policy.admit(identity, head) {
            Ok(()) => ResponseFuture::inner(self.inner.call(request)),
            Err(denied) => {
                if let Err(outside) = found {
                    outside.log("RequireLayer", request.method(), request.uri().path());
                    let response = policy.denials().defect(RequestKind::of(&request));
                    return ResponseFuture::denied(response.map(ResBody::from));
                }
                let denial = policy.deny_request(denied, head);
                record(&denial, identity);
                ResponseFuture::denied(denial.render(RequestKind::of(&request)).map(ResBody::from))
            }
        }
    }
}

/// Counts a denial by its reason, and logs it.
fn record(denial: &Denial, identity: Option<&Identity>) {
    let (reason, hint) = (denial.refusal().reason(), denial.hint());
    metrics::counter!("remint_require_denied_total", "reason" => reason).increment(1);
    let Explanation { issuer, api_key, .. } = identity.map(Explanation::of).unwrap_or_default();
    let kind = identity.map_or("none", |identity| identity.credential.kind());
    let (method, path) = denial.trace().map(|trace| (trace.method().as_str(), trace.path())).unzip();
    let request_id = denial.trace().map(RequestTrace::id);
    tracing::info!(
        target: "remint",
        reason, kind, issuer, api_key, method, path, request_id, hint,
        "a route's requirement was not met"
    );
}
