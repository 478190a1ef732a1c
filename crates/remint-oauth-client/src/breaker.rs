use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use remint_core::{Clock, Timestamp};

use crate::random;

/// When a server that does not answer is left alone, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerSettings {
    /// After how many failures in a row (5 unless set; at least 1).
    pub failures: u32,
    /// How long at first (1 second unless set); doubled with each probe that fails. What is waited is
    /// between half of it and all of it.
    pub cool_down: Duration,
    /// How long at most (30 seconds unless set).
    pub max_cool_down: Duration,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self { failures: 5, cool_down: Duration::from_secs(1), max_cool_down: Duration::from_secs(30) }
    }
}

/// Whether the server is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BreakerState {
    /// It is; so many attempts have failed in a row.
    Closed {
        /// How many.
        failures: u32,
    },
    /// It is not, for so long.
    Open {
        /// How long; zero: the next call is the probe.
        retry_after: Duration,
    },
    /// One call is under way to see whether it answers again; others are not sent.
    Probing,
}

/// Counts failures in a row, and keeps calls from a server that is known to be gone.
pub(crate) struct Breaker {
    settings: BreakerSettings,
    clock: Arc<dyn Clock>,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    phase: Phase,
    /// How often it was opened since the server last answered.
    trips: u32,
    /// Grows with each phase: what an attempt of an earlier one came to says nothing any more.
    generation: u64,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    Closed { failures: u32 },
    Open { until: Timestamp },
    Probing,
}

impl Breaker {
    pub(crate) fn new(settings: BreakerSettings, clock: Arc<dyn Clock>) -> Self {
        let inner = Inner { phase: Phase::Closed { failures: 0 }, trips: 0, generation: 0 };
        Self { settings, clock, inner: Mutex::new(inner) }
    }

    /// Leave to ask the server, or how long there is none.
    pub(crate) fn admit(&self) -> Result<Permit<'_>, Duration> {
        let mut inner = self.lock();
        match inner.phase {
            Phase::Closed { .. } => {}
            Phase::Probing => return Err(Duration::ZERO),
            Phase::Open { until } => {
                let wait = self.wait(until);
                if !wait.is_zero() {
                    return Err(wait);
                }
                inner.enter(Phase::Probing);
            }
        }
        Ok(Permit { breaker: self, generation: inner.generation, reported: false })
    }

    pub(crate) fn state(&self) -> BreakerState {
        match self.lock().phase {
            Phase::Closed { failures } => BreakerState::Closed { failures },
            Phase::Open { until } => BreakerState::Open { retry_after: self.wait(until) },
            Phase::Probing => BreakerState::Probing,
        }
    }

    /// A clock that was set back does not make it longer than it can be.
    fn wait(&self, until: Timestamp) -> Duration {
        let wait = until.saturating_duration_since(self.clock.now());
        if wait > self.settings.max_cool_down.max(self.settings.cool_down) { Duration::ZERO } else { wait }
    }

    fn cool_down(&self, trips: u32) -> Duration {
        let whole = self.settings.cool_down.saturating_mul(1 << trips.min(16)).min(self.settings.max_cool_down);
        whole / 2 + random::up_to(whole / 2)
    }

    fn open(&self, inner: &mut Inner) {
        let until = self.clock.now().saturating_add(self.cool_down(inner.trips));
        inner.trips = inner.trips.saturating_add(1);
        inner.enter(Phase::Open { until });
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Breaker").field(&self.state()).finish()
    }
}

impl Inner {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.generation += 1;
    }
}

/// Leave for one attempt. Who drops it without a word has not found out anything.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    breaker: &'a Breaker,
    generation: u64,
    reported: bool,
}

/// Whether an attempt's outcome has opened or closed the breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turned {
    Opened,
    Closed,
    Neither,
}

impl Permit<'_> {
    /// The server answered.
    pub(crate) fn answered(mut self) -> Turned {
        self.reported = true;
        let mut inner = self.breaker.lock();
        if inner.generation != self.generation {
            return Turned::Neither;
        }
        match inner.phase {
            Phase::Closed { .. } => {
                inner.phase = Phase::Closed { failures: 0 };
                Turned::Neither
            }
            Phase::Probing | Phase::Open { .. } => {
                inner.trips = 0;
                inner.enter(Phase::Closed { failures: 0 });
                Turned::Closed
            }
        }
    }

    /// It did not.
    pub(crate) fn failed(mut self) -> Turned {
        self.reported = true;
        let mut inner = self.breaker.lock();
        if inner.generation != self.generation {
            return Turned::Neither;
        }
        match inner.phase {
            Phase::Closed { failures } if failures + 1 < self.breaker.settings.failures => {
                inner.phase = Phase::Closed { failures: failures + 1 };
                Turned::Neither
            }
            Phase::Closed { .. } => {
                self.breaker.open(&mut inner);
                Turned::Opened
            }
            Phase::Probing | Phase::Open { .. } => {
                self.breaker.open(&mut inner);
                Turned::Neither
            }
        }
    }
}

/// A caller who hung up during the probe leaves it to the next.
impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.reported {
            return;
        }
        let mut inner = self.breaker.lock();
        if inner.generation == self.generation && matches!(inner.phase, Phase::Probing) {
            let now = self.breaker.clock.now();
            inner.enter(Phase::Open { until: now });
        }
    }
}
