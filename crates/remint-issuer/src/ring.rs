use std::sync::{Arc, OnceLock};

use remint_core::Timestamp;
use remint_jwt::{JwkSet, SigningKey};

use crate::ring_key::RingKey;
use crate::schedule::Schedule;
use crate::{KeyState, KeyStatus};

/// The keys in the order in which they sign. It is replaced as a whole, never changed.
#[derive(Debug, Default)]
pub(crate) struct Ring {
    keys: Vec<RingKey>,
    /// The public keys from each place on, prepared when they are first asked for: keys retire in
    /// the order in which they signed, so that what is published is always a tail.
    tails: Vec<OnceLock<Arc<JwkSet>>>,
}

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
        Self { tails: vec![OnceLock::new(); ring.len()], keys: ring }
    }

    pub(crate) fn keys(&self) -> &[RingKey] {
        &self.keys
    }

    /// The key that signs at `now`: the last one that was activated. Should the clock have gone
    /// back behind all of them, the first one.
    pub(crate) fn signing(&self, now: Timestamp) -> Option<&Arc<SigningKey>> {
        let active = self.keys.iter().rev().find(|ring_key| ring_key.activates_at <= now);
        active.or_else(|| self.keys.first()).map(|ring_key| &ring_key.key)
    }

    /// What each of the published keys does at `now`.
    pub(crate) fn list(&self, now: Timestamp, schedule: &Schedule) -> Vec<KeyStatus> {
        let signing = self.signing(now).map(|key| key.key_id());
        let mut before = true;
        let status = |ring_key: &RingKey| {
            let key = &ring_key.key;
            let state = if signing == Some(key.key_id()) {
                before = false;
                KeyState::Signing
            } else if before {
                KeyState::Published
            } else {
                KeyState::Next
            };
            KeyStatus {
                key_id: key.key_id().to_owned(),
                algorithm: Some(key.algorithm()),
                activates_at: Some(ring_key.activates_at),
                state,
                public: key.public_jwk().clone(),
            }
        };
        self.keys.iter().skip(self.retired(now, schedule)).map(status).collect()
    }

    /// The keys to publish at `now`: all but those whose last token has expired.
    pub(crate) fn published(&self, now: Timestamp, schedule: &Schedule) -> Arc<JwkSet> {
        let retired = self.retired(now, schedule);
        let prepare = || {
            let jwks: Vec<_> = self.keys.iter().skip(retired).map(|key| key.key.public_jwk().clone()).collect();
            Arc::new(JwkSet::try_from(jwks).unwrap_or_default())
        };
        self.tails.get(retired).map_or_else(prepare, |tail| Arc::clone(tail.get_or_init(prepare)))
    }

    /// Those still needed, and those whose last token has expired.
    pub(crate) fn split_retired(&self, now: Timestamp, schedule: &Schedule) -> (Vec<RingKey>, Vec<RingKey>) {
        let mut retired = self.keys.clone();
        let live = retired.split_off(self.retired(now, schedule));
        (live, retired)
    }

    /// How many keys have signed tokens that have all expired: one has as soon as its successor has
    /// signed for long enough.
    fn retired(&self, now: Timestamp, schedule: &Schedule) -> usize {
        let successors = self.keys.iter().skip(1);
        successors.take_while(|next| schedule.needed_until(next.activates_at) <= now).count()
    }
}
