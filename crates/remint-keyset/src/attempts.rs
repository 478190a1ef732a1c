use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::KeySetSettings;
use crate::load_error::LoadError;

/// How a fetch ended, shared by everyone who waited for it.
pub(crate) type Outcome = Result<(), Arc<LoadError>>;

/// The fetch in progress, and how the last ones ended. Its times are monotonic: a clock that is set
/// back changes nothing here.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attempts(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    running: Option<Waiter>,
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
        let mut state = self.lock();
        let now = Instant::now();
        if has_keys && is_within(state.succeeded, settings.refetch_after, now) {
            return Next::Current;
        }
        // A fetch in progress will tell more than the one that failed before it.
        if state.running.is_none() && is_within(state.failed, settings.retry_after, now) {
            return Next::Failed;
        }
        Next::Wait(self.join_or_begin_in(&mut state))
    }

    /// Joins the fetch in progress, or begins one.
    pub(crate) fn join_or_begin(&self) -> Fetch {
        self.join_or_begin_in(&mut self.lock())
    }

    /// How long the issuer is still not asked because it has failed.
    pub(crate) fn wait(&self, settings: &KeySetSettings) -> Duration {
        let failed = self.lock().failed;
        failed.map_or(Duration::ZERO, |at| settings.retry_after.saturating_sub(at.elapsed()))
    }

    fn join_or_begin_in(&self, state: &mut State) -> Fetch {
        if let Some(running) = &state.running {
            return Fetch::Joined(running.clone());
        }
        let began = Instant::now();
        let (sender, receiver) = watch::channel(None);
        let waiter = Waiter { began, receiver };
        state.running = Some(waiter.clone());
        Fetch::Begun(Attempt { attempts: self.clone(), began, sender, ended: false }, waiter)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
    sender: watch::Sender<Option<Outcome>>,
    ended: bool,
}

impl Attempt {
    /// Tells everyone who waits how it ended.
    pub(crate) fn end(mut self, outcome: Outcome) {
        self.record(outcome.is_ok());
        self.sender.send_replace(Some(outcome));
    }

    fn record(&mut self, succeeded: bool) {
        self.ended = true;
        let mut state = self.attempts.lock();
        state.running = None;
        if succeeded {
            (state.succeeded, state.failed) = (Some(self.began), None);
        } else {
            state.failed = Some(Instant::now());
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.ended {
            self.record(false);
        }
    }
}

/// A wait for a fetch in progress.
#[derive(Debug, Clone)]
pub(crate) struct Waiter {
    began: Instant,
    receiver: watch::Receiver<Option<Outcome>>,
}

impl Waiter {
    /// When the fetch began.
    pub(crate) const fn began(&self) -> Instant {
        self.began
    }

    pub(crate) async fn outcome(mut self) -> Outcome {
        match self.receiver.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone().unwrap_or_else(|| Err(Arc::new(LoadError::Broken))),
            Err(_) => Err(Arc::new(LoadError::Broken)),
        }
    }
}
