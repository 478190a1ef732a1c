//! Cases of one call, with one charge or several.

use remint_core::{QuotaCharge, QuotaCounter, QuotaHolder, QuotaTaken};

use super::CounterClock;
use super::samples::{HOUR, assert_standings, charge, is_allowed, key, look, standing, subject, take, tenant};

/// From a full budget too, and however long one waits.
pub async fn a_cost_above_the_burst_is_always_refused(counter: impl QuotaCounter, clock: impl CounterClock) {
    let alice = subject("alice");
    let holder = QuotaHolder::Subject(&alice);
    let mut costs = vec![6, 1000, u64::MAX];
    for unit in [HOUR.as_secs(), 1000 * HOUR.as_secs(), 1_000_000 * HOUR.as_secs(), 1_000_000_000 * HOUR.as_secs()] {
        // Their prices are a little more than a number of 64 bits holds.
        costs.extend([u64::MAX / unit + 1, i64::MAX.unsigned_abs() / unit + 1]);
    }
    for _ in 0..2 {
        for &cost in &costs {
            let refused = take(&counter, &[charge(holder, 5, cost)]).await;
            assert!(!refused.is_allowed(), "{cost} of 5");
            assert_eq!(refused.standings()[0].remaining, 5);
        }
        clock.advance(HOUR * 1000).await;
    }
    assert!(is_allowed(&counter, charge(holder, 5, 5)).await);
}

/// Whichever of them refuses, and wherever it stands.
pub async fn all_budgets_are_charged_or_none(counter: impl QuotaCounter, clock: impl CounterClock) {
    let (alice, acme, key) = (subject("alice"), tenant("acme"), key("key"));
    let mut charges = [
        charge(QuotaHolder::Subject(&alice), 10, 1),
        charge(QuotaHolder::Tenant(&acme), 10, 1),
        charge(QuotaHolder::Key(&key), 1, 1),
    ];
    assert!(take(&counter, &charges).await.is_allowed());
    for _ in 0..3 {
        assert!(!take(&counter, &charges).await.is_allowed());
        for charge in charges {
            let left = standing(charge.burst - 1, 1, None);
            assert_standings(&[look(&counter, charge).await], &[left], clock.drift());
        }
        charges.rotate_left(1);
    }
    clock.advance(HOUR).await;
    assert!(take(&counter, &charges).await.is_allowed());
}

/// Who asks again and again does not wait the longer.
pub async fn a_refused_call_charges_nothing(counter: impl QuotaCounter, clock: impl CounterClock) {
    let alice = subject("alice");
    let holder = QuotaHolder::Subject(&alice);
    assert!(is_allowed(&counter, charge(holder, 5, 4)).await);
    for _ in 0..20 {
        let refused = take(&counter, &[charge(holder, 5, 3)]).await;
        assert_standings(refused.standings(), &[standing(1, 4, Some(2))], clock.drift());
    }
    clock.advance(HOUR * 2).await;
    assert!(is_allowed(&counter, charge(holder, 5, 3)).await);
}

/// A charge of nothing is allowed, by an empty budget too, and says how it stands.
pub async fn a_charge_of_nothing_takes_nothing(counter: impl QuotaCounter, clock: impl CounterClock) {
    let alice = subject("alice");
    let holder = QuotaHolder::Subject(&alice);
    for (cost, left) in [(0, standing(5, 0, None)), (3, standing(2, 3, None)), (2, standing(0, 5, None))] {
        take(&counter, &[charge(holder, 5, cost)]).await;
        for _ in 0..3 {
            assert_standings(&[look(&counter, charge(holder, 5, 0)).await], &[left], clock.drift());
        }
    }
    // In a plan of which more than all has been taken, too.
    assert_standings(&[look(&counter, charge(holder, 3, 0)).await], &[standing(0, 5, None)], clock.drift());
    assert_eq!(take(&counter, &[]).await.standings(), []);
}

/// As many as a call may have, those that are short and those that are not.
pub async fn standings_come_in_the_order_of_the_charges(counter: impl QuotaCounter, clock: impl CounterClock) {
    const LIMITS: [&str; QuotaTaken::MAX] = ["h", "b", "g", "a", "e", "d", "c", "f"];
    let (alice, acme, key) = (subject("alice"), tenant("acme"), key("key"));
    let holders = [QuotaHolder::Subject(&alice), QuotaHolder::Tenant(&acme), QuotaHolder::Key(&key)];
    let costing = |cost: fn(u32) -> u32| {
        let charges = (0..).zip(LIMITS).zip(holders.into_iter().cycle());
        let charge = |((place, limit), holder)| QuotaCharge { limit, ..charge(holder, 10, cost(place).into()) };
        charges.map(charge).collect::<Vec<_>>()
    };
    let taken = take(&counter, &costing(|place| place)).await;
    let expected: Vec<_> = (0..8_u32).map(|place| standing(10 - u64::from(place), place, None)).collect();
    assert!(taken.is_allowed());
    assert_standings(taken.standings(), &expected, clock.drift());

    let mut charges = costing(|_| 5);
    let short = |place: u32| place.checked_sub(5).filter(|hours| *hours > 0);
    let mut expected: Vec<_> = (0..8_u32).map(|place| standing(10 - u64::from(place), place, short(place))).collect();
    for _ in 0..2 {
        let refused = take(&counter, &charges).await;
        assert!(!refused.is_allowed());
        assert_standings(refused.standings(), &expected, clock.drift());
        charges.reverse();
        expected.reverse();
    }
}
