use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use remint::Network;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::addresses::{Addresses, Taken};
use crate::settings::Limits;

/// Which connections a listener serves: so many at once, so many of one address, and beyond them a few that are
/// there for health checks alone. Connections of those who follow the revocation log are beside them.
#[derive(Debug)]
pub(super) struct Admission {
    limits: Limits,
    slots: Arc<Semaphore>,
    clients: Addresses,
    reserve: Arc<Semaphore>,
    /// Those of the reserve, of which one address gets no second one.
    checkers: Addresses,
    followers: Arc<Semaphore>,
    warning: Warning,
}

/// A place for the next connection.
#[derive(Debug)]
pub(super) struct Place {
    is_reserve: bool,
    _permit: OwnedSemaphorePermit,
}

/// A connection that is served. Its place is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Admitted {
    is_reserve: bool,
    seat: Mutex<Seat>,
    followers: Arc<Semaphore>,
}

/// Where a connection is counted.
#[derive(Debug)]
enum Seat {
    Client { _place: Place, _address: Option<Taken> },
    Follower { _permit: OwnedSemaphorePermit },
}

impl Admission {
    /// `exempt` networks have as many connections as there are.
    pub(super) fn new(limits: Limits, exempt: Arc<[Network]>) -> Self {
        let slots = usize::try_from(limits.max_connections).unwrap_or(Semaphore::MAX_PERMITS);
        Self {
            limits,
            slots: Arc::new(Semaphore::new(slots)),
            clients: Addresses::new(limits.max_connections_per_address, Arc::clone(&exempt)),
            reserve: Arc::new(Semaphore::new(RESERVE)),
            checkers: Addresses::new(1, exempt),
            followers: Arc::new(Semaphore::new(FOLLOWERS)),
            warning: Warning::default(),
        }
    }

    /// A place, when there is one; `None`: nobody is served any more.
    pub(super) async fn place(&self) -> Option<Place> {
        let (is_reserve, permit) = tokio::select! {
            biased;
            slot = Arc::clone(&self.slots).acquire_owned() => (false, slot),
            reserve = Arc::clone(&self.reserve).acquire_owned() => (true, reserve),
        };
        permit.ok().map(|permit| Place { is_reserve, _permit: permit })
    }

    /// The connection of this client, in this place; `None` if the client has as many as it may. A client without
    /// an address is not counted.
    pub(super) fn admit(&self, mut place: Place, client: Option<IpAddr>) -> Option<Admitted> {
        // A slot may have become free since.
        if place.is_reserve
            && let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned()
        {
            place = Place { is_reserve: false, _permit: slot };
        }
        let Some(client) = client else { return Some(self.admitted(place, None)) };
        let addresses = if place.is_reserve { &self.checkers } else { &self.clients };
        let taken = addresses.take(client);
        if taken.is_none() {
            self.warning.tell(client, self.limits.max_connections_per_address);
        }
        taken.map(|taken| self.admitted(place, Some(taken)))
    }

    fn admitted(&self, place: Place, address: Option<Taken>) -> Admitted {
        let is_reserve = place.is_reserve;
        let seat = Mutex::new(Seat::Client { _place: place, _address: address });
        Admitted { is_reserve, seat, followers: Arc::clone(&self.followers) }
    }

    /// Completes when the last connection has ended, and lets no other in.
    pub(super) async fn ended(&self) {
        let all = |places: usize| u32::try_from(places).unwrap_or(u32::MAX);
        let slots = self.slots.acquire_many(self.limits.max_connections);
        let (reserve, followers) =
            (self.reserve.acquire_many(all(RESERVE)), self.followers.acquire_many(all(FOLLOWERS)));
        _ = tokio::join!(slots, reserve, followers);
    }
}

impl Admitted {
    /// Whether only health checks are answered.
    pub(super) const fn is_for_health_checks(&self) -> bool {
        self.is_reserve
    }

    /// From now on it is the connection of one who follows the revocation log: it takes no place from other
    /// clients. `false`: there is no room for one more.
    pub(super) fn follows(&self) -> bool {
        let mut seat = self.seat.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*seat, Seat::Follower { .. }) {
            return true;
        }
        let Ok(permit) = Arc::clone(&self.followers).try_acquire_owned() else { return false };
        *seat = Seat::Follower { _permit: permit };
        true
    }
}

