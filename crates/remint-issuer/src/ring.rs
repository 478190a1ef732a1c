use std::sync::Arc;

use remint_core::Timestamp;
use remint_jwt::{Jwk, SigningKey};

use crate::schedule::Schedule;

/// A signing key and the moment from which it signs.
#[derive(Debug, Clone)]
pub(crate) struct RingKey {
    pub(crate) activates_at: Timestamp,
    pub(crate) key: Arc<SigningKey>,
}

/// The keys in the order in which they sign. It is replaced as a whole, never changed.
#[derive(Debug, Default)]
pub(crate) struct Ring(Vec<RingKey>);

impl Ring {
    /// Orders the keys; the same key twice counts once, from its first moment.
    pub(crate) fn new(mut keys: Vec<RingKey>) -> Self {
        keys.sort_by(|a, b| (a.activates_at, a.key.key_id()).cmp(&(b.activates_at, b.key.key_id())));
        let mut ring: Vec<RingKey> = Vec::with_capacity(keys.len());
        for key in keys {
            if ring.iter().all(|other| other.key.key_id() != key.key.key_id()) {
                ring.push(key);
            }
        }
        Self(ring)
    }

    pub(crate) fn keys(&self) -> &[RingKey] {
        &self.0
    }

    /// The key that signs at `now`: the last one that was activated. Should the clock have gone
    /// back behind all of them, the first one.
    pub(crate) fn signing(&self, now: Timestamp) -> Option<&Arc<SigningKey>> {
        let active = self.0.iter().rev().find(|ring_key| ring_key.activates_at <= now);
        active.or_else(|| self.0.first()).map(|ring_key| &ring_key.key)
    }

    /// The keys to publish at `now`: all but those whose last token has expired.
    pub(crate) fn published(&self, now: Timestamp, schedule: &Schedule) -> Vec<Jwk> {
        let (live, _) = self.split_retired(now, schedule);
        live.into_iter().map(|ring_key| ring_key.key.public_jwk().clone()).collect()
    }

    /// Those still needed, and those whose last token has expired.
    pub(crate) fn split_retired(&self, now: Timestamp, schedule: &Schedule) -> (Vec<RingKey>, Vec<RingKey>) {
        let successors = self.0.iter().skip(1).map(Some).chain([None]);
        let (mut live, mut retired) = (Vec::new(), Vec::new());
        for (ring_key, successor) in self.0.iter().zip(successors) {
            let ended = successor.is_some_and(|next| schedule.needed_until(next.activates_at) <= now);
            if ended { &mut retired } else { &mut live }.push(ring_key.clone());
        }
        (live, retired)
    }
}
