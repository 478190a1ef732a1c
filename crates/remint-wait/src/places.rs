use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use metrics::gauge;
use remint_core::{Refusal, Unavailable, UnavailableKind};

/// A bounded number of places for work that waits.
#[derive(Debug)]
pub struct Places {
    most: usize,
    deadline: Option<Duration>,
    name: Option<&'static str>,
    taken: AtomicUsize,
}

impl Places {
    /// Room for `most` at once, each for as long as it takes.
    #[must_use]
    pub const fn new(most: usize) -> Self {
        Self { most, deadline: None, name: None, taken: AtomicUsize::new(0) }
    }

    /// Drops work that has waited for this long.
    #[must_use]
    pub const fn for_at_most(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Counts the places that are taken in the metric `remint_waiting`, under this `for`.
    #[must_use]
    pub const fn counted_as(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    /// How many places are taken.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    /// A place, for work that is known to wait: it is not begun without one.
    ///
    /// # Errors
    ///
    /// [`NotWaited::Full`] if all are taken.
    pub fn take(&self) -> Result<Place<'_>, NotWaited> {
        let one_more = |taken: usize| (taken < self.most).then_some(taken + 1);
        match self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more) {
            Ok(_) => {
                self.count(1.0);
                Ok(Place(self))
            }
            Err(_) => Err(NotWaited::Full(self.most)),
        }
    }

    /// Does the work: in place if it does not wait, otherwise within a place and the deadline.
    ///
    /// # Errors
    ///
    /// [`NotWaited`] if the work had to wait and was dropped.
    pub async fn bound<F: Future>(&self, work: F) -> Result<F::Output, NotWaited> {
        let mut work = pin!(work);
        let first = poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await;
        if let Poll::Ready(output) = first {
            return Ok(output);
        }
        let _place = self.take()?;
        match self.deadline {
            None => Ok(work.await),
            Some(deadline) => tokio::time::timeout(deadline, work).await.map_err(|_| NotWaited::Late(deadline)),
        }
    }

    fn count(&self, change: f64) {
        if let Some(name) = self.name {
            gauge!("remint_waiting", "for" => name).increment(change);
        }
    }
}

/// A place that is taken, until it is dropped.
#[derive(Debug)]
#[must_use = "a place is free again when this is dropped"]
pub struct Place<'a>(&'a Places);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
        self.0.count(-1.0);
    }
}

/// Why work was dropped that had to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotWaited {
    /// So many waited already.
    #[error("{0} requests wait for this answer already, and no more may")]
    Full(usize),
    /// It took longer than this.
    #[error("there was no answer within {0:?}")]
    Late(Duration),
}

impl From<NotWaited> for Unavailable {
    fn from(why: NotWaited) -> Self {
        let kind = match why {
            NotWaited::Full(_) => UnavailableKind::Overloaded,
            NotWaited::Late(_) => UnavailableKind::Deadline,
        };
        Self::new(kind).with_source(why)
    }
}

impl From<NotWaited> for Refusal {
    fn from(why: NotWaited) -> Self {
        Unavailable::from(why).into()
    }
}
