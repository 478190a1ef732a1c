use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use http::{Extensions, HeaderMap, HeaderName};
use remint_core::{ClientCertificate, Network};
use tower_layer::Layer;

use super::ClientCertificateService;
use super::header::{Format, Header};

/// States the client's certificate as the extension [`ClientCertificate`], for tokens that are bound to one
/// (`cnf.x5t#S256`, RFC 8705 §3).
///
/// It stands before [`NormalizeLayer`](crate::NormalizeLayer), where a proxy terminates TLS. A server that does so
/// itself puts the SHA-256 of the certificate's DER into the request's extensions, and needs this layer only to
/// take the header away.
///
/// # The decision
///
/// Where the peer of the connection is a [trusted](Self::trusting) proxy, the certificate is the one that the
/// header names, and the connection's own is the proxy's: there is none if the header is not there, there
/// twice, or cannot be read to the last byte. Where the peer is anybody else, or unknown, the header means
/// nothing, and what the server stated stays.
///
/// In either case the header does not go on, nor one that only looks like it (`client_cert`).
///
/// | header | what is read |
/// | --- | --- |
/// | `Client-Cert` (RFC 9440) | the certificate, as a byte sequence; its SHA-256 is taken |
/// | `x-forwarded-client-cert` (Envoy) | `Hash` of the last element |
///
/// # What the deployment must guarantee
///
/// A trusted proxy verifies the certificate, or at least that the client holds its key; it writes the header
/// itself for each request, and takes a client's copy away (Envoy: `SANITIZE_SET`, or `APPEND_FORWARD`).
///
/// # Example
///
/// ```
/// use std::net::SocketAddr;
///
/// use axum::extract::ConnectInfo;
/// use remint_tower::ClientCertificateLayer;
///
/// let layer = ClientCertificateLayer::peer(|extensions| {
///     extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip())
/// })
/// .trusting(["10.0.0.1".parse()?]);
/// # let _: axum::Router = axum::Router::new().layer(layer);
/// # Ok::<(), remint_core::InvalidNetwork>(())
/// ```
#[derive(Clone)]
#[must_use = "a layer does nothing until it wraps a service"]
pub struct ClientCertificateLayer {
    peer: Arc<Peer>,
    trusted: Arc<[Network]>,
    header: Header,
}

type Peer = dyn Fn(&Extensions) -> Option<IpAddr> + Send + Sync;

impl ClientCertificateLayer {
    /// A layer that trusts nobody yet, and takes `Client-Cert` away. `peer` says who connects: servers put it
    /// into the request's extensions, each in a type of its own.
    pub fn peer(peer: impl Fn(&Extensions) -> Option<IpAddr> + Send + Sync + 'static) -> Self {
        let header = Header { name: CLIENT_CERT, format: Format::ClientCert };
        Self { peer: Arc::new(peer), trusted: Arc::default(), header }
    }

    /// Believes `Client-Cert` (RFC 9440) where it was written by these proxies.
    pub fn trusting(self, proxies: impl IntoIterator<Item = Network>) -> Self {
        self.believing(proxies, CLIENT_CERT, Format::ClientCert)
    }

    /// Believes Envoy's `x-forwarded-client-cert` where it was written by these proxies, and `Client-Cert` no
    /// more.
    pub fn trusting_envoy(self, proxies: impl IntoIterator<Item = Network>) -> Self {
        self.believing(proxies, XFCC, Format::Xfcc)
    }

    /// The same under another name of the header.
    pub fn in_header(mut self, name: HeaderName) -> Self {
        self.header.name = name;
        self
    }

    fn believing(self, proxies: impl IntoIterator<Item = Network>, name: HeaderName, format: Format) -> Self {
        Self { trusted: proxies.into_iter().collect(), header: Header { name, format }, ..self }
    }

    /// States it, and takes the header away.
    pub(super) fn settle(&self, extensions: &mut Extensions, headers: &mut HeaderMap) {
        if (self.peer)(extensions).is_some_and(|peer| self.trusts(peer)) {
            match self.header.certificate(headers) {
                Some(certificate) => extensions.insert(certificate),
                None => extensions.remove::<ClientCertificate>(),
            };
        }
        self.header.remove(headers);
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|proxy| proxy.contains(address))
    }
}

impl<S> Layer<S> for ClientCertificateLayer {
    type Service = ClientCertificateService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ClientCertificateService { inner, layer: self.clone() }
    }
}

impl fmt::Debug for ClientCertificateLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (trusted, header) = (&self.trusted, &self.header);
        f.debug_struct("ClientCertificateLayer")
            .field("trusted", trusted)
            .field("header", header)
            .finish_non_exhaustive()
    }
}

const CLIENT_CERT: HeaderName = HeaderName::from_static("client-cert");
const XFCC: HeaderName = HeaderName::from_static("x-forwarded-client-cert");
