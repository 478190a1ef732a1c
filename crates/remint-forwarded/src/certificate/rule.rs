use std::net::IpAddr;

use http::HeaderName;
use remint_core::{ClientCertificate, Network};
use remint_credential::{HeaderLines, header_values};

use super::format::Format;
use crate::proxies::Proxies;

/// The client's certificate, by what the connection found and by what trusted proxies say.
///
/// # The decision
///
/// Where the peer of the connection is a [trusted](Self::trusting) proxy, the certificate is the one that the
/// header names, and the connection's own is the proxy's: there is none if the header is not there, there
/// twice, or cannot be read to the last byte. Where the peer is anybody else, or unknown, the header means
/// nothing, and what the connection found stays.
///
/// In either case the header [is to be taken away](Self::is_header), as is one that only looks like it (`client_cert`).
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
#[derive(Debug, Clone)]
pub struct ForwardedCertificate {
    trusted: Proxies,
    name: HeaderName,
    format: Format,
}

impl ForwardedCertificate {
    /// Trusts no proxy yet. Its header is `Client-Cert`.
    #[must_use]
    pub fn new() -> Self {
        Self { trusted: Proxies::default(), name: CLIENT_CERT, format: Format::ClientCert }
    }

    /// Believes `Client-Cert` (RFC 9440) where it was written by these proxies.
    #[must_use]
    pub fn trusting(self, proxies: impl IntoIterator<Item = Network>) -> Self {
        Self { trusted: proxies.into_iter().collect(), name: CLIENT_CERT, format: Format::ClientCert }
    }

    /// Believes Envoy's `x-forwarded-client-cert` where it was written by these proxies, and `Client-Cert` no
    /// more.
    #[must_use]
    pub fn trusting_envoy(self, proxies: impl IntoIterator<Item = Network>) -> Self {
        Self { trusted: proxies.into_iter().collect(), name: XFCC, format: Format::Xfcc }
    }

    /// The same under another name of the header.
    #[must_use]
    pub fn in_header(self, name: HeaderName) -> Self {
        Self { name, ..self }
    }

    /// The certificate that the client proved to hold. `peer` is the connection's, if it is known; `own` is what the
    /// connection's own TLS found.
    #[must_use]
    pub fn certificate<H: HeaderLines + ?Sized>(
        &self,
        peer: Option<IpAddr>,
        own: Option<ClientCertificate>,
        headers: &H,
    ) -> Option<ClientCertificate> {
        if peer.is_some_and(|peer| self.trusted.contain(peer)) { self.named(headers) } else { own }
    }

    /// Whether a header of this name is the one that names certificates, or would be taken for it where `_` is read as
    /// `-`. No such header may go on, from any peer.
    #[must_use]
    pub fn is_header(&self, name: &[u8]) -> bool {
        let ours = self.name.as_str();
        ours.len() == name.len() && ours.bytes().zip(name).all(|(ours, theirs)| folded(ours) == folded(*theirs))
    }

    /// The certificate in the one line of the header; none if there are more, or if it cannot be read.
    fn named<H: HeaderLines + ?Sized>(&self, headers: &H) -> Option<ClientCertificate> {
        let mut lines = header_values(headers, self.name.as_str());
        let (Some(line), None) = (lines.next(), lines.next()) else { return None };
        self.format.read(line)
    }
}

impl Default for ForwardedCertificate {
    fn default() -> Self {
        Self::new()
    }
}

const fn folded(byte: u8) -> u8 {
    if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() }
}

const CLIENT_CERT: HeaderName = HeaderName::from_static("client-cert");
const XFCC: HeaderName = HeaderName::from_static("x-forwarded-client-cert");
