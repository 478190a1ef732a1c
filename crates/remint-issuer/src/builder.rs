use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use remint_core::{Audience, Clock, IssuerId, SystemClock};
use remint_jwt::{Algorithm, Jwk, MAX_TOKEN_LEN, SigningKey};
use remint_token::USUAL_MAX_LENGTH;

use crate::fixed::FixedKey;
use crate::folder::KeyFolder;
use crate::issuer::JWKS_MAX_AGE;
use crate::kept::KeptKeys;
use crate::keys::Keys;
use crate::remote::RemoteKey;
use crate::ring::Ring;
use crate::schedule::{SHARED_MARGIN, Schedule};
use crate::{Issuer, IssuerError, KeyStatus, Signer};

/// Settings for an [`Issuer`].
#[derive(Debug)]
#[must_use = "nothing is issued before `build`"]
pub struct IssuerBuilder {
    issuer: IssuerId,
    audiences: Vec<Audience>,
    clock: Arc<dyn Clock>,
    folder: Option<PathBuf>,
    given: Option<Given>,
    also: Vec<Jwk>,
    schedule: Schedule,
    lock_patience: Duration,
    max_length: usize,
}

/// A key that is not the issuer's own to make.
#[derive(Debug)]
enum Given {
    Here(Box<SigningKey>),
    Elsewhere(Arc<dyn Signer>),
}

impl IssuerBuilder {
    pub(crate) fn new(issuer: IssuerId, audience: Audience) -> Self {
        let schedule = Schedule {
            algorithm: Algorithm::Es256,
            ttl: Duration::from_secs(5 * 60),
            publish_ahead: MIN_PUBLISH_AHEAD,
            margin: Duration::ZERO,
            rotate_every: None,
        };
        Self {
            issuer,
            audiences: vec![audience],
            clock: Arc::new(SystemClock),
            folder: None,
            given: None,
            also: Vec::new(),
            schedule,
            lock_patience: Duration::from_secs(5),
            max_length: USUAL_MAX_LENGTH,
        }
    }

    /// One more audience: `aud` is then an array.
    pub fn also_audience(mut self, audience: Audience) -> Self {
        if !self.audiences.contains(&audience) {
            self.audiences.push(audience);
        }
        self
    }

    /// How long a token lives at most: five minutes unless set, 24 hours at the most. It bounds how long a revoked
    /// caller can go on at a service that does not follow the revocation log.
    pub const fn ttl(mut self, ttl: Duration) -> Self {
        self.schedule.ttl = ttl;
        self
    }

    /// The longest token that is minted, in bytes: 16 KiB unless set, and at most [`MAX_TOKEN_LEN`]. Services that
    /// verify longer ones than 16 KiB have a setting for that, too.
    pub const fn max_length(mut self, bytes: usize) -> Self {
        self.max_length = bytes;
        self
    }

