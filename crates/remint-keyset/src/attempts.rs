use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::load_error::LoadError;
use crate::{KeySetSettings, SharedFetch, shared_fetch};

/// How a fetch ended, shared by everyone who waited for it.
pub(crate) type Outcome = Result<(), Arc<LoadError>>;

/// The fetch in progress, and how the last ones ended. Its times are monotonic: a clock that is set
/// back changes nothing here.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attempts {
    fetches: SharedFetch<Outcome>,
    ended: Arc<Mutex<Ended>>,
}

#[derive(Debug, Default)]
struct Ended {
    /// When the last fetch that succeeded began.
    succeeded: Option<Instant>,
    /// When the last fetch failed, if no other has succeeded since.
    failed: Option<Instant>,
}

/// What to do about a key that is not in the set.
pub(crate) enum Next {
    /// The set is young enough: the key does not exist.
    Current,
    /// The issuer has failed a moment ago: it is not asked.
    Failed,
    /// Wait for a fetch.
    Wait(Fetch),
}

/// A fetch to wait for.
pub(crate) enum Fetch {
    /// It is in progress.
    Joined(Waiter),
    /// It is the caller's to carry out.
    Begun(Attempt, Waiter),
}

impl Attempts {
    /// What the rule for an unknown key says now. `has_keys`: there is a set that may be used.
    pub(crate) fn for_unknown_key(&self, settings: &KeySetSettings, has_keys: bool) -> Next {
        // Held until the fetch has begun: how one ends is recorded before it is over.
        let ended = self.lock();
        let now = Instant::now();
        if has_keys && is_within(ended.succeeded, settings.refetch_after, now) {
            return Next::Current;
        }
        // A fetch in progress will tell more than the one that failed before it.
        if is_within(ended.failed, settings.retry_after, now) && !self.fetches.is_running() {
            return Next::Failed;
        }
        Next::Wait(self.join_or_begin())
    }

    /// Joins the fetch in progress, or begins one.
    pub(crate) fn join_or_begin(&self) -> Fetch {
        match self.fetches.join_or_begin() {
            shared_fetch::Fetch::Joined(waiter) => Fetch::Joined(Waiter(waiter)),
            shared_fetch::Fetch::Begun(attempt, waiter) => {
                let attempts = self.clone();
                Fetch::Begun(Attempt { attempts, began: waiter.began(), attempt: Some(attempt) }, Waiter(waiter))
            }
        }
    }

    /// How long the issuer is still not asked because it has failed.
    pub(crate) fn wait(&self, settings: &KeySetSettings) -> Duration {
        let failed = self.lock().failed;
        failed.map_or(Duration::ZERO, |at| settings.retry_after.saturating_sub(at.elapsed()))
    }

    fn lock(&self) -> MutexGuard<'_, Ended> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether `at` is no longer ago than `period`. A period of zero never holds.
fn is_within(at: Option<Instant>, period: Duration, now: Instant) -> bool {
    !period.is_zero() && at.is_some_and(|at| now.saturating_duration_since(at) <= period)
}

/// The duty to carry out a fetch. Dropped before its end (by a panic), it has failed.
pub(crate) struct Attempt {
    attempts: Attempts,
    began: Instant,
    attempt: Option<shared_fetch::FetchAttempt<Outcome>>,
}

impl Attempt {
    /// Tells everyone who waits how it ended.
    pub(crate) fn end(mut self, outcome: Outcome) {
        let Some(attempt) = self.attempt.take() else { return };
        self.record(outcome.is_ok());
        attempt.end(outcome);
    }

    fn record(&self, succeeded: bool) {
        let mut ended = self.attempts.lock();
        if succeeded {
            (ended.succeeded, ended.failed) = (Some(self.began), None);
        } else {
            ended.failed = Some(Instant::now());
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if self.attempt.is_some() {
            self.record(false);
        }
    }
}

/// A wait for a fetch in progress.
#[derive(Debug, Clone)]
pub(crate) struct Waiter(shared_fetch::FetchWaiter<Outcome>);

impl Waiter {
    /// When the fetch began.
    pub(crate) const fn began(&self) -> Instant {
        self.0.began()
    }

    pub(crate) async fn outcome(self) -> Outcome {
        self.0.outcome().await.unwrap_or_else(|| Err(Arc::new(LoadError::Broken)))
    }
}
