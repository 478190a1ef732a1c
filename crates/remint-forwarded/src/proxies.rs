use std::net::IpAddr;
use std::sync::Arc;

use remint_core::Network;

/// The proxies that are trusted. A clone is another handle.
#[derive(Debug, Clone, Default)]
pub(crate) struct Proxies(Arc<[Network]>);

impl Proxies {
    pub(crate) fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|proxy| proxy.contains(address))
    }
}

impl FromIterator<Network> for Proxies {
    fn from_iter<T: IntoIterator<Item = Network>>(networks: T) -> Self {
        Self(networks.into_iter().collect())
    }
}
