use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use remint_core::Identity;
use tower_service::Service;

use super::layer::Decision;
use super::{ResponseFuture, VerifyLayer};
use crate::future::Judge;

/// The middleware of [`VerifyLayer`].
#[derive(Debug, Clone)]
pub struct Verify<S> {
    inner: S,
    layer: Arc<VerifyLayer>,
}

impl<S> Verify<S> {
    pub(super) const fn new(inner: S, layer: Arc<VerifyLayer>) -> Self {
        Self { inner, layer }
    }

    /// The service behind it.
    pub const fn inner(&self) -> &S {
        &self.inner
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for Verify<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone,
    ResBody: From<Bytes>,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = ResponseFuture<S, ReqBody, ResBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        if let Some(document) = self.layer.document(&request) {
            return ResponseFuture::answered(document);
        }
        match self.layer.decide(&request) {
            Ok(Decision::Caller(identity)) => {
                request.extensions_mut().insert(identity);
                ResponseFuture::inner(self.inner.call(request))
            }
            Ok(Decision::Anonymous) => {
                request.extensions_mut().remove::<Arc<Identity>>();
                ResponseFuture::inner(self.inner.call(request))
            }
            Ok(Decision::Waiting(verifying)) => {
                let clone = self.inner.clone();
                let ready = std::mem::replace(&mut self.inner, clone);
                ResponseFuture::waiting(verifying, ready, request, Arc::clone(&self.layer))
            }
            Err(refusal) => ResponseFuture::answered(self.layer.refuse(&refusal, &request)),
        }
    }
}
