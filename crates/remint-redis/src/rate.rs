use std::time::Duration;

use remint_core::{QuotaCharge, QuotaStanding};

/// What a charge says about a budget, in nanoseconds. As the script reckons, so is it reckoned here: both know the same
/// backlog, and come to the same verdict.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    /// Until one unit has come back.
    interval: u64,
    /// Until all have.
    pub(crate) span: u64,
    /// Until what is charged has.
    price: u64,
    fits: bool,
}

impl Rate {
    pub(crate) fn of(charge: &QuotaCharge<'_>) -> Self {
        let interval = u64::try_from(charge.interval.as_nanos()).unwrap_or(u64::MAX).max(1);
        let (span, price) = (interval.saturating_mul(charge.burst), interval.saturating_mul(charge.cost));
        Self { interval, span, price, fits: charge.cost <= charge.burst }
    }

    /// The price as it is charged: one that no budget holds is more than the span, though both are beyond all numbers.
    pub(crate) fn price(&self) -> u128 {
        if self.fits { self.price.into() } else { u128::from(self.price).max(u128::from(self.span) + 1) }
    }

    /// How long the budget does not hold the price; `None` if it does.
    fn short_for(&self, backlog: u64) -> Option<Duration> {
        let after = u128::from(backlog) + self.price();
        let short = after.saturating_sub(self.span.into());
        (self.price != 0 && short != 0).then(|| Duration::from_nanos(u64::try_from(short).unwrap_or(u64::MAX)))
    }

    /// How the budget stands after the call, whose charges were taken (`all`) or not.
    pub(crate) fn standing(&self, backlog: u64, all: bool) -> QuotaStanding {
        let after = if all { backlog.saturating_add(self.price) } else { backlog };
        QuotaStanding {
            remaining: self.span.saturating_sub(after) / self.interval,
            full_in: Duration::from_nanos(after),
            short_for: if all { None } else { self.short_for(backlog) },
        }
    }
}
