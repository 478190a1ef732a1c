use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use remint_core::{Clock, DeniedKind, IssuerId, Refusal, Timestamp, Unavailable, UnavailableKind};
use remint_jwt::{Algorithm, LookupError, VerifyingKey};

use crate::flight::{Boarding, Flights, Passenger};
use crate::load::{LoadError, Loader};
use crate::snapshot::Snapshot;
use crate::{HttpFetch, KeySetSettings, KeySetState, KeySource, background, telemetry};

/// The keys of one issuer. A clone is another handle to the same set; when the last one is
/// dropped, the background work ends within seconds.
#[derive(Clone)]
pub struct KeySet(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) issuer: IssuerId,
    pub(crate) settings: KeySetSettings,
    fixed: bool,
    loader: Loader,
    clock: Arc<dyn Clock>,
    current: ArcSwapOption<Snapshot>,
    flights: Flights,
    started: AtomicBool,
}

impl KeySet {
    /// The keys that `source` has for `issuer`. Nothing is fetched yet: see [`KeySet::start`].
    #[must_use]
    pub fn new(
        issuer: IssuerId,
        source: KeySource,
        http: Arc<dyn HttpFetch>,
        clock: Arc<dyn Clock>,
        settings: KeySetSettings,
    ) -> Self {
        let fixed = match &source {
            KeySource::Fixed(keys) => {
                Some(Arc::new(Snapshot { keys: keys.clone().into(), fetched_at: Timestamp::MAX }))
            }
            _ => None,
        };
        Self(Arc::new(Inner {
            issuer,
            settings,
            fixed: fixed.is_some(),
            loader: Loader::new(source, http),
            clock,
            current: ArcSwapOption::from(fixed),
            flights: Flights::default(),
            started: AtomicBool::new(false),
        }))
    }

    /// Fetches the set, and from now on again and again in the background.
    ///
    /// It returns when the first fetch has ended, well or not: an issuer that does not answer does
    /// not keep a service from starting. Calling it again does nothing but fetch. It must be
    /// called within a Tokio runtime, which then carries the background work.
    pub async fn start(&self) {
        if self.0.fixed {
            return;
        }
        let first = self.refresh().await;
        if !self.0.started.swap(true, Ordering::Relaxed) {
            tokio::spawn(background::run(Arc::downgrade(&self.0), self.0.settings, first.is_ok()));
        }
    }

    /// Fetches the set now, or waits for the fetch under way.
    ///
    /// # Errors
    ///
    /// [`UnavailableKind::KeySet`] if it could not be fetched or is of no use; the last good one
    /// is kept.
    pub async fn refresh(&self) -> Result<(), Unavailable> {
        if self.0.fixed {
            return Ok(());
        }
        let passenger = self.board(None).map_err(|grounded| self.unavailable(grounded))?;
        passenger.arrive().await.map_err(|error| self.unavailable(error))
    }

    /// The key that a token names: the one with its `kid` that fits its `alg`, or, without `kid`,
    /// the only one that fits (RFC 7515 §4.1.4).
    ///
    /// A key that is not there is asked for at the issuer, by one fetch for all who wait and not
    /// more often than [`KeySetSettings::min_refetch_interval`]. A caller who goes away does not
    /// end that fetch.
    ///
    /// # Errors
    ///
    /// - [`DeniedKind::UnknownKeyId`] if the set was fetched after the token was issued
    ///   (`issued_at`; now, where that is absent or in the future) and does not have the key;
    ///   [`DeniedKind::Algorithm`] if it has it for another algorithm.
    /// - [`UnavailableKind::KeySet`] if that cannot be said, because the set cannot be fetched or
    ///   may not be fetched again yet; `Retry-After` is when it may.
    pub async fn key(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
        issued_at: Option<Timestamp>,
    ) -> Result<VerifyingKey, Refusal> {
        self.key_of(None, kid, algorithm, issued_at).await
    }

    /// The same for a set that several issuers share, one for each tenant: a key that the set
    /// binds to one issuer (by a member `issuer`, as Microsoft Entra does) is there for that one's
    /// tokens only.
    ///
    /// # Errors
    ///
    /// As [`KeySet::key`].
    pub async fn key_for(
        &self,
        issuer: &IssuerId,
        kid: Option<&str>,
        algorithm: Algorithm,
        issued_at: Option<Timestamp>,
    ) -> Result<VerifyingKey, Refusal> {
        self.key_of(Some(issuer.as_str()), kid, algorithm, issued_at).await
    }

    /// The key as [`KeySet::key`] has it, if it is there already: nothing is asked.
    #[must_use]
    pub fn current_key(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<VerifyingKey> {
        self.look_up(None, kid, algorithm).ok()
    }

    /// Makes sure that the set was fetched after a token of this `iat` was issued: for a token
    /// without `kid`, whose signature says nothing until then.
    ///
    /// # Errors
    ///
    /// [`UnavailableKind::KeySet`] if it could not, or not yet, be fetched.
    pub async fn catch_up(&self, issued_at: Option<Timestamp>) -> Result<(), Unavailable> {
        self.catch_up_until(issued_at, || false).await
    }

    /// How long ago the set was fetched; `None` if it never was, or is fixed.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        self.0.age()
    }

