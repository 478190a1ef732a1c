use std::net::IpAddr;
use std::sync::Arc;

use remint_core::Network;
use remint_credential::HeaderLines;

use super::elements::{Header, addresses, forwards};
use super::warning::Warning;
use crate::proxies::Proxies;

/// The client's address, by who connects and by what trusted proxies say. A clone is another handle.
///
/// # The decision
///
/// The client is the peer of the connection, unless the peer forwards for others. A peer forwards if it is a
/// proxy that is [trusted](Self::trusting), or if it sends `X-Forwarded-For` or `Forwarded`. Of a trusted proxy
/// the addresses in the header that the proxies write are read from the right, and the client is the first that is not
/// a trusted proxy's. What stands to the left of it was not written by a trusted proxy, and is never read.
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
/// Other headers, such as `X-Real-IP`, mean nothing.
#[derive(Debug, Clone)]
pub struct ForwardedAddress {
    trusted: Proxies,
    header: Header,
    warning: Arc<Warning>,
}

impl ForwardedAddress {
    /// Trusts no proxy: the client is the peer of the connection.
    #[must_use]
    pub fn new() -> Self {
        Self { trusted: Proxies::default(), header: Header::XForwardedFor, warning: Arc::default() }
    }

    /// Believes `X-Forwarded-For` where it was written by these proxies.
    #[must_use]
    pub fn trusting(self, proxies: impl IntoIterator<Item = Network>) -> Self {
        Self { trusted: proxies.into_iter().collect(), header: Header::XForwardedFor, ..self }
    }

    /// Believes `Forwarded` (RFC 7239) where it was written by these proxies, and `X-Forwarded-For` no
    /// more: of the two, a proxy that writes one lets a client's copy of the other through.
    #[must_use]
    pub fn trusting_forwarded(self, proxies: impl IntoIterator<Item = Network>) -> Self {
        Self { trusted: proxies.into_iter().collect(), header: Header::Forwarded, ..self }
    }

    /// The client's address. `peer` is the connection's, if it is known.
    #[must_use]
    pub fn client<H: HeaderLines + ?Sized>(&self, peer: Option<IpAddr>, headers: &H) -> Option<IpAddr> {
        let peer = peer?.to_canonical();
        if !self.trusted.contain(peer) {
            if forwards(headers) {
                self.warning.forwards(peer);
                return None;
            }
            return Some(peer);
        }
        for address in addresses(self.header, headers) {
            let address = address?;
            if !self.trusted.contain(address) {
                return Some(address);
            }
        }
        None
    }
}

impl Default for ForwardedAddress {
    fn default() -> Self {
        Self::new()
    }
}
