use std::sync::Arc;
use std::time::Duration;

use remint_core::SteadyClock;

use crate::moment::{Moment, millis};
use crate::sync::{AtomicU64, Ordering};

/// How recently a log was looked at, and what was seen.
#[derive(Debug)]
pub(crate) struct Sight {
    clock: Arc<dyn SteadyClock>,
    /// When the last complete reading began.
    in_step: AtomicU64,
    /// When the log was last found not to answer.
    unanswered: AtomicU64,
    /// In milliseconds.
    max_staleness: AtomicU64,
}

/// What can be said by what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sighted {
    /// It is recent enough.
    Well,
    /// The log was not looked at for too long: this process slept.
    NotLately,
    /// The log has not answered for longer than `max_staleness`.
    Blind,
}

impl Sight {
    pub(crate) fn new(clock: Arc<dyn SteadyClock>) -> Self {
        let max_staleness = AtomicU64::new(millis(MAX_STALENESS));
        Self { clock, in_step: AtomicU64::new(0), unanswered: AtomicU64::new(0), max_staleness }
    }

    pub(crate) fn now(&self) -> Moment {
        Moment::at(self.clock.elapsed())
    }

    pub(crate) fn set_max_staleness(&self, longest: Duration) {
        self.max_staleness.store(millis(longest), Ordering::Release);
    }

    /// Everything that was written before this moment is known.
    pub(crate) fn note_in_step(&self, began: Moment) {
        self.in_step.fetch_max(began.0, Ordering::AcqRel);
    }

    /// The log was asked, and has no answer yet.
    pub(crate) fn note_unanswered(&self, now: Moment) {
        self.unanswered.fetch_max(now.0, Ordering::AcqRel);
    }

    /// When the last complete reading began.
    pub(crate) fn in_step(&self) -> Moment {
        Moment(self.in_step.load(Ordering::Acquire))
    }

    /// Whether what was authenticated then may still be answered by.
    pub(crate) fn vouches(&self, authenticated: Moment) -> bool {
        self.sighted_since(authenticated) == Sighted::Well
    }

    pub(crate) fn sighted(&self) -> Sighted {
        self.sighted_since(Moment::default())
    }

    fn sighted_since(&self, authenticated: Moment) -> Sighted {
        let now = self.now();
        let in_step = self.in_step();
        let looked = in_step.max(Moment(self.unanswered.load(Ordering::Acquire)));
        if now >= looked.plus(millis(LATELY)) {
            Sighted::NotLately
        } else if now >= in_step.max(authenticated).plus(self.max_staleness.load(Ordering::Acquire)) {
            Sighted::Blind
        } else {
            Sighted::Well
        }
    }
}

/// How long entries answer while the log does not, unless set.
const MAX_STALENESS: Duration = Duration::from_secs(30);

/// For how long one look at the log is enough: the bound within which a revocation is known.
pub(crate) const LATELY: Duration = Duration::from_secs(1);
