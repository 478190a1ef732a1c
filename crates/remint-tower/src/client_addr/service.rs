use std::task::{Context, Poll};

use http::Request;
use remint_core::{ClientAddr, PeerAddr};
use tower_service::Service;

use super::ClientAddrLayer;

/// The middleware of [`ClientAddrLayer`].
#[derive(Debug, Clone)]
pub struct ClientAddrService<S> {
    pub(super) inner: S,
    pub(super) layer: ClientAddrLayer,
}

impl<S, ReqBody> Service<Request<ReqBody>> for ClientAddrService<S>
where
    S: Service<Request<ReqBody>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let peer = self.layer.peer_of(request.extensions());
        let client = self.layer.client(peer, request.headers()).map(ClientAddr);
        let extensions = request.extensions_mut();
        match peer.map(PeerAddr) {
            Some(peer) => extensions.insert(peer),
            None => extensions.remove(),
        };
        match client {
            Some(client) => extensions.insert(client),
            None => extensions.remove(),
        };
        self.inner.call(request)
    }
}
