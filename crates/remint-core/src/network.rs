use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// A network in CIDR notation (RFC 4632, RFC 4291 §2.3): `192.0.2.0/24`, `2001:db8::/32`, or one
/// address by itself.
///
/// An IPv4 address is in its network also when it comes mapped into IPv6 (`::ffff:192.0.2.1`), as
/// sockets that listen on both families show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network(IpNet);

impl Network {
    /// Whether the address is in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    /// Whether every address of `other` is in it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.0.contains(&other.0)
    }
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    /// Host bits are dropped: `192.0.2.7/24` is `192.0.2.0/24`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let network = match text.parse::<IpNet>() {
            Ok(network) => network,
            Err(_) => IpNet::from(text.parse::<IpAddr>().map_err(|_| InvalidNetwork)?),
        };
        // A mapped network would hold no canonical address, and so nobody.
        match network {
            IpNet::V6(v6) if v6.addr().to_ipv4_mapped().is_some() => Err(InvalidNetwork),
            _ => Ok(Self(network.trunc())),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for Network {
    type Error = InvalidNetwork;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

/// A text that is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a network must be in CIDR notation, such as `192.0.2.0/24` or `2001:db8::/32`")]
pub struct InvalidNetwork;

/// The client's address, as an extension of the request.
///
/// It is something the adapter states, who knows the connection and the proxies in front of it;
/// no header becomes one by itself. A key that is bound to networks is refused without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddr(pub IpAddr);

/// The address of the socket's peer, as an extension of the request: the client's, or a proxy's.
///
/// It is for counting failures where no [`ClientAddr`] is stated. No credential that is bound to networks
/// passes by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PeerAddr(pub IpAddr);

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_is_in_its_network_also_when_it_comes_mapped() {
        let addresses = [("192.0.2.9", true), ("192.0.3.9", false), ("::ffff:192.0.2.9", true), ("2001:db8::1", false)];
        for (address, inside) in addresses {
            assert_eq!(network("192.0.2.0/24").contains(address.parse().unwrap()), inside, "{address}");
        }
        assert!(network("2001:db8::/32").contains("2001:db8:1::1".parse().unwrap()));
        assert!(!network("2001:db8::/32").contains("192.0.2.9".parse().unwrap()));
    }

    #[test]
    fn a_network_has_one_spelling() {
        assert_eq!(network("192.0.2.7/24").to_string(), "192.0.2.0/24");
        assert_eq!(network("192.0.2.7").to_string(), "192.0.2.7/32");
        assert_eq!(network("2001:DB8::/32").to_string(), "2001:db8::/32");
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "192.0.2.0/33", "192.0.2", "example.com", "::ffff:192.0.2.0/120", "10.0.0.0/8 ", "10.0.0.0/-1"]
        {
            assert_eq!(text.parse::<Network>(), Err(InvalidNetwork), "{text}");
        }
    }

    #[test]
    fn a_network_covers_itself_and_what_is_in_it() {
        for (outer, inner, covered) in [
            ("192.0.2.0/24", "192.0.2.0/24", true),
            ("192.0.2.0/24", "192.0.2.128/25", true),
            ("192.0.2.0/24", "192.0.2.7", true),
            ("192.0.2.0/25", "192.0.2.0/24", false),
            ("192.0.2.0/24", "198.51.100.0/24", false),
            ("0.0.0.0/0", "::/0", false),
            ("::/0", "192.0.2.7", false),
            ("2001:db8::/32", "2001:db8:1::/48", true),
        ] {
            assert_eq!(network(outer).covers(&network(inner)), covered, "{outer} {inner}");
        }
    }
}
