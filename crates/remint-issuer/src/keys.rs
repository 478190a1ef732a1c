use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use remint_core::Timestamp;
use remint_jwt::{JwkSet, SigningKey};

use crate::IssuerError;
use crate::folder::KeyFolder;
use crate::ring::{Ring, RingKey};
use crate::schedule::Schedule;

/// The keys of one issuer: read without a lock, kept up under one.
#[derive(Debug)]
pub(crate) struct Keys {
    schedule: Schedule,
    /// `None`: the keys live in memory and end with the process.
    folder: Option<KeyFolder>,
    ring: ArcSwap<Ring>,
    upkeep: Mutex<()>,
}

impl Keys {
    /// Loads the keys, and makes the first one where there is none.
    pub(crate) fn open(schedule: Schedule, folder: Option<KeyFolder>, now: Timestamp) -> Result<Self, IssuerError> {
        let keys = Self { schedule, folder, ring: ArcSwap::default(), upkeep: Mutex::new(()) };
        keys.keep_up(now, false)?;
        Ok(keys)
    }

    /// The key that signs at `now`.
    pub(crate) fn signing(&self, now: Timestamp) -> Option<Arc<SigningKey>> {
        self.ring.load().signing(now).cloned()
    }

    /// The keys that somebody may need to verify a token at `now`, or soon.
    pub(crate) fn published(&self, now: Timestamp) -> Arc<JwkSet> {
        self.ring.load().published(now, &self.schedule)
    }

    /// Reads what other processes have done, makes the next key if one is due (or asked for), and
    /// removes those that nobody needs any more.
    pub(crate) fn keep_up(&self, now: Timestamp, rotate: bool) -> Result<(), IssuerError> {
        let _one_at_a_time = self.upkeep.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.ring.load_full();
        let mut ring = match &self.folder {
            Some(folder) => Ring::new(folder.load(&known)?),
            None => Ring::new(known.keys().to_vec()),
        };
        if let Some(activates_at) = self.schedule.next_activation(&ring, now, rotate) {
            ring = self.with_new_key(&ring, activates_at)?;
        }
        let (live, retired) = ring.split_retired(now, &self.schedule);
        self.ring.store(Arc::new(Ring::new(live)));
        for ring_key in retired {
            if let Some(folder) = &self.folder {
                folder.remove(&ring_key)?;
            }
            tracing::info!(target: "remint", key_id = ring_key.key.key_id(), "signing key retired");
        }
        Ok(())
    }

    fn with_new_key(&self, ring: &Ring, activates_at: Timestamp) -> Result<Ring, IssuerError> {
        let key = SigningKey::generate(self.schedule.algorithm).map_err(IssuerError::Generate)?;
        let next = RingKey { activates_at, key: Arc::new(key) };
        if let Some(folder) = &self.folder {
            folder.add(&next)?;
        }
        tracing::info!(
            target: "remint",
            key_id = next.key.key_id(),
            algorithm = next.key.algorithm().as_str(),
            activates_at = activates_at.as_secs(),
            "signing key made"
        );
        Ok(Ring::new([ring.keys(), &[next]].concat()))
    }
}
