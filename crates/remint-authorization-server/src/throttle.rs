use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::Extensions;
use remint_core::{ClientAddr, PeerAddr, Timestamp, length_prefixed};
use sha2::{Digest as _, Sha256};

/// Counts failed attempts to authenticate, by client and address. Too many are answered with 429; the right
/// secret is never asked for less.
///
/// Each may fail [`BURST`] times at once, and then once in [`EVERY`]. Ids of no client are counted apart from
/// those of clients, so that made-up ids fill no place but their own.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    known: Mutex<Failures>,
    unknown: Mutex<Failures>,
}

/// The moment at which all failures of each so far are forgotten.
type Failures = HashMap<[u8; 16], Timestamp>;

impl Throttle {
    /// Counts one failure; the time to wait if there were too many. `is_known`: there is such a client.
    pub(crate) fn failed(
        &self,
        client: &str,
        is_known: bool,
        address: Option<IpAddr>,
        now: Timestamp,
    ) -> Option<Duration> {
        let failures = if is_known { &self.known } else { &self.unknown };
        let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
        let key = key(client, address);
        if has_room(&mut failures, &key, now) {
            return count(&mut failures, key, now);
        }
        if !is_known {
            // So many fail at once that nobody can be told from the others.
            return Some(EVERY);
        }
        // From so many addresses that no further one has a place: each client has one of its own for them.
        // There are as many clients as there are in the settings.
        count(&mut failures, self::key(client, None), now)
    }
}

/// By which address failures are counted: the client's, or that of the socket's peer where none is stated.
pub(crate) fn counted_by(extensions: &Extensions) -> Option<IpAddr> {
    let client = extensions.get::<ClientAddr>().map(|stated| stated.0);
    client.or_else(|| extensions.get::<PeerAddr>().map(|peer| peer.0))
}

/// Whether this one is counted already, or there is room for one more.
fn has_room(failures: &mut Failures, key: &[u8; 16], now: Timestamp) -> bool {
    if failures.contains_key(key) || failures.len() < MAX_ENTRIES {
        return true;
    }
    failures.retain(|_, end| *end > now);
    failures.len() < MAX_ENTRIES
}

fn count(failures: &mut Failures, key: [u8; 16], now: Timestamp) -> Option<Duration> {
    let end = failures.entry(key).or_insert(now);
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

/// An IPv6 client owns a network of 64 bits (RFC 4291 §2.5.1), and could fail from each address of it.
fn key(client: &str, address: Option<IpAddr>) -> [u8; 16] {
    let mut hash = Sha256::new();
    length_prefixed([client], |bytes| hash.update(bytes));
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
        let failed = |now| throttle.failed("edge", true, address("192.0.2.1"), now);
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
            throttle.failed("edge", true, address("192.0.2.1"), now);
        }
        assert!(throttle.failed("edge", true, address("192.0.2.1"), now).is_some());
        assert_eq!(throttle.failed("other", true, address("192.0.2.1"), now), None);
        assert_eq!(throttle.failed("edge", true, address("192.0.2.2"), now), None);
    }

    #[test]
    fn the_addresses_of_one_ipv6_network_count_as_one() {
        let (throttle, now) = (Throttle::default(), Timestamp::from_secs(1000));
        for last in 0..10 {
            assert_eq!(throttle.failed("edge", true, address(&format!("2001:db8::{last}")), now), None);
        }
        assert!(throttle.failed("edge", true, address("2001:db8::ffff"), now).is_some());
        assert_eq!(throttle.failed("edge", true, address("2001:db8:0:1::1"), now), None);
    }

    #[test]
    fn made_up_ids_fill_no_place_of_a_client() {
        let (throttle, now) = (Throttle::default(), Timestamp::from_secs(1000));
        for client in 0..=MAX_ENTRIES {
            let over = throttle.failed(&format!("made-up-{client}"), false, address("192.0.2.1"), now);
            assert_eq!(over.is_some(), client == MAX_ENTRIES);
        }
        for _ in 0..10 {
            assert_eq!(throttle.failed("edge", true, address("192.0.2.1"), now), None);
        }
        assert!(throttle.failed("edge", true, address("192.0.2.1"), now).is_some());
    }

    #[test]
    fn one_client_guessed_at_from_everywhere_leaves_the_others_their_failures() {
        let (throttle, now) = (Throttle::default(), Timestamp::from_secs(1000));
        let anywhere = |n: usize| Some(IpAddr::V6(((n as u128) << 64).into()));
        for n in 0..MAX_ENTRIES {
            assert_eq!(throttle.failed("edge", true, anywhere(n), now), None);
        }
        let overflow = (0..20).filter(|n| throttle.failed("edge", true, anywhere(MAX_ENTRIES + n), now).is_none());
        assert_eq!(overflow.count(), 10, "a client's further addresses share one place");
        for _ in 0..10 {
            assert_eq!(throttle.failed("other", true, address("192.0.2.1"), now), None);
        }
        assert!(throttle.failed("other", true, address("192.0.2.1"), now).is_some());
        assert!(throttle.failed("edge", true, anywhere(0), now).is_none(), "who has a place keeps it");
    }

    #[test]
    fn memory_is_bounded() {
        let (throttle, now) = (Throttle::default(), Timestamp::from_secs(1000));
        for is_known in [true, false] {
            for n in 0..MAX_ENTRIES + 100 {
                throttle.failed("edge", is_known, Some(IpAddr::V6(((n as u128) << 64).into())), now);
            }
        }
        assert_eq!(throttle.known.lock().unwrap().len(), MAX_ENTRIES + 1);
        assert_eq!(throttle.unknown.lock().unwrap().len(), MAX_ENTRIES);
        let later = now.saturating_add(EVERY);
        assert_eq!(throttle.failed("one more", false, None, later), None);
        assert_eq!(throttle.unknown.lock().unwrap().len(), 1);
    }
}
