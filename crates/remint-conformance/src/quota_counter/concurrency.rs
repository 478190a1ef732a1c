//! Cases of many callers at once, each on a thread of its own.

use std::sync::Arc;

use remint_core::{QuotaCharge, QuotaCounter, QuotaHolder};

use super::CounterClock;
use super::run::{CALLERS, at_once, wait};
use super::samples::{assert_standings, charge, look, standing, subject, tenant};

const ROUNDS: usize = 200;

/// And no less.
pub async fn many_at_once_take_what_there_is(counter: impl QuotaCounter, clock: impl CounterClock) {
    const BURST: u64 = 1001;
    let (counter, alice) = (Arc::new(counter), subject("alice"));
    let shared = (counter.clone(), alice.clone());
    let took = at_once(move |_| {
        let (counter, alice) = &shared;
        let one = charge(QuotaHolder::Subject(alice), BURST, 1);
        let allowed = |_: &usize| wait(counter.take(&[one])).is_allowed();
        u64::try_from((0..ROUNDS).filter(allowed).count()).expect("a small number")
    })
    .await;
    assert_eq!(took.iter().sum::<u64>(), BURST);
    let left = look(&*counter, charge(QuotaHolder::Subject(&alice), BURST, 0)).await;
    assert_standings(&[left], &[standing(0, 1001, None)], clock.drift());
}

/// Each names the budgets in another order: none waits for another crosswise, and what one budget
/// refuses no other is charged.
pub async fn many_at_once_are_charged_to_all_budgets_or_none(counter: impl QuotaCounter, clock: impl CounterClock) {
    const BURSTS: [u64; 3] = [2000, 500, 700];
    let (counter, names) = (Arc::new(counter), [tenant("acme"), tenant("umbrella"), tenant("initech")]);
    let shared = (counter.clone(), names.clone());
    let took = at_once(move |number| {
        let (counter, [a, b, c]) = &shared;
        let charges = [(a, BURSTS[0]), (b, BURSTS[1]), (c, BURSTS[2])];
        let charges = charges.map(|(name, burst)| charge(QuotaHolder::Tenant(name), burst, 1));
        let allowed = |round: &usize| {
            let mut charges = charges;
            charges.rotate_left((number + round) % 3);
            wait(counter.take(&charges)).is_allowed()
        };
        (0..ROUNDS).filter(allowed).count()
    })
    .await;
    assert_eq!(took.iter().sum::<usize>(), 500, "the smallest");
    for (name, burst) in names.iter().zip(BURSTS) {
        let left = look(&*counter, charge(QuotaHolder::Tenant(name), burst, 0)).await;
        assert_standings(&[left], &[standing(burst - 500, 500, None)], clock.drift());
    }
}

/// Two budgets that are always charged together always stand alike.
pub async fn no_call_sees_half_of_another(counter: impl QuotaCounter, _clock: impl CounterClock) {
    const BURST: u64 = 1_000_000;
    let (alice, acme) = (subject("alice"), tenant("acme"));
    at_once(move |number| {
        for round in 0..ROUNDS {
            let both = [QuotaHolder::Subject(&alice), QuotaHolder::Tenant(&acme)];
            let mut charges = both.map(|holder| charge(holder, BURST, u64::from(number % 2 == 0)));
            charges.rotate_left(round % 2);
            let taken = wait(counter.take(&charges));
            assert_eq!(taken.standings()[0], taken.standings()[1]);
            if round % 3 == 0 {
                wait(counter.give_back(&charges));
            }
        }
    })
    .await;
}

/// Nothing of it is lost, and nothing is given twice.
pub async fn many_at_once_give_back_what_they_took(counter: impl QuotaCounter, clock: impl CounterClock) {
    const BURST: u64 = 1000;
    let (counter, alice) = (Arc::new(counter), subject("alice"));
    let shared = (counter.clone(), alice.clone());
    at_once(move |_| {
        let (counter, alice) = &shared;
        let one = charge(QuotaHolder::Subject(alice), BURST, 1);
        assert!(wait(counter.take(&[one])).is_allowed());
        for round in 0..ROUNDS as u64 {
            let some = QuotaCharge { cost: 1 + round % 3, ..one };
            assert!(wait(counter.take(&[some])).is_allowed());
            wait(counter.give_back(&[some]));
        }
    })
    .await;
    let left = look(&*counter, charge(QuotaHolder::Subject(&alice), BURST, 0)).await;
    let kept = u32::try_from(CALLERS).expect("a small number");
    assert_standings(&[left], &[standing(BURST - u64::from(kept), kept, None)], clock.drift());
}
