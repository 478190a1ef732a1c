//! The algorithm's promises, for any sequence of takes, refunds and moments.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use remint_core::{QuotaAnswer, QuotaCharge, QuotaCounter, QuotaHolder, QuotaTaken, Subject, TenantId};
use remint_quota::MemoryCounter;
use remint_testkit::ManualClock;

#[derive(Debug, Clone, Copy)]
struct Rate {
    interval: Duration,
    burst: u64,
}

fn take(counter: &MemoryCounter, charges: &[QuotaCharge<'_>]) -> QuotaTaken {
    match counter.take(charges) {
        QuotaAnswer::Now(taken) => taken.unwrap(),
        QuotaAnswer::Later(_) => unreachable!("it counts here"),
    }
}

fn give_back(counter: &MemoryCounter, charges: &[QuotaCharge<'_>]) {
    match counter.give_back(charges) {
        QuotaAnswer::Now(given) => given.unwrap(),
        QuotaAnswer::Later(_) => unreachable!("it counts here"),
    }
}

fn charge<'a>(holder: QuotaHolder<'a>, rate: Rate, cost: u64) -> QuotaCharge<'a> {
    let window = Duration::from_secs(60);
    QuotaCharge { limit: "limit", holder, window, interval: rate.interval, burst: rate.burst, cost }
}

fn counter() -> (MemoryCounter, ManualClock) {
    let clock = ManualClock::default();
    (MemoryCounter::new(clock.clone()), clock)
}

fn alice() -> Subject {
    Subject::new("alice").unwrap()
}

fn rates() -> impl Strategy<Value = Rate> {
    let interval = prop_oneof![1..5_000_000_u64, 1..5_000_000_000_u64].prop_map(Duration::from_nanos);
    (interval, 1..50_u64).prop_map(|(interval, burst)| Rate { interval, burst })
}

proptest! {
    #[test]
    fn a_budget_never_yields_more_than_its_burst_and_what_came_back(
        rate in rates(),
        steps in prop::collection::vec((0..3000_u64, 0..8_u64), 1..200),
    ) {
        let ((counter, clock), alice) = (counter(), alice());
        let (mut took, mut passed) = (0, Duration::ZERO);
        for (wait, cost) in steps {
            let wait = Duration::from_millis(wait);
            clock.advance(wait);
            passed += wait;
            let taken = take(&counter, &[charge(QuotaHolder::Subject(&alice), rate, cost)]);
            took += if taken.is_allowed() { cost } else { 0 };
            let back = passed.as_nanos() / rate.interval.as_nanos();
            prop_assert!(u128::from(took) <= u128::from(rate.burst) + back);
            prop_assert!(taken.standings()[0].remaining <= rate.burst);
        }
    }

    #[test]
    fn what_remains_can_be_taken_and_no_more_and_what_is_short_comes_in_time(
        rate in rates(),
        steps in prop::collection::vec((0..3000_u64, 1..8_u64), 1..100),
    ) {
        let ((counter, clock), alice) = (counter(), alice());
        let one = |cost| [charge(QuotaHolder::Subject(&alice), rate, cost)];
        for (wait, cost) in steps {
            clock.advance(Duration::from_millis(wait));
            let taken = take(&counter, &one(cost));
            let standing = taken.standings()[0];
            prop_assert!(!take(&counter, &one(standing.remaining + 1)).is_allowed());
            if let Some(short_for) = standing.short_for.filter(|_| cost <= rate.burst) {
                prop_assert!(cost > standing.remaining);
                // The clock shows whole milliseconds.
                let millis = u64::try_from(short_for.as_nanos().div_ceil(1_000_000)).unwrap();
                clock.advance(Duration::from_millis(millis));
                prop_assert!(take(&counter, &one(cost)).is_allowed());
            } else if cost <= rate.burst {
                prop_assert!(take(&counter, &one(standing.remaining)).is_allowed());
                give_back(&counter, &one(standing.remaining));
            }
        }
    }

    #[test]
    fn what_is_given_back_is_as_if_it_had_never_been_taken(
        rate in rates(),
        steps in prop::collection::vec((0..3000_u64, 0..8_u64, any::<bool>()), 1..100),
    ) {
        let ((counter, clock), alice) = (counter(), alice());
        let other = Subject::new("bob").unwrap();
        for (wait, cost, also) in steps {
            clock.advance(Duration::from_millis(wait));
            // Bob does what Alice does, and at times something that he takes back at once.
            if also {
                let more = [charge(QuotaHolder::Subject(&other), rate, cost + 1)];
                if take(&counter, &more).is_allowed() {
                    give_back(&counter, &more);
                }
            }
            let hers = take(&counter, &[charge(QuotaHolder::Subject(&alice), rate, cost)]);
            let his = take(&counter, &[charge(QuotaHolder::Subject(&other), rate, cost)]);
            prop_assert_eq!(hers, his);
        }
    }

    #[test]
    fn one_budget_that_refuses_leaves_the_others_untouched(
        rates in (rates(), rates()),
        steps in prop::collection::vec((0..2000_u64, 0..8_u64), 1..100),
    ) {
        let ((counter, clock), alice) = (counter(), alice());
        let tenant = TenantId::new("acme").unwrap();
        for (wait, cost) in steps {
            clock.advance(Duration::from_millis(wait));
            let look = |cost| [charge(QuotaHolder::Subject(&alice), rates.0, cost), charge(QuotaHolder::Tenant(&tenant), rates.1, cost)];
            let before = take(&counter, &look(0));
            let taken = take(&counter, &look(cost));
            let after = take(&counter, &look(0));
            if taken.is_allowed() {
                for (before, after) in before.standings().iter().zip(after.standings()) {
                    prop_assert_eq!(before.remaining - cost, after.remaining);
                }
            } else {
                prop_assert_eq!(before, after);
            }
        }
    }
}

