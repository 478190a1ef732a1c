use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use http::{Extensions, HeaderMap};
use remint_core::Network;
use tower_layer::Layer;

use super::ClientAddrService;
use super::forwarded::{Header, addresses, forwards};
use super::warning::Warning;

/// States the client's address as the extension [`ClientAddr`](remint_core::ClientAddr), for
/// credentials that are bound to networks.
///
/// It stands before [`NormalizeLayer`](crate::NormalizeLayer), once, where it is known who connects.
///
/// # The decision
///
/// The client is the peer of the connection, unless the peer forwards for others. A peer forwards if it is a
/// proxy that is [trusted](Self::trusting), or if it sends `X-Forwarded-For` or `Forwarded`. Of a trusted proxy
/// the addresses in the header that the proxies write are read from the
/// right, and the client is the first that is not a trusted proxy's. What stands to the left of it was
/// written by the client or by nobody we trust, and is never looked at.
///
/// There is no client's address, and a credential that is bound to networks is refused, if
///
/// - the peer is unknown;
/// - the peer is not trusted and forwards: behind a proxy on the same host, a key that is bound to loopback
///   would otherwise pass for everybody. There is one warning an hour;
/// - the peer is trusted and there is no such header, or one that names trusted proxies only: a proxy
///   that forgot to write it must not lend its own address to everyone;
/// - what is reached from the right is no address (`unknown`, a name, an empty element, garbage); or
/// - there are more than 32 addresses to walk, or a line of the header is longer than 4096 bytes.
///
/// The peer's own address is stated beside it, as the extension [`PeerAddr`](remint_core::PeerAddr): failures are
/// counted by it where the client's address is unknown.
///
/// A `ClientAddr` that is already there is overwritten, or removed where there is none: the last of these
/// layers that a request passes decides, and no header reaches past it. Other headers, such as `X-Real-IP`,
/// mean nothing.
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
    trusted: Arc<[Network]>,
    header: Header,
    warning: Arc<Warning>,
}

type Peer = dyn Fn(&Extensions) -> Option<IpAddr> + Send + Sync;

impl ClientAddrLayer {
    /// A layer for which the client is whoever connects. `peer` says who that is: servers put it into the
    /// request's extensions, each in a type of its own.
    pub fn peer(peer: impl Fn(&Extensions) -> Option<IpAddr> + Send + Sync + 'static) -> Self {
        Self { peer: Arc::new(peer), trusted: Arc::default(), header: Header::XForwardedFor, warning: Arc::default() }
    }

    /// Believes `X-Forwarded-For` where it was written by these proxies.
    pub fn trusting(self, proxies: impl IntoIterator<Item = Network>) -> Self {
        Self { trusted: proxies.into_iter().collect(), header: Header::XForwardedFor, ..self }
    }

    /// Believes `Forwarded` (RFC 7239) where it was written by these proxies, and `X-Forwarded-For` no
    /// more: of the two, a proxy that writes one lets a client's copy of the other through.
    pub fn trusting_forwarded(self, proxies: impl IntoIterator<Item = Network>) -> Self {
        Self { trusted: proxies.into_iter().collect(), header: Header::Forwarded, ..self }
    }

    pub(super) fn peer_of(&self, extensions: &Extensions) -> Option<IpAddr> {
        (self.peer)(extensions).map(|peer| peer.to_canonical())
    }

    pub(super) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        if !self.trusts(peer) {
            if forwards(headers) {
                self.warning.forwards(peer);
                return None;
            }
            return Some(peer);
        }
        for address in addresses(self.header, headers) {
            let address = address?;
            if !self.trusts(address) {
                return Some(address);
            }
        }
        None
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|proxy| proxy.contains(address))
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
        let (trusted, header) = (&self.trusted, &self.header);
        f.debug_struct("ClientAddrLayer").field("trusted", trusted).field("header", header).finish_non_exhaustive()
    }
}
