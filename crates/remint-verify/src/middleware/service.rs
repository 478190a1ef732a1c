use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use remint_guard::RequestKind;
use tower_service::Service;

use super::decision::{Decision, decide};
use super::{ResponseFuture, TokenLayer};

/// The middleware of a layer of this crate: it carries out what the layer decides.
#[derive(Debug)]
pub struct VerifyService<L, S> {
    inner: S,
    layer: Arc<L>,
}

impl<L, S> VerifyService<L, S> {
    pub(crate) const fn new(inner: S, layer: Arc<L>) -> Self {
        Self { inner, layer }
    }

    /// The service behind it.
    pub const fn inner(&self) -> &S {
        &self.inner
    }
}

impl<L, S: Clone> Clone for VerifyService<L, S> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), layer: Arc::clone(&self.layer) }
    }
}

impl<L, S, ReqBody, ResBody> Service<Request<ReqBody>> for VerifyService<L, S>
where
    L: TokenLayer,
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone,
    ResBody: From<Bytes>,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = ResponseFuture<L, S, ReqBody, ResBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        match decide(&*self.layer, &request) {
            Decision::Forward(proven) => {
                if proven.is_some() {
                    L::protect(request.headers_mut());
                }
                self.layer.record(request.extensions_mut(), proven);
                ResponseFuture::inner(self.inner.call(request))
            }
            Decision::Waiting(verifying) => {
                L::protect(request.headers_mut());
                let clone = self.inner.clone();
                let ready = std::mem::replace(&mut self.inner, clone);
                ResponseFuture::waiting(verifying, ready, request, Arc::clone(&self.layer))
            }
            Decision::Document(document) => ResponseFuture::answered(document.map(ResBody::from)),
            Decision::Deny(denial) => {
                ResponseFuture::answered(denial.render(RequestKind::of(&request)).map(ResBody::from))
            }
        }
    }
}