    /// Whether there are keys, and since when.
    #[must_use]
    pub fn state(&self) -> KeySetState {
        match self.0.age() {
            Some(age) => KeySetState::Fetched { age },
            None if self.0.fixed => KeySetState::Fixed,
            None => KeySetState::Missing,
        }
    }

    async fn key_of(
        &self,
        issuer: Option<&str>,
        kid: Option<&str>,
        algorithm: Algorithm,
        issued_at: Option<Timestamp>,
    ) -> Result<VerifyingKey, Refusal> {
        let look_up = || self.look_up(issuer, kid, algorithm);
        if let Ok(key) = look_up() {
            return Ok(key);
        }
        let caught_up = self.catch_up_until(issued_at, || look_up().is_ok()).await;
        look_up().map_err(|reason| match caught_up {
            Ok(()) => DeniedKind::from(reason).into(),
            Err(unavailable) => unavailable.into(),
        })
    }

    fn look_up(
        &self,
        issuer: Option<&str>,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<VerifyingKey, LookupError> {
        let current = self.0.current.load();
        let usable = current.as_deref().filter(|snapshot| !self.0.is_stale(snapshot));
        usable.ok_or(LookupError::Unknown)?.keys.find(issuer, kid, algorithm)
    }

    async fn catch_up_until(&self, issued_at: Option<Timestamp>, enough: impl Fn() -> bool) -> Result<(), Unavailable> {
        let asked_at = self.0.clock.now();
        // `iat` is a whole second: the token may be almost one younger.
        let needed = issued_at.map_or(asked_at, |iat| iat.saturating_add(Duration::from_secs(1)).min(asked_at));
        // Twice: the fetch under way may have begun before the token was issued.
        for _ in 0..2 {
            if enough() || self.0.covers(needed) {
                return Ok(());
            }
            let boarded = self.board(Some(self.0.settings.min_refetch_interval));
            let passenger = boarded.map_err(|grounded| self.unavailable(grounded))?;
            passenger.arrive().await.map_err(|error| self.unavailable(error))?;
        }
        if enough() || self.0.covers(needed) { Ok(()) } else { Err(self.unavailable(Grounded::Behind)) }
    }

    /// Gets on the fetch under way or starts one in a task of its own.
    fn board(&self, throttle: Option<Duration>) -> Result<Passenger, Grounded> {
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| Grounded::NoRuntime)?;
        match self.0.flights.board(throttle) {
            Boarding::Throttled => Err(Grounded::TooSoon),
            Boarding::Join(passenger) => Ok(passenger),
            Boarding::Lead(takeoff) => {
                let passenger = takeoff.passenger();
                let landing = Landing(Arc::clone(&self.0));
                runtime.spawn(async move {
                    let outcome = landing.0.fetch(throttle.is_none()).await;
                    drop(landing);
                    takeoff.sender.send_replace(Some(outcome.map_err(Arc::new)));
                });
                Ok(passenger)
            }
        }
    }

    fn unavailable(&self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Unavailable {
        let wait = self.0.flights.opens_in(self.0.settings.min_refetch_interval).unwrap_or_default();
        Unavailable::new(UnavailableKind::KeySet).with_retry_after(wait.max(Duration::from_secs(1))).with_source(cause)
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySet").field("issuer", &self.0.issuer).field("age", &self.age()).finish_non_exhaustive()
    }
}

impl Inner {
    pub(crate) fn age(&self) -> Option<Duration> {
        let current = self.current.load();
        let snapshot = current.as_deref().filter(|_| !self.fixed)?;
        Some(self.clock.now().saturating_duration_since(snapshot.fetched_at))
    }

    /// Fetches once, and keeps what came if it is of use.
    async fn fetch(&self, rediscover: bool) -> Result<(), LoadError> {
        let fetched_at = self.clock.now();
        let loaded = tokio::time::timeout(self.settings.fetch_timeout, self.loader.load(rediscover)).await;
        let outcome = loaded.unwrap_or(Err(LoadError::Timeout)).map(|keys| {
            telemetry::passed_over(&self.issuer, keys.passed_over());
            self.current.store(Some(Arc::new(Snapshot { keys, fetched_at })));
        });
        telemetry::fetched(&self.issuer, &outcome, self.age());
        outcome
    }

    fn is_stale(&self, snapshot: &Snapshot) -> bool {
        self.clock.now().saturating_duration_since(snapshot.fetched_at) > self.settings.max_stale
    }

    /// Whether the set was fetched at `needed` or later. One from the future, which a clock that
    /// was set back leaves behind, says nothing.
    fn covers(&self, needed: Timestamp) -> bool {
        let current = self.current.load();
        let known = current.as_deref().filter(|snapshot| !self.is_stale(snapshot));
        known.is_some_and(|known| self.fixed || (needed..=self.clock.now()).contains(&known.fetched_at))
    }
}

/// Why no fetch could tell.
#[derive(Debug, Clone, Copy, thiserror::Error)]
enum Grounded {
    #[error("the key set may not be fetched again yet")]
    TooSoon,
    #[error("there is no runtime to fetch the key set in")]
    NoRuntime,
    #[error("no fetch of the key set began after the token was issued")]
    Behind,
}

/// Lets the next fetch begin, also when this one panicked.
struct Landing(Arc<Inner>);

impl Drop for Landing {
    fn drop(&mut self) {
        self.0.flights.land();
    }
}
