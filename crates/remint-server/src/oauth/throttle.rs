use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use remint_core::Timestamp;
use sha2::{Digest as _, Sha256};

/// Counts failed attempts to authenticate, by client and address: who guesses is told so, whoever has the
/// right secret is never asked.
///
/// Each may fail [`BURST`] times at once, and then once in [`EVERY`].
#[derive(Debug, Default)]
pub(super) struct Throttle(Mutex<HashMap<[u8; 16], Timestamp>>);

impl Throttle {
    /// Counts one failure; the time to wait if there were too many.
    pub(super) fn failed(&self, client: &str, address: Option<IpAddr>, now: Timestamp) -> Option<Duration> {
        let mut until = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if until.len() >= MAX_ENTRIES {
            until.retain(|_, end| *end > now);
            if until.len() >= MAX_ENTRIES {
                // So many fail at once that nobody can be told from the others.
                return Some(EVERY);
            }
        }
        // The moment at which all failures so far are forgotten.
        let end = until.entry(key(client, address)).or_insert(now);
        let next = (*end).max(now).saturating_add(EVERY);
        let over = next.saturating_duration_since(now).checked_sub(EVERY.saturating_mul(BURST));
        match over {
            Some(over) if !over.is_zero() => Some(over),
            _ => {
                *end = next;
                None
            }
        }
    }
}

/// An IPv6 client owns a network of 64 bits (RFC 4291 §2.5.1), and could fail from each address of it.
fn key(client: &str, address: Option<IpAddr>) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update((client.len() as u64).to_be_bytes());
    hash.update(client);
    match address {
        None => {}
        Some(IpAddr::V4(address)) => hash.update(address.octets()),
        Some(IpAddr::V6(address)) => hash.update(address.octets().first_chunk::<8>().unwrap_or(&[0; 8])),
    }
    let digest: [u8; 32] = hash.finalize().into();
    *digest.first_chunk().unwrap_or(&[0; 16])
}

const BURST: u32 = 10;
const EVERY: Duration = Duration::from_secs(6);
const MAX_ENTRIES: usize = 16_384;

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn ten_failures_at_once_and_then_one_in_six_seconds() {
        let (throttle, start) = (Throttle::default(), Timestamp::from_secs(1000));
        let failed = |now| throttle.failed("edge", address("192.0.2.1"), now);
        for _ in 0..10 {
            assert_eq!(failed(start), None);
        }
        assert_eq!(failed(start), Some(Duration::from_secs(6)));
        assert_eq!(failed(start.saturating_add(Duration::from_secs(6))), None);
        assert!(failed(start.saturating_add(Duration::from_secs(6))).is_some());
    }

    #[test]
    fn another_client_and_another_address_have_failures_of_their_own() {
        let (throttle, now) = (Throttle::default(), Timestamp::from_secs(1000));
        for _ in 0..11 {
            throttle.failed("edge", address("192.0.2.1"), now);
        }
        assert!(throttle.failed("edge", address("192.0.2.1"), now).is_some());
        assert_eq!(throttle.failed("other", address("192.0.2.1"), now), None);
        assert_eq!(throttle.failed("edge", address("192.0.2.2"), now), None);
    }

    #[test]
    fn the_addresses_of_one_ipv6_network_count_as_one() {
        let (throttle, now) = (Throttle::default(), Timestamp::from_secs(1000));
        for last in 0..10 {
            assert_eq!(throttle.failed("edge", address(&format!("2001:db8::{last}")), now), None);
        }
        assert!(throttle.failed("edge", address("2001:db8::ffff"), now).is_some());
        assert_eq!(throttle.failed("edge", address("2001:db8:0:1::1"), now), None);
    }

    #[test]
    fn memory_is_bounded() {
        let (throttle, now) = (Throttle::default(), Timestamp::from_secs(1000));
        for client in 0..MAX_ENTRIES {
            assert_eq!(throttle.failed(&client.to_string(), None, now), None);
        }
        assert_eq!(throttle.failed("one more", None, now), Some(EVERY));
        assert_eq!(throttle.failed("one more", None, now.saturating_add(EVERY)), None);
        assert!(throttle.0.lock().unwrap().len() <= MAX_ENTRIES);
    }
}