/// One line of the log in a minute, however many connections are refused.
#[derive(Debug, Default)]
struct Warning(Mutex<Option<Instant>>);

impl Warning {
    fn tell(&self, client: IpAddr, most: u32) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|last| last.elapsed() < MINUTE) {
            return;
        }
        *last = Some(Instant::now());
        tracing::warn!(
            target: "remint",
            %client,
            "an address has too many connections: more are closed at once. If it is a proxy, name it in \
             listen.trusted_proxies; otherwise raise listen.max_connections_per_address ({most})"
        );
    }
}

/// Beyond `max_connections`.
const RESERVE: usize = 8;
/// Beside them.
const FOLLOWERS: usize = 256;
const MINUTE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        read_timeout: Duration::from_secs(30),
        idle_timeout: Duration::from_secs(60),
        max_connections: 3,
        max_connections_per_address: 2,
    };

    async fn connect(admission: &Admission, client: &str) -> Option<Admitted> {
        let place = admission.place().await.unwrap();
        admission.admit(place, Some(client.parse().unwrap()))
    }

    #[tokio::test]
    async fn beyond_the_slots_there_is_a_reserve_for_health_checks_of_which_an_address_gets_one() {
        let admission = Admission::new(LIMITS, Arc::default());
        let mut held = Vec::new();
        for client in ["192.0.2.1", "192.0.2.1", "192.0.2.2"] {
            held.push(connect(&admission, client).await.unwrap());
        }
        assert!(held.iter().all(|held| !held.is_for_health_checks()));
        let checker = connect(&admission, "192.0.2.3").await.unwrap();
        assert!(checker.is_for_health_checks());
        assert!(connect(&admission, "192.0.2.3").await.is_none(), "an address took two of the reserve");
        // As soon as a slot is free, the next client gets that.
        held.pop();
        assert!(!connect(&admission, "192.0.2.3").await.unwrap().is_for_health_checks());
    }

    #[tokio::test]
    async fn those_who_follow_the_log_take_no_place_from_others() {
        let admission = Admission::new(LIMITS, Arc::default());
        let mut followers = Vec::new();
        for _ in 0..FOLLOWERS {
            let follower = connect(&admission, "192.0.2.1").await.unwrap();
            assert!(!follower.is_for_health_checks() && follower.follows() && follower.follows());
            followers.push(follower);
        }
        let held = [connect(&admission, "192.0.2.1").await.unwrap(), connect(&admission, "192.0.2.1").await.unwrap()];
        assert!(held.iter().all(|held| !held.is_for_health_checks()));
        assert!(!held[0].follows(), "one more than there may be");
        followers.pop();
        assert!(held[0].follows());
        assert!(!connect(&admission, "192.0.2.1").await.unwrap().is_for_health_checks(), "its place is free");
    }

    #[tokio::test]
    async fn who_is_in_the_reserve_may_follow_and_leaves_it() {
        let admission = Admission::new(LIMITS, Arc::default());
        let mut held = Vec::new();
        for client in ["192.0.2.1", "192.0.2.1", "192.0.2.2"] {
            held.push(connect(&admission, client).await.unwrap());
        }
        for _ in 0..2 * RESERVE {
            let follower = connect(&admission, "192.0.2.3").await.unwrap();
            assert!(follower.is_for_health_checks() && follower.follows());
            held.push(follower);
        }
        drop(held);
        tokio::time::timeout(Duration::from_secs(10), admission.ended()).await.unwrap();
    }

    #[tokio::test]
    async fn an_address_with_too_many_connections_takes_no_slot_of_others() {
        let admission = Admission::new(LIMITS, Arc::default());
        let held = [connect(&admission, "192.0.2.1").await, connect(&admission, "192.0.2.1").await];
        for _ in 0..100 {
            assert!(connect(&admission, "192.0.2.1").await.is_none());
        }
        assert!(!connect(&admission, "192.0.2.2").await.unwrap().is_for_health_checks());
        drop(held);
    }

    #[tokio::test]
    async fn exempt_networks_may_take_every_slot() {
        let admission = Admission::new(LIMITS, Arc::from(["127.0.0.0/8".parse().unwrap()]));
        let mut held = Vec::new();
        for _ in 0..LIMITS.max_connections {
            held.push(connect(&admission, "127.0.0.1").await.unwrap());
        }
        assert!(connect(&admission, "127.0.0.1").await.unwrap().is_for_health_checks());
    }
}
