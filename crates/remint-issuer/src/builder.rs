use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use remint_core::{Audience, Clock, IssuerId, SystemClock};
use remint_jwt::Algorithm;

use crate::folder::KeyFolder;
use crate::issuer::JWKS_MAX_AGE;
use crate::keys::Keys;
use crate::schedule::Schedule;
use crate::{Issuer, IssuerError};

/// Settings for an [`Issuer`].
#[derive(Debug)]
#[must_use = "nothing is issued before `build`"]
pub struct IssuerBuilder {
    issuer: IssuerId,
    audiences: Vec<Audience>,
    clock: Arc<dyn Clock>,
    folder: Option<PathBuf>,
    schedule: Schedule,
}

impl IssuerBuilder {
    pub(crate) fn new(issuer: IssuerId, audience: Audience) -> Self {
        let schedule = Schedule {
            algorithm: Algorithm::Es256,
            ttl: Duration::from_secs(5 * 60),
            publish_ahead: Duration::from_secs(10 * 60),
            rotate_every: None,
        };
        Self { issuer, audiences: vec![audience], clock: Arc::new(SystemClock), folder: None, schedule }
    }

    /// One more audience: `aud` is then an array.
    pub fn also_audience(mut self, audience: Audience) -> Self {
        if !self.audiences.contains(&audience) {
            self.audiences.push(audience);
        }
        self
    }

    /// How long a token lives at most; five minutes unless set. It bounds how long a revoked
    /// caller can go on at a service that does not follow the revocation log.
    pub const fn ttl(mut self, ttl: Duration) -> Self {
        self.schedule.ttl = ttl;
        self
    }

    /// The algorithm of new keys: ES256 unless set; or EdDSA, RS256, PS256. A change takes effect
    /// like a rotation.
    pub const fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.schedule.algorithm = algorithm;
        self
    }

    /// Keeps the keys as PEM files in this folder. Without one they live in memory: tokens then
    /// end with the process, and only this process can issue them.
    pub fn key_folder(mut self, path: impl Into<PathBuf>) -> Self {
        self.folder = Some(path.into());
        self
    }

    /// How long a new key is published before it signs; ten minutes unless set, and no less than
    /// [`JWKS_MAX_AGE`], for which others may keep the key set without asking again.
    pub const fn publish_ahead(mut self, publish_ahead: Duration) -> Self {
        self.schedule.publish_ahead = publish_ahead;
        self
    }

    /// Lets [`Issuer::maintain`] rotate by itself, each key signing for about this long. Never
    /// unless set.
    pub const fn rotate_every(mut self, every: Duration) -> Self {
        self.schedule.rotate_every = Some(every);
        self
    }

    /// Another clock than the operating system's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Opens the keys, and makes the first one where there is none. This reads and writes files.
    ///
    /// # Errors
    ///
    /// [`IssuerError::Setting`] for settings that cannot work, the others for the key folder.
    pub fn build(self) -> Result<Issuer, IssuerError> {
        self.check()?;
        let folder = self.folder.map(KeyFolder::open).transpose()?;
        let ttl = self.schedule.ttl;
        let keys = Keys::open(self.schedule, folder, self.clock.now())?;
        Ok(Issuer { issuer: self.issuer, audiences: self.audiences, ttl, clock: self.clock, keys })
    }

    fn check(&self) -> Result<(), IssuerError> {
        let schedule = &self.schedule;
        let supported = [Algorithm::Es256, Algorithm::EdDSA, Algorithm::Rs256, Algorithm::Ps256];
        let problem = if !supported.contains(&schedule.algorithm) {
            "the algorithm of internal tokens is ES256, EdDSA, RS256 or PS256"
        } else if schedule.ttl < Duration::from_secs(1) {
            "the time to live of internal tokens is at least one second"
        } else if schedule.publish_ahead < JWKS_MAX_AGE {
            "a key is published for at least five minutes before it signs: for as long as others keep the key set"
        } else if schedule.rotate_every.is_some_and(|every| every <= schedule.publish_ahead) {
            "keys sign for longer than they are published ahead"
        } else {
            return Ok(());
        };
        Err(IssuerError::Setting(problem))
    }
}
