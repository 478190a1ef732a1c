use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::time::Instant;

/// At most one fetch at a time. Callers that ask meanwhile wait for the same outcome. Clones share it.
///
/// It carries nothing out itself: the caller that begins a fetch does it in a task of its own, so that the fetch
/// continues if the caller is dropped.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use remint_keyset::{Fetch, SharedFetch};
///
/// let fetches = SharedFetch::<u32>::default();
/// let Fetch::Begun(attempt, first) = fetches.join_or_begin() else { unreachable!() };
/// let Fetch::Joined(second) = fetches.join_or_begin() else { unreachable!() };
/// tokio::spawn(async move { attempt.end(7) });
/// assert_eq!((first.outcome().await, second.outcome().await), (Some(7), Some(7)));
/// # })
/// ```
pub struct SharedFetch<T>(Arc<Mutex<Option<FetchWaiter<T>>>>);

/// A fetch to wait for.
#[derive(Debug)]
pub enum Fetch<T> {
    /// It is in progress.
    Joined(FetchWaiter<T>),
    /// It is the caller's to carry out.
    Begun(FetchAttempt<T>, FetchWaiter<T>),
}

impl<T> SharedFetch<T> {
    /// Joins the fetch in progress, or begins one.
    #[must_use]
    pub fn join_or_begin(&self) -> Fetch<T> {
        let mut running = self.lock();
        if let Some(waiter) = &*running {
            return Fetch::Joined(waiter.clone());
        }
        let (sender, receiver) = watch::channel(None);
        let waiter = FetchWaiter { began: Instant::now(), receiver };
        *running = Some(waiter.clone());
        Fetch::Begun(FetchAttempt { fetches: self.clone(), sender }, waiter)
    }

    /// Whether a fetch is in progress.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.lock().is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Option<FetchWaiter<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Clone for SharedFetch<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for SharedFetch<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> fmt::Debug for SharedFetch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedFetch").field("is_running", &self.is_running()).finish()
    }
}

/// The duty to carry out a fetch. If it is dropped before its end (by a panic), the fetch is over, and those who
/// wait learn that it broke off.
#[must_use]
pub struct FetchAttempt<T> {
    fetches: SharedFetch<T>,
    sender: watch::Sender<Option<T>>,
}

impl<T> FetchAttempt<T> {
    /// Ends the fetch, and gives its outcome to everyone who waits.
    pub fn end(self, outcome: T) {
        *self.fetches.lock() = None;
        self.sender.send_replace(Some(outcome));
    }
}

impl<T> Drop for FetchAttempt<T> {
    fn drop(&mut self) {
        // After an end another fetch may be in progress already.
        if self.sender.borrow().is_none() {
            *self.fetches.lock() = None;
        }
    }
}

impl<T> fmt::Debug for FetchAttempt<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FetchAttempt(..)")
    }
}

/// A wait for a fetch in progress.
pub struct FetchWaiter<T> {
    began: Instant,
    receiver: watch::Receiver<Option<T>>,
}

impl<T> FetchWaiter<T> {
    /// When the fetch began.
    #[must_use]
    pub const fn began(&self) -> Instant {
        self.began
    }
}

impl<T: Clone> FetchWaiter<T> {
    /// Waits for the outcome; `None` if the fetch broke off.
    pub async fn outcome(mut self) -> Option<T> {
        let outcome = self.receiver.wait_for(Option::is_some).await.ok()?;
        outcome.clone()
    }
}

impl<T> Clone for FetchWaiter<T> {
    fn clone(&self) -> Self {
        Self { began: self.began, receiver: self.receiver.clone() }
    }
}

impl<T> fmt::Debug for FetchWaiter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchWaiter").field("began", &self.began).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(fetches: &SharedFetch<u32>) -> (FetchAttempt<u32>, FetchWaiter<u32>) {
        match fetches.join_or_begin() {
            Fetch::Begun(attempt, waiter) => (attempt, waiter),
            Fetch::Joined(_) => panic!("a fetch is in progress"),
        }
    }

    fn joined(fetches: &SharedFetch<u32>) -> FetchWaiter<u32> {
        match fetches.join_or_begin() {
            Fetch::Joined(waiter) => waiter,
            Fetch::Begun(..) => panic!("no fetch is in progress"),
        }
    }

    #[tokio::test]
    async fn all_who_wait_share_one_outcome_and_the_next_fetch_is_another() {
        let fetches = SharedFetch::default();
        let (attempt, first) = begun(&fetches);
        let others = [joined(&fetches), joined(&fetches.clone())];
        assert!(fetches.is_running());
        attempt.end(1);
        assert!(!fetches.is_running());
        let (second, waiter) = begun(&fetches);
        assert_eq!(first.outcome().await, Some(1));
        for other in others {
            assert_eq!(other.outcome().await, Some(1));
        }
        second.end(2);
        assert_eq!(waiter.outcome().await, Some(2));
    }

    #[tokio::test]
    async fn a_fetch_that_breaks_off_is_over_for_everyone() {
        let fetches = SharedFetch::default();
        let (attempt, first) = begun(&fetches);
        let second = joined(&fetches);
        drop(attempt);
        assert!(!fetches.is_running());
        assert_eq!((first.outcome().await, second.outcome().await), (None, None));
        begun(&fetches).0.end(3);
    }

    #[tokio::test]
    async fn a_waiter_that_is_dropped_ends_nothing() {
        let fetches = SharedFetch::default();
        let (attempt, first) = begun(&fetches);
        drop(first);
        let second = joined(&fetches);
        attempt.end(4);
        assert_eq!(second.outcome().await, Some(4));
    }
}
