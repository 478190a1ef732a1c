use remint_core::{QuotaAnswer, QuotaCharge, QuotaCounter, QuotaTaken, UnavailableKind};

use crate::severable::Severable;

impl<C: QuotaCounter> QuotaCounter for Severable<C> {
    fn take(&self, charges: &[QuotaCharge<'_>]) -> QuotaAnswer<QuotaTaken> {
        match self.connected(UnavailableKind::QuotaCounter) {
            Ok(inner) => inner.take(charges),
            Err(outage) => QuotaAnswer::Now(Err(outage)),
        }
    }

    fn give_back(&self, charges: &[QuotaCharge<'_>]) -> QuotaAnswer<()> {
        match self.connected(UnavailableKind::QuotaCounter) {
            Ok(inner) => inner.give_back(charges),
            Err(outage) => QuotaAnswer::Now(Err(outage)),
        }
    }
}
