use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use remint_core::{Denied, DeniedKind, Identity, Refusal};
use tower_service::Service;

use super::{RequireLayer, ResponseFuture};
use crate::{RequestKind, Requirements, is_cors_preflight};

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
        let Some(required) = self.layer.required() else { return ResponseFuture::inner(self.inner.call(request)) };
        match check(required, &request) {
            Ok(()) => ResponseFuture::inner(self.inner.call(request)),
            Err(denied) => {
                let reason = denied.kind().reason();
                metrics::counter!("remint_require_denied_total", "reason" => reason).increment(1);
                tracing::debug!(target: "remint", reason, "a route's requirement was not met");
                let kind = RequestKind::of(&request);
                let response = self.layer.denials().respond(&Refusal::Denied(denied), kind, required);
                ResponseFuture::denied(response.map(ResBody::from))
            }
        }
    }
}

fn check<B>(required: &Requirements, request: &Request<B>) -> Result<(), Denied> {
    match request.extensions().get::<Arc<Identity>>() {
        Some(identity) => required.check(identity),
        None if is_cors_preflight(request.method(), request.headers()) => Ok(()),
        None => Err(DeniedKind::NoCredential.into()),
    }
}
