use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use remint_conformance::ManualClock;
use remint_conformance::quota_counter::CounterClock;
use remint_core::{Clock, QuotaAnswer, QuotaCharge, QuotaCounter, QuotaHolder, QuotaStanding, QuotaTaken};

use crate::meeting::Meeting;

/// A plain counter made unsound in the one way that a case of the suite is to notice.
#[derive(Debug)]
pub(crate) struct Broken {
    case: &'static str,
    clock: ManualClock,
    /// Answers later, and goes by a clock that runs on with each call.
    elsewhere: bool,
    budgets: Mutex<HashMap<Name, Budget>>,
    /// Where a fault needs two threads.
    meeting: Meeting,
}

/// In nanoseconds.
#[derive(Debug, Clone, Copy)]
struct Budget {
    full_at: i128,
    /// The most that can lie between a charge and the moment at which it is full again.
    span: i128,
}

/// Of a budget: the kind of its holder, its names, and what else tells it from others.
type Name = (u8, String, String, Duration, u64);

#[derive(Debug, Clone)]
struct Look {
    name: Name,
    now: i128,
    /// How long until the budget is full.
    backlog: i128,
    price: i128,
    span: i128,
    interval: i128,
}

impl Look {
    const fn short_for(&self) -> Option<i128> {
        let short_for = self.backlog + self.price - self.span;
        if short_for > 0 && self.price > 0 { Some(short_for) } else { None }
    }

    fn budget(&self, backlog: i128) -> Budget {
        Budget { full_at: self.now + backlog, span: self.span.max(backlog) }
    }
}

impl Broken {
    pub(crate) fn new(clock: ManualClock, case: &'static str) -> Self {
        Self { case, clock, elsewhere: false, budgets: Mutex::default(), meeting: Meeting::default() }
    }

    /// A sound one that answers later, and goes by a clock that runs on with each call.
    pub(crate) fn elsewhere(clock: ManualClock) -> Self {
        Self { elsewhere: true, ..Self::new(clock, "none") }
    }

    fn name(&self, charge: &QuotaCharge<'_>) -> Name {
        let (kind, holder) = match charge.holder {
            QuotaHolder::Subject(subject) => (0, subject.as_str()),
            QuotaHolder::Tenant(tenant) => (1, tenant.as_str()),
            QuotaHolder::Key(key) => (2, key.as_str()),
        };
        let (limit, holder) = (charge.limit.to_owned(), holder.to_owned());
        match self.case {
            "a_subject_a_tenant_and_a_key_of_one_name_are_three" => (0, limit, holder, charge.window, 0),
            "holders_have_budgets_of_their_own" => (kind, limit, holder.to_lowercase(), charge.window, 0),
            "limits_have_budgets_of_their_own" => (kind, format!("{limit}-{holder}"), String::new(), charge.window, 0),
            "windows_have_budgets_of_their_own" => (kind, limit, holder, Duration::ZERO, 0),
            "a_budget_is_the_same_in_every_plan" => (kind, limit, holder, charge.window, charge.burst),
            "no_time_yields_more_than_the_burst_and_what_came_back" => {
                // The budget of a window that begins and ends with the clock's.
                let window = self.clock.now().as_secs() / 3600;
                (kind, limit, holder, charge.window, window)
            }
            _ => (kind, limit, holder, charge.window, 0),
        }
    }

    /// Once for each call, while it holds the budgets.
    fn now(&self) -> i128 {
        if self.elsewhere {
            self.clock.advance(TICK);
        }
        i128::from(self.clock.now().as_millis()) * 1_000_000
    }

    fn look(&self, charge: &QuotaCharge<'_>, now: i128, budgets: &mut HashMap<Name, Budget>) -> Look {
        let name = self.name(charge);
        let interval = i128::try_from(charge.interval.as_nanos()).unwrap();
        let (mut price, mut span) = (interval * i128::from(charge.cost), interval * i128::from(charge.burst));
        let budget = budgets.entry(name.clone()).or_insert(Budget { full_at: now, span });
        if self.case != "a_clock_that_is_set_back_costs_at_most_one_refill" {
            budget.full_at = budget.full_at.min(now + budget.span);
        }
        let mut backlog = budget.full_at - now;
        if !matches!(self.case, "a_budget_is_no_fuller_for_waiting" | "nothing_is_given_back_beyond_the_burst") {
            backlog = backlog.max(0);
        }
        match self.case {
            "a_burst_is_taken_at_once_and_no_more" => span += interval,
            // All at the end of a window, and nothing before it.
            "one_unit_comes_back_each_interval" => backlog = (backlog + span - 1) / span * span,
            "a_charge_of_nothing_takes_nothing" => price = price.max(interval),
            "the_greatest_budgets_are_counted_to_the_unit" => span = rounded(span),
            _ => {}
        }
        Look { name, now, backlog, price, span, interval }
    }

