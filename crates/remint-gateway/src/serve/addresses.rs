use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use remint::Network;

/// How many connections each address has. An address without one takes no memory.
#[derive(Debug, Clone)]
pub(super) struct Addresses {
    most: u32,
    exempt: Arc<[Network]>,
    counts: Arc<Mutex<HashMap<IpAddr, u32>>>,
}

impl Addresses {
    /// At most so many connections of one address; `exempt` networks are not counted.
    pub(super) fn new(most: u32, exempt: Arc<[Network]>) -> Self {
        Self { most, exempt, counts: Arc::default() }
    }

    /// Counts one more connection of this address until the result is dropped; `None` if it has as many as it may.
    pub(super) fn take(&self, address: IpAddr) -> Option<Taken> {
        if self.exempt.iter().any(|network| network.contains(address)) {
            return Some(Taken { counted: None });
        }
        let client = client(address);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(client).or_default();
        if *count >= self.most {
            return None;
        }
        *count = count.saturating_add(1);
        Some(Taken { counted: Some((self.clone(), client)) })
    }

    fn give_back(&self, client: IpAddr) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut count) = counts.entry(client) {
            match count.get().saturating_sub(1) {
                0 => drop(count.remove()),
                left => *count.get_mut() = left,
            }
        }
    }
}

/// A connection that is counted.
#[derive(Debug)]
pub(super) struct Taken {
    counted: Option<(Addresses, IpAddr)>,
}

impl Drop for Taken {
    fn drop(&mut self) {
        if let Some((addresses, client)) = &self.counted {
            addresses.give_back(*client);
        }
    }
}

/// What counts as one client: an IPv4 address, or an IPv6 network of 64 bits, which is what one subscriber gets.
fn client(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn two_each(exempt: &[&str]) -> Addresses {
        Addresses::new(2, exempt.iter().map(|network| network.parse().unwrap()).collect())
    }

    #[test]
    fn an_address_has_no_more_connections_than_it_may_and_others_have_theirs() {
        let addresses = two_each(&[]);
        let first = addresses.take(address("192.0.2.1"));
        // The same address, as a socket for both families shows it.
        let second = addresses.take(address("::ffff:192.0.2.1"));
        assert!(first.is_some() && second.is_some());
        assert!(addresses.take(address("192.0.2.1")).is_none());
        assert!(addresses.take(address("192.0.2.2")).is_some());
        drop(first);
        assert!(addresses.take(address("192.0.2.1")).is_some());
    }

    #[test]
    fn an_ipv6_network_of_64_bits_is_one_client() {
        let addresses = two_each(&[]);
        let held: Vec<_> = ["2001:db8::1", "2001:db8::2"].map(|text| addresses.take(address(text))).into();
        assert!(held.iter().all(Option::is_some));
        assert!(addresses.take(address("2001:db8::ffff:0:0:3")).is_none());
        assert!(addresses.take(address("2001:db8:0:1::1")).is_some());
    }

    #[test]
    fn exempt_networks_are_not_counted() {
        let addresses = two_each(&["127.0.0.0/8"]);
        let held: Vec<_> = (0..100).map(|_| addresses.take(address("127.0.0.1"))).collect();
        assert!(held.iter().all(Option::is_some));
        assert!(addresses.counts.lock().unwrap().is_empty());
    }

    #[test]
    fn an_address_without_a_connection_takes_no_memory() {
        let addresses = two_each(&[]);
        for last in 0..=255 {
            let held = addresses.take(IpAddr::from([192, 0, 2, last]));
            assert_eq!(addresses.counts.lock().unwrap().len(), 1);
            drop(held);
        }
        assert!(addresses.counts.lock().unwrap().is_empty());
    }
}
