use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use remint_core::{Denied, DeniedKind, Identity, Refusal};
use tower_service::Service;

use super::{RequireLayer, ResponseFuture};
use crate::{RequestKind, is_cors_preflight, preflight_hint};

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
        match self.layer.check(&request) {
            Ok(()) => ResponseFuture::inner(self.inner.call(request)),
            Err(denied) => {
                let reason = denied.kind().reason();
                metrics::counter!("remint_require_denied_total", "reason" => reason).increment(1);
                log(denied, &request);
                let kind = RequestKind::of(&request);
                let response = self.layer.denials().respond(&Refusal::Denied(denied), kind, required);
                ResponseFuture::denied(response.map(ResBody::from))
            }
        }
    }
}

impl RequireLayer {
    fn check<B>(&self, request: &Request<B>) -> Result<(), Denied> {
        let Some(required) = self.required() else { return Ok(()) };
        match request.extensions().get::<Arc<Identity>>() {
            Some(identity) => required.check(identity),
            None if self.allows_preflight() && is_cors_preflight(request.method(), request.headers()) => Ok(()),
            None => Err(DeniedKind::NoCredential.into()),
        }
    }
}

fn log<B>(denied: Denied, request: &Request<B>) {
    let reason = denied.kind().reason();
    let is_missing = denied.kind() == DeniedKind::NoCredential;
    match preflight_hint(request.method(), request.headers()).filter(|_| is_missing) {
        Some(hint) => tracing::info!(target: "remint", reason, hint, "a route's requirement was not met"),
        None => tracing::debug!(target: "remint", reason, "a route's requirement was not met"),
    }
}
