use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::load::LoadError;

/// What a fetch came to, shared by all who waited for it.
pub(crate) type Outcome = Result<(), Arc<LoadError>>;

/// The one fetch that may be under way, and the throttle.
#[derive(Debug, Default)]
pub(crate) struct Flights(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    running: Option<watch::Receiver<Option<Outcome>>>,
    last_asked_for: Option<Instant>,
}

/// What to do about a wish to fetch.
pub(crate) enum Boarding {
    /// Fetch, and land.
    Lead(Takeoff),
    /// Somebody is fetching: wait.
    Join(Passenger),
    /// Not yet: see [`Flights::opens_in`].
    Throttled,
}

impl Flights {
    /// Joins the fetch under way or starts one, unless `throttle` is given and one that was also
    /// throttled began less than that long ago.
    pub(crate) fn board(&self, throttle: Option<Duration>) -> Boarding {
        let mut state = self.lock();
        if let Some(running) = &state.running {
            return Boarding::Join(Passenger(running.clone()));
        }
        if let Some(interval) = throttle {
            if state.wait(interval).is_some() {
                return Boarding::Throttled;
            }
            state.last_asked_for = Some(Instant::now());
        }
        let (sender, receiver) = watch::channel(None);
        state.running = Some(receiver.clone());
        Boarding::Lead(Takeoff { sender, receiver })
    }

    /// When a throttled fetch may begin; `None`: now.
    pub(crate) fn opens_in(&self, interval: Duration) -> Option<Duration> {
        self.lock().wait(interval)
    }

    /// The fetch has ended: the next may begin.
    pub(crate) fn land(&self) {
        self.lock().running = None;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wait(&self, interval: Duration) -> Option<Duration> {
        let since = self.last_asked_for?.elapsed();
        interval.checked_sub(since).filter(|wait| !wait.is_zero())
    }
}

/// The duty to fetch.
pub(crate) struct Takeoff {
    pub(crate) sender: watch::Sender<Option<Outcome>>,
    receiver: watch::Receiver<Option<Outcome>>,
}

impl Takeoff {
    /// Waits for the fetch that this is the duty for.
    pub(crate) fn passenger(&self) -> Passenger {
        Passenger(self.receiver.clone())
    }
}

/// A wait for a fetch under way.
pub(crate) struct Passenger(watch::Receiver<Option<Outcome>>);

impl Passenger {
    pub(crate) async fn arrive(mut self) -> Outcome {
        match self.0.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone().unwrap_or_else(|| Err(Arc::new(LoadError::Broken))),
            Err(_) => Err(Arc::new(LoadError::Broken)),
        }
    }
}
