use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use remint_token::Transaction;
use tower_service::Service;

use super::layer::Decision;
use super::{ResponseFuture, TransactionLayer, header};
use crate::future::Judge;

/// The middleware of [`TransactionLayer`].
#[derive(Debug, Clone)]
pub struct VerifyTransaction<S> {
    inner: S,
    layer: Arc<TransactionLayer>,
}

impl<S> VerifyTransaction<S> {
    pub(super) const fn new(inner: S, layer: Arc<TransactionLayer>) -> Self {
        Self { inner, layer }
    }

    /// The service behind it.
    pub const fn inner(&self) -> &S {
        &self.inner
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for VerifyTransaction<S>
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
        match self.layer.decide(&request) {
            Ok(Decision::Transaction(transaction)) => {
                header::mark_sensitive(request.headers_mut());
                request.extensions_mut().insert(transaction);
                ResponseFuture::inner(self.inner.call(request))
            }
            Ok(Decision::Absent) => {
                request.extensions_mut().remove::<Arc<Transaction>>();
                ResponseFuture::inner(self.inner.call(request))
            }
            Ok(Decision::Waiting(verifying)) => {
                header::mark_sensitive(request.headers_mut());
                let clone = self.inner.clone();
                let ready = std::mem::replace(&mut self.inner, clone);
                ResponseFuture::waiting(verifying, ready, request, Arc::clone(&self.layer))
            }
            Err(refusal) => ResponseFuture::answered(self.layer.refuse(&refusal, &request)),
        }
    }
}