#[test]
fn takes_at_once_never_exceed_a_budget_and_do_not_wait_for_each_other_forever() {
    const THREADS: usize = 4;
    let (counter, _) = counter();
    let users: Vec<_> = (0..THREADS).map(|number| Subject::new(format!("user-{number}")).unwrap()).collect();
    let tenants = [TenantId::new("acme").unwrap(), TenantId::new("umbrella").unwrap()];
    let (own, shared) = (
        Rate { interval: Duration::from_secs(1), burst: 4000 },
        Rate { interval: Duration::from_secs(1), burst: 7000 },
    );
    let took = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for number in 0..THREADS {
            let (counter, users, tenants, took) = (&counter, &users, &tenants, &took);
            scope.spawn(move || {
                for round in 0..5000 {
                    // Two budgets of users and both tenants', named in changing orders.
                    let (first, second) = (number, (number + round) % THREADS);
                    let mut charges = vec![
                        charge(QuotaHolder::Tenant(&tenants[0]), shared, 1),
                        charge(QuotaHolder::Subject(&users[first]), own, 1),
                        charge(QuotaHolder::Tenant(&tenants[1]), shared, 1),
                    ];
                    if second != first {
                        charges.push(charge(QuotaHolder::Subject(&users[second]), own, 1));
                    }
                    charges.rotate_left(round % 3);
                    if take(counter, &charges).is_allowed() {
                        took.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let took = took.into_inner();
    assert!(took <= 7000, "{took}");
    for tenant in &tenants {
        let left = take(&counter, &[charge(QuotaHolder::Tenant(tenant), shared, 0)]).standings()[0].remaining;
        assert_eq!(left, 7000 - took, "each allowed request was charged once, each refused one not");
    }
}

#[test]
fn a_cost_above_the_burst_is_always_refused() {
    let ((counter, clock), alice) = (counter(), alice());
    let rate = Rate { interval: Duration::from_secs(1), burst: 5 };
    for _ in 0..3 {
        for cost in [6, u64::MAX] {
            assert!(!take(&counter, &[charge(QuotaHolder::Subject(&alice), rate, cost)]).is_allowed());
        }
        clock.advance(Duration::from_secs(1_000_000));
    }
}

#[test]
fn a_users_name_is_no_tenants() {
    let ((counter, _), alice) = (counter(), alice());
    let tenant = TenantId::new("alice").unwrap();
    let rate = Rate { interval: Duration::from_secs(1), burst: 1 };
    assert!(take(&counter, &[charge(QuotaHolder::Subject(&alice), rate, 1)]).is_allowed());
    assert!(take(&counter, &[charge(QuotaHolder::Tenant(&tenant), rate, 1)]).is_allowed());
    assert!(!take(&counter, &[charge(QuotaHolder::Subject(&alice), rate, 1)]).is_allowed());
}
