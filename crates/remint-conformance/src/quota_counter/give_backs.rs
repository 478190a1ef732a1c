//! Cases of what is given back.

use remint_core::{QuotaCharge, QuotaCounter, QuotaHolder};

use super::CounterClock;
use super::random::Random;
use super::samples::{HOUR, assert_standings, charge, give_back, is_allowed, look, standing, subject, take, tenant};

/// Whenever that is, and whatever was taken before and is taken afterwards.
pub async fn what_is_given_back_is_as_if_it_had_never_been_taken(counter: impl QuotaCounter, clock: impl CounterClock) {
    let (mut random, alice, bob) = (Random(2), subject("alice"), subject("bob"));
    let (hers, his) = (QuotaHolder::Subject(&alice), QuotaHolder::Subject(&bob));
    for _ in 0..200 {
        clock.advance(HOUR / 2 * u32::try_from(random.below(5)).expect("a small number")).await;
        let cost = random.below(4);
        // Bob does what Alice does, and something more that he takes back.
        let more = charge(his, 7, cost + 1);
        if is_allowed(&counter, more).await {
            give_back(&counter, &[more]).await;
        }
        let hers = take(&counter, &[charge(hers, 7, cost)]).await;
        let his = take(&counter, &[charge(his, 7, cost)]).await;
        assert_standings(his.standings(), hers.standings(), clock.drift());
    }
}

/// Each budget what was taken from it; and nobody else's.
pub async fn each_budget_is_given_back_its_own(counter: impl QuotaCounter, clock: impl CounterClock) {
    let (alice, bob, acme) = (subject("alice"), subject("bob"), tenant("acme"));
    let all = [QuotaHolder::Subject(&alice), QuotaHolder::Subject(&bob), QuotaHolder::Tenant(&acme)];
    let before = all.map(|holder| charge(holder, 10, 4));
    assert!(take(&counter, &before).await.is_allowed());
    let charges = [charge(all[2], 10, 3), charge(all[0], 10, 1)];
    assert!(take(&counter, &charges).await.is_allowed());
    give_back(&counter, &charges).await;
    for charge in before {
        assert_standings(&[look(&counter, charge).await], &[standing(6, 4, None)], clock.drift());
    }
    give_back(&counter, &[QuotaCharge { cost: 3, ..before[1] }]).await;
    for (charge, left) in before.into_iter().zip([standing(6, 4, None), standing(9, 1, None), standing(6, 4, None)]) {
        assert_standings(&[look(&counter, charge).await], &[left], clock.drift());
    }
}

/// Of a budget that is not known, or has become full again meanwhile.
pub async fn nothing_is_given_back_beyond_the_burst(counter: impl QuotaCounter, clock: impl CounterClock) {
    let (alice, bob) = (subject("alice"), subject("bob"));
    let (hers, his) = (QuotaHolder::Subject(&alice), QuotaHolder::Subject(&bob));
    assert!(is_allowed(&counter, charge(hers, 5, 4)).await);
    clock.advance(HOUR * 3).await;
    for holder in [hers, his] {
        give_back(&counter, &[charge(holder, 5, 4)]).await;
        give_back(&counter, &[charge(holder, 5, u64::MAX)]).await;
        assert_standings(&[look(&counter, charge(holder, 5, 0)).await], &[standing(5, 0, None)], clock.drift());
        assert!(is_allowed(&counter, charge(holder, 5, 5)).await);
        assert!(!is_allowed(&counter, charge(holder, 5, 1)).await);
    }
}
