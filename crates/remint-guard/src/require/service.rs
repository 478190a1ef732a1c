use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use remint_core::{Denied, Identity};
use remint_credential::RequestHead;
use tower_service::Service;

use super::{RequireLayer, ResponseFuture};
use crate::{RequestKind, RequestTrace, find_caller, telemetry};

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
        // Nothing here depends on the client's address, so it is not looked up.
        let identity = find_caller(request.extensions()).ok().flatten().map(|identity| &**identity);
        match self.layer.policy().admit(identity, head(&request)) {
            Ok(()) => ResponseFuture::inner(self.inner.call(request)),
            Err(denied) => ResponseFuture::denied(self.deny(denied, identity, &request).map(ResBody::from)),
        }
    }
}

impl<S> Require<S> {
    /// The answer to a request that may not go on.
    #[cold]
    fn deny<B>(&self, denied: Denied, identity: Option<&Identity>, request: &Request<B>) -> Response<Bytes> {
        let (head, kind) = (head(request), RequestKind::of(request));
        let policy = self.layer.policy().inside(request.extensions());
        if let Err(outside) = find_caller(request.extensions()) {
            let trace = RequestTrace::of(head);
            outside.log(ASKS, &trace);
            return policy.denials().traced_defect(kind, &trace);
        }
        let denial = policy.deny_request(denied, head);
        telemetry::not_met(ASKS, &denial, identity);
        denial.render(kind)
    }
}

fn head<B>(request: &Request<B>) -> RequestHead<'_> {
    RequestHead::new(request.method(), request.uri().path(), request.headers())
}

/// What the log calls it.
const ASKS: &str = "RequireLayer";
