use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use remint_core::{Clock, IssuerId, Unavailable, UnavailableKind};
use remint_jwt::{Algorithm, Candidates, LookupError};
use tokio::time::Instant;

use crate::attempts::{Attempts, Fetch, Next, Waiter};
use crate::load::Loader;
use crate::load_error::LoadError;
use crate::snapshot::Snapshot;
use crate::unusable::Unusable;
use crate::{KeySetSettings, telemetry};

/// The keys of one issuer as they were last fetched, and what fetches them again.
pub(crate) struct RefreshingKeys {
    pub(crate) issuer: IssuerId,
    pub(crate) settings: KeySetSettings,
    pub(crate) fixed: bool,
    pub(crate) loader: Loader,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) current: ArcSwapOption<Snapshot>,
    pub(crate) attempts: Attempts,
    pub(crate) unusable: Unusable,
    pub(crate) started: AtomicBool,
}

impl RefreshingKeys {
    /// Fetches the set now, or waits for the fetch in progress. A fixed set is there already.
    pub(crate) async fn refresh(self: &Arc<Self>) -> Result<(), Unavailable> {
        if self.fixed {
            return Ok(());
        }
        let waiter = self.waiter(self.attempts.join_or_begin(), true).map_err(|error| self.unavailable(error))?;
        waiter.outcome().await.map_err(|error| self.unavailable(error))
    }

    /// The keys for tokens of `issuer`, if they are there already and the set is not too old.
    pub(crate) fn look_up(
        &self,
        issuer: &IssuerId,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Candidates, LookupError> {
        let current = self.current.load();
        let usable = current.as_deref().filter(|snapshot| !self.is_stale(snapshot));
        usable.ok_or(LookupError::Unknown)?.find(issuer.as_str(), kid, algorithm)
    }

    /// Returns when it is known whether the key that was not found exists, or it was `found` meanwhile.
    pub(crate) async fn settle(self: &Arc<Self>, found: impl Fn() -> bool) -> Result<(), Unavailable> {
        let asked_at = Instant::now();
        // At most twice: a second fetch begins after the first has ended, so after `asked_at`.
        while !self.fixed && !found() {
            let fetch = match self.attempts.for_unknown_key(&self.settings, self.has_usable_set()) {
                Next::Current => break,
                Next::Failed => return Err(self.unavailable(NotAsked::FailedRecently)),
                Next::Wait(fetch) => fetch,
            };
            let waiter = self.waiter(fetch, false).map_err(|error| self.unavailable(error))?;
            let began = waiter.began();
            waiter.outcome().await.map_err(|error| self.unavailable(error))?;
            if began >= asked_at {
                break;
            }
        }
        Ok(())
    }

    pub(crate) fn age(&self) -> Option<Duration> {
        let current = self.current.load();
        let snapshot = current.as_deref().filter(|_| !self.fixed)?;
        Some(self.clock.now().saturating_duration_since(snapshot.fetched_at))
    }

    /// The wait for this fetch, which goes on in a task of its own. With `rediscover` the discovery
    /// document is read again.
    fn waiter(self: &Arc<Self>, fetch: Fetch, rediscover: bool) -> Result<Waiter, NotAsked> {
        let (attempt, waiter) = match fetch {
            Fetch::Joined(waiter) => return Ok(waiter),
            Fetch::Begun(attempt, waiter) => (attempt, waiter),
        };
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| NotAsked::NoRuntime)?;
        let set = Arc::clone(self);
        runtime.spawn(async move {
            let outcome = set.fetch(rediscover).await;
            drop(set);
            attempt.end(outcome.map_err(Arc::new));
        });
        Ok(waiter)
    }

    /// Fetches once, and keeps what came if it is of use.
    async fn fetch(&self, rediscover: bool) -> Result<(), LoadError> {
        let fetched_at = self.clock.now();
        let loaded = tokio::time::timeout(self.settings.fetch_timeout, self.loader.load(rediscover)).await;
        let outcome = loaded.unwrap_or(Err(LoadError::Timeout)).and_then(|keys| {
            self.unusable.tell(&self.issuer, &keys);
            if keys.is_empty() {
                return Err(LoadError::Empty);
            }
            self.current.store(Some(Arc::new(Snapshot { keys, fetched_at })));
            Ok(())
        });
        telemetry::fetched(&self.issuer, &outcome, self.age());
        outcome
    }

    fn is_stale(&self, snapshot: &Snapshot) -> bool {
        self.clock.now().saturating_duration_since(snapshot.fetched_at) > self.settings.max_stale
    }

    fn has_usable_set(&self) -> bool {
        self.current.load().as_deref().is_some_and(|snapshot| !self.is_stale(snapshot))
    }

    fn unavailable(&self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Unavailable {
        let wait = self.attempts.wait(&self.settings);
        Unavailable::new(UnavailableKind::KeySet).with_retry_after(wait.max(Duration::from_secs(1))).with_source(cause)
    }
}

/// Why the issuer was not asked for a key.
#[derive(Debug, Clone, Copy, thiserror::Error)]
enum NotAsked {
    #[error("the key set could not be fetched a moment ago, and is not fetched again yet")]
    FailedRecently,
    #[error("there is no runtime to fetch the key set in")]
    NoRuntime,
}