    fn standing(&self, look: &Look, charged: bool) -> QuotaStanding {
        let (backlog, short_for) = match self.case {
            "what_was_short_for_a_time_is_there_after_it" => (look.backlog, look.short_for().map(|_| look.backlog)),
            _ => (look.backlog, look.short_for()),
        };
        let backlog = if charged { backlog + look.price } else { backlog };
        QuotaStanding {
            remaining: u64::try_from((look.span - backlog).max(0) / look.interval).unwrap_or(u64::MAX),
            full_in: nanos(backlog),
            short_for: if charged { None } else { short_for.map(nanos) },
        }
    }

    fn take_now(&self, charges: &[QuotaCharge<'_>]) -> QuotaTaken {
        let mut budgets = self.budgets.lock().unwrap();
        let now = self.now();
        let looks: Vec<_> = charges.iter().map(|charge| self.look(charge, now, &mut budgets)).collect();
        let holds = |look: &Look| match self.case {
            "a_cost_above_the_burst_is_always_refused" => look.short_for().is_none() || look.backlog == 0,
            _ => look.short_for().is_none(),
        };
        let allowed = looks.iter().all(holds);
        if self.case == "many_at_once_take_what_there_is" {
            self.meeting.wait(budgets);
            budgets = self.budgets.lock().unwrap();
        }
        for look in &looks {
            let charge = match self.case {
                "all_budgets_are_charged_or_none" | "many_at_once_are_charged_to_all_budgets_or_none" => holds(look),
                "a_refused_call_charges_nothing" => true,
                _ => allowed,
            };
            if charge {
                budgets.insert(look.name.clone(), look.budget(look.backlog + look.price));
            }
            if self.case == "no_call_sees_half_of_another" && look.price > 0 {
                self.meeting.wait(budgets);
                budgets = self.budgets.lock().unwrap();
            }
        }
        self.meeting.come();
        drop(budgets);
        let mut standings: Vec<_> = looks.iter().map(|look| self.standing(look, allowed)).collect();
        if self.case == "standings_come_in_the_order_of_the_charges" {
            standings.reverse();
        }
        QuotaTaken::new(standings)
    }

    fn give_back_now(&self, charges: &[QuotaCharge<'_>]) {
        let mut budgets = self.budgets.lock().unwrap();
        let now = self.now();
        for charge in charges {
            let mut look = self.look(charge, now, &mut budgets);
            match self.case {
                "many_at_once_give_back_what_they_took" => {
                    self.meeting.come();
                    let is_first = self.meeting.wait(budgets);
                    budgets = self.budgets.lock().unwrap();
                    if is_first {
                        // The other one has written over it.
                        continue;
                    }
                    look = self.look(charge, now, &mut budgets);
                }
                "what_is_given_back_is_as_if_it_had_never_been_taken" => look.price = look.backlog,
                "each_budget_is_given_back_its_own" => look.price = look.interval * i128::from(charges[0].cost),
                "nothing_is_given_back_beyond_the_burst" => {
                    budgets.insert(look.name.clone(), look.budget(look.backlog - look.price));
                    continue;
                }
                _ => {}
            }
            budgets.insert(look.name.clone(), look.budget((look.backlog - look.price).max(0)));
        }
    }

    fn answer<T: Send + 'static>(&self, answer: T) -> QuotaAnswer<T> {
        if !self.elsewhere {
            return QuotaAnswer::Now(Ok(answer));
        }
        QuotaAnswer::Later(Box::pin(async {
            tokio::task::yield_now().await;
            Ok(answer)
        }))
    }
}

impl QuotaCounter for Broken {
    fn take(&self, charges: &[QuotaCharge<'_>]) -> QuotaAnswer<QuotaTaken> {
        self.answer(self.take_now(charges))
    }

    fn give_back(&self, charges: &[QuotaCharge<'_>]) -> QuotaAnswer<()> {
        self.give_back_now(charges);
        self.answer(())
    }
}

const TICK: Duration = Duration::from_millis(7);

/// The clock of [`Broken::elsewhere`].
#[derive(Debug)]
pub(crate) struct RunningClock(pub(crate) ManualClock);

#[async_trait]
impl CounterClock for RunningClock {
    async fn advance(&self, by: Duration) {
        CounterClock::advance(&self.0, by).await;
    }

    async fn set_back(&self, by: Duration) {
        self.0.set_back(by).await;
    }

    fn drift(&self) -> Duration {
        Duration::from_secs(60)
    }
}

fn nanos(nanos: i128) -> Duration {
    Duration::from_nanos(u64::try_from(nanos.max(0)).unwrap_or(u64::MAX))
}

/// To what a float of 32 bits holds.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "that is the fault")]
const fn rounded(nanos: i128) -> i128 {
    nanos as f32 as i128
}
