use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use remint_core::{Clock, Timestamp};
use remint_jwt::{JwkSet, SigningKey};

use crate::folder::KeyFolder;
use crate::lock::FolderLock;
use crate::ring::Ring;
use crate::ring_key::RingKey;
use crate::schedule::Schedule;
use crate::{IssuerError, KeyStatus};

/// Keys that an issuer makes and retires by itself: read without a lock, kept up under one.
#[derive(Debug)]
pub(crate) struct KeptKeys {
    schedule: Schedule,
    /// `None`: the keys live in memory and end with the process.
    folder: Option<KeyFolder>,
    /// How long another process may hold the folder's lock.
    patience: Duration,
    ring: ArcSwap<Ring>,
    upkeep: Mutex<()>,
}

impl KeptKeys {
    /// Loads the keys, and makes the first one where there is none.
    pub(crate) fn open(
        schedule: Schedule,
        folder: Option<KeyFolder>,
        patience: Duration,
        clock: &dyn Clock,
    ) -> Result<Self, IssuerError> {
        let keys = Self { schedule, folder, patience, ring: ArcSwap::default(), upkeep: Mutex::new(()) };
        keys.keep_up(clock, false)?;
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

    pub(crate) fn list(&self, now: Timestamp) -> Vec<KeyStatus> {
        self.ring.load().list(now, &self.schedule)
    }

    /// Reads what other processes have done, makes the next key if one is due (or asked for), and
    /// removes those that nobody needs any more.
    pub(crate) fn keep_up(&self, clock: &dyn Clock, rotate: bool) -> Result<(), IssuerError> {
        let _one_at_a_time = self.upkeep.lock().unwrap_or_else(PoisonError::into_inner);
        let mut ring = Ring::new(self.load()?);
        let mut made = Ok(());
        if self.is_due(&ring, clock, rotate) {
            match self.lock() {
                Ok(_alone) => {
                    // Whoever had the lock before may have made it.
                    ring = Ring::new(self.load()?);
                    if self.is_due(&ring, clock, rotate) {
                        ring = self.with_new_key(ring.keys(), clock, rotate)?;
                    }
                }
                // What others have done counts all the same.
                Err(error) if ring.keys().is_empty() => return Err(error),
                Err(error) => made = Err(error),
            }
        }
        let (live, retired) = ring.split_retired(clock.now(), &self.schedule);
        self.ring.store(Arc::new(Ring::new(live)));
        for ring_key in retired {
            self.remove(&ring_key)?;
            tracing::info!(target: "remint", key_id = ring_key.key.key_id(), "signing key retired");
        }
        made
    }

    /// Removes a key, whatever still hangs on it; `false` if there is none of this id. Where no other
    /// is left, a new one takes its place at once.
    pub(crate) fn retire(&self, clock: &dyn Clock, key_id: &str) -> Result<bool, IssuerError> {
        let _one_at_a_time = self.upkeep.lock().unwrap_or_else(PoisonError::into_inner);
        // Before the lock makes a file in a folder that is not ours.
        self.load()?;
        let _alone = self.lock()?;
        let (compromised, others): (Vec<_>, Vec<_>) =
            self.load()?.into_iter().partition(|ring_key| ring_key.key.key_id() == key_id);
        let mut ring = Ring::new(others);
        if compromised.is_empty() {
            self.ring.store(Arc::new(ring));
            return Ok(false);
        }
        // First the new one, then none of the old: others may read in between.
        if ring.keys().is_empty() {
            ring = self.with_new_key(&[], clock, false)?;
        }
        for ring_key in &compromised {
            self.remove(ring_key)?;
        }
        self.ring.store(Arc::new(ring));
        tracing::warn!(target: "remint", key_id, "signing key removed before its time");
        Ok(true)
    }

    /// What there is: several files may hold one key.
    fn load(&self) -> Result<Vec<RingKey>, IssuerError> {
        let known = self.ring.load_full();
        self.folder.as_ref().map_or_else(|| Ok(known.keys().to_vec()), |folder| folder.load(&known))
    }

    fn lock(&self) -> Result<Option<FolderLock>, IssuerError> {
        self.folder.as_ref().map(|folder| folder.lock(self.patience)).transpose()
    }

    fn is_due(&self, ring: &Ring, clock: &dyn Clock, rotate: bool) -> bool {
        self.schedule.next_activation(ring.keys(), clock.now(), rotate).is_some()
    }

    fn with_new_key(&self, keys: &[RingKey], clock: &dyn Clock, rotate: bool) -> Result<Ring, IssuerError> {
        let key = Arc::new(SigningKey::generate(self.schedule.algorithm).map_err(IssuerError::Generate)?);
        // After the waiting and the making: it is published for all of the time that is promised.
        let now = clock.now();
        let activates_at =
            self.schedule.next_activation(keys, now, rotate).unwrap_or(Timestamp::from_secs(now.as_secs()));
        let next = RingKey { activates_at, key };
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
        Ok(Ring::new([keys, &[next]].concat()))
    }

    fn remove(&self, ring_key: &RingKey) -> Result<(), IssuerError> {
        self.folder.as_ref().map_or(Ok(()), |folder| folder.remove(ring_key))
    }
}
