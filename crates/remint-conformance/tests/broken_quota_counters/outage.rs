use remint_core::{QuotaAnswer, QuotaCharge, QuotaCounter, QuotaStanding, QuotaTaken, Unavailable};

/// A counter that shows an outage as a verdict.
#[derive(Debug)]
pub(crate) struct Hidden<C> {
    pub(crate) inner: C,
    /// Which.
    pub(crate) allowed: bool,
}

impl<C: QuotaCounter> QuotaCounter for Hidden<C> {
    fn take(&self, charges: &[QuotaCharge<'_>]) -> QuotaAnswer<QuotaTaken> {
        let short_for = |charge: &QuotaCharge<'_>| (!self.allowed).then_some(charge.interval);
        let made_up = |charge| QuotaStanding { short_for: short_for(charge), ..QuotaStanding::default() };
        hide(self.inner.take(charges), || QuotaTaken::new(charges.iter().map(made_up)))
    }

    fn give_back(&self, charges: &[QuotaCharge<'_>]) -> QuotaAnswer<()> {
        hide(self.inner.give_back(charges), || ())
    }
}

fn hide<T>(answer: QuotaAnswer<T>, made_up: impl FnOnce() -> T) -> QuotaAnswer<T> {
    match answer {
        QuotaAnswer::Now(Err(Unavailable { .. })) => QuotaAnswer::Now(Ok(made_up())),
        answer => answer,
    }
}
