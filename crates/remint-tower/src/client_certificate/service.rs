use std::task::{Context, Poll};

use http::Request;
use tower_service::Service;

use super::ClientCertificateLayer;

/// The middleware of [`ClientCertificateLayer`].
#[derive(Debug, Clone)]
pub struct ClientCertificateService<S> {
    pub(super) inner: S,
    pub(super) layer: ClientCertificateLayer,
}

impl<S, ReqBody> Service<Request<ReqBody>> for ClientCertificateService<S>
where
    S: Service<Request<ReqBody>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        self.layer.settle(&mut parts.extensions, &mut parts.headers);
        self.inner.call(Request::from_parts(parts, body))
    }
}
