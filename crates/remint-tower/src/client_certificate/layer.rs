use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use http::{Extensions, HeaderMap, HeaderName};
use remint_core::{ClientCertificate, Network};
use remint_forwarded::ForwardedCertificate;
use tower_layer::Layer;

use super::ClientCertificateService;

/// States the client's certificate as the extension [`ClientCertificate`], for tokens that are bound to one
/// (`cnf.x5t#S256`, RFC 8705 §3).
///
/// It stands before [`NormalizeLayer`](crate::NormalizeLayer), where a proxy terminates TLS. A server that does so
/// itself puts the SHA-256 of the certificate's DER into the request's extensions, and needs this layer only to
/// take the header away.
///
/// # The decision
///
/// [`ForwardedCertificate`] says which certificate it is: of a trusted proxy, the one that its header names, or none;
/// of anybody else, the one that the server stated. In either case the header does not go on, nor one that only looks
/// like it (`client_cert`).
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
    rule: ForwardedCertificate,
}

type Peer = dyn Fn(&Extensions) -> Option<IpAddr> + Send + Sync;

impl ClientCertificateLayer {
    /// A layer that trusts nobody yet, and takes `Client-Cert` away. `peer` says who connects: servers put it
    /// into the request's extensions, each in a type of its own.
    pub fn peer(peer: impl Fn(&Extensions) -> Option<IpAddr> + Send + Sync + 'static) -> Self {
        Self { peer: Arc::new(peer), rule: ForwardedCertificate::new() }
    }

    /// Believes `Client-Cert` (RFC 9440) where it was written by these proxies.
    pub fn trusting(self, proxies: impl IntoIterator<Item = Network>) -> Self {
        Self { rule: self.rule.trusting(proxies), ..self }
    }

    /// Believes Envoy's `x-forwarded-client-cert` where it was written by these proxies, and `Client-Cert` no
    /// more.
    pub fn trusting_envoy(self, proxies: impl IntoIterator<Item = Network>) -> Self {
        Self { rule: self.rule.trusting_envoy(proxies), ..self }
    }

    /// The same under another name of the header.
    pub fn in_header(self, name: HeaderName) -> Self {
        Self { rule: self.rule.in_header(name), ..self }
    }

    /// States it, and takes the header away.
    pub(super) fn settle(&self, extensions: &mut Extensions, headers: &mut HeaderMap) {
        let own = extensions.get::<ClientCertificate>().copied();
        match self.rule.certificate((self.peer)(extensions), own, headers) {
            Some(certificate) => extensions.insert(certificate),
            None => extensions.remove(),
        };
        let alike: Vec<HeaderName> =
            headers.keys().filter(|name| self.rule.is_header(name.as_str().as_bytes())).cloned().collect();
        for name in alike {
            headers.remove(name);
        }
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
        f.debug_struct("ClientCertificateLayer").field("rule", &self.rule).finish_non_exhaustive()
    }
}
