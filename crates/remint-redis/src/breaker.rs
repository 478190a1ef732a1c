use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Keeps commands from a server that does not answer: closed, open for a while, then one command to find out.
#[derive(Debug)]
pub(crate) struct Breaker {
    failures: u32,
    cool_down: Duration,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    phase: Phase,
    /// Grows with each phase: the outcome of a command of an earlier one says nothing any more.
    generation: u64,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    Closed { failures: u32 },
    Open { until: Instant },
    Probing,
}

/// What the outcome of a command did to the breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turned {
    Opened,
    Closed,
    Neither,
}

impl Breaker {
    pub(crate) const fn new(failures: u32, cool_down: Duration) -> Self {
        let inner = Inner { phase: Phase::Closed { failures: 0 }, generation: 0 };
        Self { failures, cool_down, inner: Mutex::new(inner) }
    }

    /// Leave to ask the server, or for how long there is none.
    pub(crate) fn admit(&self) -> Result<Permit<'_>, Duration> {
        let mut inner = self.lock();
        match inner.phase {
            Phase::Closed { .. } => {}
            Phase::Probing => return Err(self.cool_down),
            Phase::Open { until } => {
                let wait = until.saturating_duration_since(Instant::now());
                if !wait.is_zero() {
                    return Err(wait);
                }
                inner.enter(Phase::Probing);
            }
        }
        Ok(Permit { breaker: self, generation: inner.generation, reported: false })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.generation += 1;
    }
}

/// Leave for one command.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    breaker: &'a Breaker,
    generation: u64,
    reported: bool,
}

impl Permit<'_> {
    /// The server answered, whatever it said.
    pub(crate) fn answered(self) -> Turned {
        self.report(|inner, _| match inner.phase {
            Phase::Closed { .. } => {
                inner.phase = Phase::Closed { failures: 0 };
                Turned::Neither
            }
            Phase::Probing | Phase::Open { .. } => {
                inner.enter(Phase::Closed { failures: 0 });
                Turned::Closed
            }
        })
    }

    /// It did not.
    pub(crate) fn failed(self) -> Turned {
        self.report(|inner, breaker| {
            let until = Instant::now() + breaker.cool_down;
            match inner.phase {
                Phase::Closed { failures } if failures + 1 < breaker.failures => {
                    inner.phase = Phase::Closed { failures: failures + 1 };
                    Turned::Neither
                }
                Phase::Closed { .. } => {
                    inner.enter(Phase::Open { until });
                    Turned::Opened
                }
                Phase::Probing | Phase::Open { .. } => {
                    inner.enter(Phase::Open { until });
                    Turned::Neither
                }
            }
        })
    }

    fn report(mut self, outcome: impl FnOnce(&mut Inner, &Breaker) -> Turned) -> Turned {
        self.reported = true;
        let mut inner = self.breaker.lock();
        if inner.generation == self.generation { outcome(&mut inner, self.breaker) } else { Turned::Neither }
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
            inner.enter(Phase::Open { until: Instant::now() });
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const COOL_DOWN: Duration = Duration::from_secs(1);

    fn failed(breaker: &Breaker) -> Turned {
        breaker.admit().unwrap().failed()
    }

    fn opened() -> Breaker {
        let breaker = Breaker::new(2, COOL_DOWN);
        assert_eq!(failed(&breaker), Turned::Neither);
        assert_eq!(failed(&breaker), Turned::Opened);
        breaker
    }

    #[tokio::test(start_paused = true)]
    async fn it_opens_after_so_many_failures_in_a_row_and_only_then() {
        let breaker = Breaker::new(2, COOL_DOWN);
        for _ in 0..3 {
            assert_eq!(failed(&breaker), Turned::Neither);
            assert_eq!(breaker.admit().unwrap().answered(), Turned::Neither);
        }
        assert_eq!(opened().admit().unwrap_err(), COOL_DOWN);
    }

    #[tokio::test(start_paused = true)]
    async fn one_command_finds_out_whether_the_server_answers_again() {
        let breaker = opened();
        advance(COOL_DOWN).await;
        let probe = breaker.admit().unwrap();
        assert!(breaker.admit().is_err(), "one at a time");
        assert_eq!(probe.failed(), Turned::Neither);
        assert_eq!(breaker.admit().unwrap_err(), COOL_DOWN);
        advance(COOL_DOWN).await;
        assert_eq!(breaker.admit().unwrap().answered(), Turned::Closed);
        assert!(breaker.admit().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_whose_caller_hung_up_is_the_next_callers() {
        let breaker = opened();
        advance(COOL_DOWN).await;
        drop(breaker.admit().unwrap());
        assert_eq!(breaker.admit().unwrap().answered(), Turned::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_asked_before_it_opened_does_not_close_it() {
        let breaker = Breaker::new(1, COOL_DOWN);
        let (slow, late) = (breaker.admit().unwrap(), breaker.admit().unwrap());
        assert_eq!(failed(&breaker), Turned::Opened);
        assert_eq!(slow.answered(), Turned::Neither);
        assert_eq!(late.failed(), Turned::Neither);
        assert!(breaker.admit().is_err());
    }
}
