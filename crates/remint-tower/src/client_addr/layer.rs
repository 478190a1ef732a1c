use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use http::{Extensions, HeaderMap};
use remint_core::Network;
use remint_forwarded::ForwardedAddress;
use tower_layer::Layer;

use super::ClientAddrService;

/// States the client's address as the extension [`ClientAddr`](remint_core::ClientAddr), for
/// credentials that are bound to networks.
///
/// It stands before [`NormalizeLayer`](crate::NormalizeLayer), once, where it is known who connects.
///
/// # The decision
///
/// [`ForwardedAddress`] says who the client is: the peer of the connection, unless it forwards for others, and then
/// whom the trusted proxies name; or that there is no client's address.
///
/// The peer's own address is stated beside it, as the extension [`PeerAddr`](remint_core::PeerAddr): failures are
/// counted by it where the client's address is unknown.
///
/// A `ClientAddr` that is already there is overwritten, or removed where there is none: the last of these
/// layers that a request passes decides, and no header reaches past it.
///
/// # What the deployment must guarantee
///
/// A trusted proxy appends the address of its own peer to the named header. Trust the addresses of
/// proxies, and no network that clients live in: a trusted peer may name any client it likes.
///
/// # Example
///
/// ```
/// use std::net::SocketAddr;
///
/// use axum::extract::ConnectInfo;
/// use remint_tower::ClientAddrLayer;
///
/// let layer = ClientAddrLayer::peer(|extensions| {
///     extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip())
/// })
/// .trusting(["10.0.0.1".parse()?, "10.0.0.2".parse()?]);
/// # let _: axum::Router = axum::Router::new().layer(layer);
/// # Ok::<(), remint_core::InvalidNetwork>(())
/// ```
///
/// axum states `ConnectInfo` where it serves `into_make_service_with_connect_info`.
#[derive(Clone)]
#[must_use = "a layer does nothing until it wraps a service"]
pub struct ClientAddrLayer {
    peer: Arc<Peer>,
    rule: ForwardedAddress,
}

type Peer = dyn Fn(&Extensions) -> Option<IpAddr> + Send + Sync;

impl ClientAddrLayer {
    /// A layer for which the client is whoever connects. `peer` says who that is: servers put it into the
    /// request's extensions, each in a type of its own.
    pub fn peer(peer: impl Fn(&Extensions) -> Option<IpAddr> + Send + Sync + 'static) -> Self {
        Self { peer: Arc::new(peer), rule: ForwardedAddress::new() }
    }

    /// Believes `X-Forwarded-For` where it was written by these proxies.
    pub fn trusting(self, proxies: impl IntoIterator<Item = Network>) -> Self {
        Self { rule: self.rule.trusting(proxies), ..self }
    }

    /// Believes `Forwarded` (RFC 7239) where it was written by these proxies, and `X-Forwarded-For` no
    /// more: of the two, a proxy that writes one lets a client's copy of the other through.
    pub fn trusting_forwarded(self, proxies: impl IntoIterator<Item = Network>) -> Self {
        Self { rule: self.rule.trusting_forwarded(proxies), ..self }
    }

    pub(super) fn peer_of(&self, extensions: &Extensions) -> Option<IpAddr> {
        (self.peer)(extensions).map(|peer| peer.to_canonical())
    }

    pub(super) fn client(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        self.rule.client(peer, headers)
    }
}

impl<S> Layer<S> for ClientAddrLayer {
    type Service = ClientAddrService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ClientAddrService { inner, layer: self.clone() }
    }
}

impl fmt::Debug for ClientAddrLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientAddrLayer").field("rule", &self.rule).finish_non_exhaustive()
    }
}
