use std::time::Duration;

use remint_core::{QuotaCharge, QuotaStanding};

/// One budget. All times are nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    /// When it will be full (the theoretical arrival time of GCRA).
    pub(super) full_at: u64,
    /// The most that can lie between a charge and the moment at which it is full again.
    span: u64,
}

impl Cell {
    /// How long until it is full.
    pub(super) fn backlog(&self, now: u64) -> u64 {
        self.full_at.saturating_sub(now).min(self.span)
    }

    /// More than its span is what a clock that was set back looks like: from then on the budget is
    /// empty, and not for as long as the clock was set back by.
    pub(super) fn mend(&mut self, now: u64) {
        self.full_at = self.full_at.min(now.saturating_add(self.span));
    }

    pub(super) fn new(now: u64, backlog: u64, rate: Rate) -> Self {
        Self { full_at: now.saturating_add(backlog), span: rate.span.max(backlog) }
    }
}

/// What a charge says about a budget.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rate {
    /// Until one unit has come back.
    interval: u64,
    /// Until all have.
    span: u64,
    /// Until what is charged has.
    price: u64,
}

impl Rate {
    pub(super) fn of(charge: &QuotaCharge<'_>) -> Self {
        let interval = nanos(charge.interval).max(1);
        let (span, price) = (interval.saturating_mul(charge.burst), interval.saturating_mul(charge.cost));
        Self { interval, span, price }
    }

    /// The backlog after the charge, or for how long the budget does not hold it. Every budget holds nothing, also one
    /// of which another plan took more than this one has.
    pub(super) const fn charge(self, backlog: u64) -> Result<u64, u64> {
        let after = backlog.saturating_add(self.price);
        if after <= self.span || self.price == 0 { Ok(after) } else { Err(after - self.span) }
    }

    pub(super) const fn give_back(self, backlog: u64) -> u64 {
        backlog.saturating_sub(self.price)
    }

    pub(super) fn standing(self, backlog: u64, short_for: Option<u64>) -> QuotaStanding {
        QuotaStanding {
            remaining: self.span.saturating_sub(backlog) / self.interval.max(1),
            full_in: Duration::from_nanos(backlog),
            short_for: short_for.map(Duration::from_nanos),
        }
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
