use std::sync::Arc;

use remint_core::{Identity, QuotaAnswer, QuotaCharge, QuotaHolder, QuotaTaken};

use crate::{Limit, Quota};

/// What one request is charged to.
#[derive(Debug, Clone)]
pub struct Draw {
    quota: Quota,
    identity: Arc<Identity>,
    plan: usize,
    /// A bit for each of the plan's limits.
    set: u8,
    cost: u64,
}

impl Quota {
    /// What a request of this caller, on a route of this class, is charged to, without the limits it
    /// was charged to already; `None`: to nothing.
    #[must_use]
    pub fn draw(
        &self,
        identity: &Arc<Identity>,
        class: Option<&str>,
        cost: u64,
        already: Option<&Charged>,
    ) -> Option<Draw> {
        let place = self.place(identity.plan.as_ref());
        let already = already.map_or(0, |charged| charged.to(self.id()));
        let mut set = 0;
        for (index, limit) in self.plan(place)?.limits().iter().enumerate() {
            if limit.holder(identity, class).is_some() {
                set |= 1 << index;
            }
        }
        let set = set & !already;
        (set != 0).then(|| Draw { quota: self.clone(), identity: Arc::clone(identity), plan: place, set, cost })
    }
}

impl Draw {
    /// Charges it, to all limits or none.
    #[must_use]
    pub fn take(&self) -> QuotaAnswer<QuotaTaken> {
        self.charge(|charges| self.quota.counter().take(charges))
    }

    /// Gives back what was charged, for a request that was then refused elsewhere.
    #[must_use]
    pub fn give_back(&self) -> QuotaAnswer<()> {
        self.charge(|charges| self.quota.counter().give_back(charges))
    }

    pub(crate) fn limits(&self) -> impl Iterator<Item = &Limit> {
        self.plan().into_iter().flat_map(|plan| plan.chosen(self.set))
    }

    pub(crate) const fn cost(&self) -> u64 {
        self.cost
    }

    pub(crate) fn policy(&self) -> Option<http::HeaderValue> {
        self.plan()?.policy(self.set)
    }

    fn plan(&self) -> Option<&crate::Plan> {
        self.quota.plan(self.plan)
    }

    fn charge<T>(&self, with: impl FnOnce(&[QuotaCharge<'_>]) -> T) -> T {
        let none = QuotaCharge {
            limit: "",
            holder: QuotaHolder::Subject(&self.identity.subject),
            window: std::time::Duration::ZERO,
            interval: std::time::Duration::ZERO,
            burst: 0,
            cost: 0,
        };
        let (mut charges, mut len) = ([none; QuotaTaken::MAX], 0);
        for (charge, limit) in charges.iter_mut().zip(self.limits()) {
            *charge = QuotaCharge {
                limit: limit.name(),
                holder: limit.any_holder(&self.identity).unwrap_or(none.holder),
                window: limit.window(),
                interval: limit.interval(),
                burst: limit.burst(),
                cost: self.cost,
            };
            len += 1;
        }
        with(charges.get(..len).unwrap_or_default())
    }
}

/// Which limits a request has been charged to. It travels in the request's extensions, so that
/// nested layers charge each limit once.
#[derive(Debug, Clone)]
pub struct Charged {
    quota: u64,
    set: u8,
    rest: Option<Box<Self>>,
}

impl Charged {
    /// What was charged before, and this.
    #[must_use]
    pub fn and(before: Option<&Self>, draw: &Draw) -> Self {
        let (quota, set) = (draw.quota.id(), draw.set);
        match before {
            Some(before) if before.quota == quota => Self { set: before.set | set, ..before.clone() },
            Some(Self { quota: other, set: theirs, rest }) => {
                let rest = Self::and(rest.as_deref(), draw);
                Self { quota: *other, set: *theirs, rest: Some(Box::new(rest)) }
            }
            None => Self { quota, set, rest: None },
        }
    }

    pub(crate) fn to(&self, quota: u64) -> u8 {
        if self.quota == quota { self.set } else { self.rest.as_ref().map_or(0, |rest| rest.to(quota)) }
    }
}