    /// The algorithm of new keys: ES256 unless set; or EdDSA, RS256, PS256. A change takes effect
    /// like a rotation.
    pub const fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.schedule.algorithm = algorithm;
        self
    }

    /// Keeps the keys as PEM files in this folder. Without one, and without a key that is given,
    /// they live in memory: tokens then end with the process, and only this process can issue them.
    ///
    /// Processes that share the folder agree on one rotator: whoever holds the lock in it makes the
    /// next key, and the others find it there.
    pub fn key_folder(mut self, path: impl Into<PathBuf>) -> Self {
        self.folder = Some(path.into());
        self
    }

    /// Signs with this key and no other: one from a variable or a mounted file
    /// ([`SigningKey::from_pem`]). Its algorithm is the issuer's. It is replaced by building another
    /// issuer, after the next key has been [published too](Self::also_publish) for twice
    /// [`JWKS_MAX_AGE`].
    pub fn signing_key(mut self, key: SigningKey) -> Self {
        self.given = Some(Given::Here(Box::new(key)));
        self
    }

    /// Signs with a key that is held elsewhere. Its algorithm is the issuer's; it is replaced as a
    /// [given key](Self::signing_key) is.
    ///
    /// Each token then costs an answer of the signer: tokens come from
    /// [`issue`](remint_core::TokenIssuer::issue), which must be awaited in a Tokio runtime with a
    /// timer, and not from [`Issuer::mint`].
    pub fn signer(mut self, signer: impl Signer) -> Self {
        self.given = Some(Given::Elsewhere(Arc::new(signer)));
        self
    }

    /// Publishes one more public key beside a key that is given: the next one, before it signs, or
    /// the last one, until its last token has expired.
    pub fn also_publish(mut self, key: Jwk) -> Self {
        self.also.push(key);
        self
    }

    /// How long a new key is published before it signs; ten minutes unless set, and no less: twice
    /// [`JWKS_MAX_AGE`], for which others may keep the key set without asking again. In a folder
    /// two minutes are added, in which every process reads it.
    pub const fn publish_ahead(mut self, publish_ahead: Duration) -> Self {
        self.schedule.publish_ahead = publish_ahead;
        self
    }

    /// How long to wait for another process that is making a key in the same folder; five seconds
    /// unless set. After that the keys in use stay in use, and the next upkeep tries again.
    pub const fn lock_patience(mut self, patience: Duration) -> Self {
        self.lock_patience = patience;
        self
    }

    /// Lets [`Issuer::maintain`] rotate by itself, each key signing for about this long. Never
    /// unless set.
    pub const fn rotate_every(mut self, every: Duration) -> Self {
        self.schedule.rotate_every = Some(every);
        self
    }

    /// Another clock than the operating system's.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = clock.into_arc();
        self
    }

    /// Opens the keys, and makes the first one where there is none. This reads and writes files.
    ///
    /// # Errors
    ///
    /// [`IssuerError::Setting`] and [`IssuerError::Issuer`] for settings that cannot work, [`IssuerError::PublicKey`] for a key
    /// that cannot be published, the others for the key folder.
    pub fn build(self) -> Result<Issuer, IssuerError> {
        let schedule = self.schedule()?;
        let ttl = schedule.ttl;
        let keys = match self.given {
            Some(Given::Here(key)) => Keys::Fixed(FixedKey::new(*key, self.also)?),
            Some(Given::Elsewhere(signer)) => Keys::Remote(RemoteKey::new(signer, self.also)?),
            None => {
                let folder = self.folder.map(KeyFolder::open).transpose()?;
                Keys::Kept(KeptKeys::open(schedule, folder, self.lock_patience, &*self.clock)?)
            }
        };
        let Self { issuer, audiences, clock, max_length, .. } = self;
        Ok(Issuer { issuer, audiences, ttl, max_length, clock, keys })
    }

    /// The keys as [`Issuer::keys`] tells them, as they are now: no key is made and none is removed.
    /// For whoever looks at the folder of an issuer that runs elsewhere.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn inspect(self) -> Result<Vec<KeyStatus>, IssuerError> {
        if self.given.is_some() {
            return Ok(self.build()?.keys());
        }
        let schedule = self.schedule()?;
        match self.folder.and_then(KeyFolder::existing) {
            Some(folder) => Ok(Ring::new(folder.load(&Ring::default())?).list(self.clock.now(), &schedule)),
            None => Ok(Vec::new()),
        }
    }

    /// Whether the settings can work; nothing is read or made.
    ///
    /// # Errors
    ///
    /// [`IssuerError::Setting`] and [`IssuerError::Issuer`].
    pub fn check(&self) -> Result<(), IssuerError> {
        self.schedule().map(drop)
    }

    fn schedule(&self) -> Result<Schedule, IssuerError> {
        self.issuer.check_address()?;
        let margin = if self.folder.is_some() { SHARED_MARGIN } else { Duration::ZERO };
        let algorithm = match &self.given {
            Some(Given::Here(key)) => key.algorithm(),
            Some(Given::Elsewhere(signer)) => signer.algorithm(),
            None => self.schedule.algorithm,
        };
        let schedule = Schedule { algorithm, margin, ..self.schedule.clone() };
        let supported = [Algorithm::Es256, Algorithm::EdDSA, Algorithm::Rs256, Algorithm::Ps256];
        let problem = if !supported.contains(&schedule.algorithm) {
            "the algorithm of internal tokens is ES256, EdDSA, RS256 or PS256"
        } else if self.max_length > MAX_TOKEN_LEN {
            "an internal token is of at most 64 KiB"
        } else if schedule.ttl < Duration::from_secs(1) {
            "the time to live of internal tokens is at least one second"
        } else if schedule.ttl > MAX_TTL {
            "the time to live of internal tokens is at most 24 hours: a service that follows no revocations accepts one \
             for that long"
        } else if schedule.publish_ahead < MIN_PUBLISH_AHEAD {
            "a key is published for at least ten minutes before it signs: for twice as long as others keep the key set"
        } else if schedule.rotate_every.is_some_and(|every| every <= schedule.ahead()) {
            "a key signs for longer than it is published before: by default ten minutes, in a folder twelve"
        } else if self.given.is_some() && (self.folder.is_some() || schedule.rotate_every.is_some()) {
            "a key that is given is not kept in a folder and does not rotate by itself"
        } else if self.given.is_none() && !self.also.is_empty() {
            "further keys are published beside a key that is given only"
        } else {
            return Ok(schedule);
        };
        Err(IssuerError::Setting(problem))
    }
}

/// The longest that an internal token may live.
const MAX_TTL: Duration = Duration::from_secs(24 * 60 * 60);

/// The least time for which a key is published before it signs.
const MIN_PUBLISH_AHEAD: Duration = JWKS_MAX_AGE.saturating_mul(2);
