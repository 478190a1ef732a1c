use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use remint_core::QuotaAnswer;
use tower_service::Service;

use super::settings::Settings;
use super::{QuotaLayer, ResponseFuture};

/// The middleware of [`QuotaLayer`].
#[derive(Debug, Clone)]
pub struct Limited<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl<S> Limited<S> {
    /// Wraps a service by itself, without a stack.
    pub fn new(inner: S, layer: &QuotaLayer) -> Self {
        Self { inner, settings: Arc::clone(&layer.settings) }
    }

    /// The service behind it.
    pub const fn inner(&self) -> &S {
        &self.inner
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for Limited<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone,
    ResBody: From<Bytes>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S, ReqBody, ResBody>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    #[inline]
    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let draw = match self.settings.draw(request.extensions()) {
            Ok(Some(draw)) => draw,
            Ok(None) => return ResponseFuture::forwarded(self.inner.call(request), None),
            Err(outside) => return ResponseFuture::answered(self.settings.misplaced(outside, &request)),
        };
        match draw.take() {
            QuotaAnswer::Now(answer) => match self.settings.admit(draw, answer, &mut request) {
                Ok(watch) => ResponseFuture::forwarded(self.inner.call(request), watch),
                Err(response) => ResponseFuture::answered(response),
            },
            QuotaAnswer::Later(answer) => {
                // The ready service goes with the request; the clone must be asked anew.
                let clone = self.inner.clone();
                let ready = std::mem::replace(&mut self.inner, clone);
                ResponseFuture::waiting(answer, draw, request, ready, Arc::clone(&self.settings))
            }
        }
    }
}
