//! Cases of what a budget holds, and of what comes back.

use std::time::Duration;

use remint_core::{QuotaCharge, QuotaCounter, QuotaHolder};

use super::CounterClock;
use super::random::Random;
use super::samples::{HOUR, assert_standings, charge, is_allowed, look, standing, subject, take};

const TICK: Duration = Duration::from_millis(1);

/// One by one, or all in one call; and what is refused says for how long.
pub async fn a_burst_is_taken_at_once_and_no_more(counter: impl QuotaCounter, clock: impl CounterClock) {
    let (alice, bob) = (subject("alice"), subject("bob"));
    let one = charge(QuotaHolder::Subject(&alice), 5, 1);
    for (remaining, full_in) in [(4, 1), (3, 2), (2, 3), (1, 4), (0, 5)] {
        let taken = take(&counter, &[one]).await;
        assert_standings(taken.standings(), &[standing(remaining, full_in, None)], clock.drift());
    }
    for cost in [1, 2] {
        let refused = take(&counter, &[QuotaCharge { cost: cost.into(), ..one }]).await;
        assert_standings(refused.standings(), &[standing(0, 5, Some(cost))], clock.drift());
    }
    let his = QuotaHolder::Subject(&bob);
    assert!(is_allowed(&counter, charge(his, 5, 5)).await);
    assert!(!is_allowed(&counter, charge(his, 5, 1)).await);
}

/// Neither earlier nor later.
pub async fn one_unit_comes_back_each_interval(counter: impl QuotaCounter, clock: impl CounterClock) {
    let (alice, late) = (subject("alice"), clock.drift() + TICK);
    let holder = QuotaHolder::Subject(&alice);
    assert!(is_allowed(&counter, charge(holder, 5, 5)).await);
    for _ in 0..12 {
        clock.advance(HOUR - late).await;
        assert!(!is_allowed(&counter, charge(holder, 5, 1)).await, "it is early");
        clock.advance(late).await;
        assert!(!is_allowed(&counter, charge(holder, 5, 2)).await, "one has come back");
        assert!(is_allowed(&counter, charge(holder, 5, 1)).await);
    }
    for _ in 0..4 {
        clock.advance(HOUR).await;
    }
    assert_standings(&[look(&counter, charge(holder, 5, 0)).await], &[standing(4, 1, None)], clock.drift());
}

/// Neither a new one nor one that was emptied.
pub async fn a_budget_is_no_fuller_for_waiting(counter: impl QuotaCounter, clock: impl CounterClock) {
    let alice = subject("alice");
    let holder = QuotaHolder::Subject(&alice);
    look(&counter, charge(holder, 5, 0)).await;
    for _ in 0..2 {
        clock.advance(HOUR * 1000).await;
        assert_standings(&[look(&counter, charge(holder, 5, 0)).await], &[standing(5, 0, None)], clock.drift());
        assert!(is_allowed(&counter, charge(holder, 5, 5)).await);
        assert!(!is_allowed(&counter, charge(holder, 5, 1)).await);
    }
}

/// From any moment to any later one, whatever is asked for and when.
pub async fn no_time_yields_more_than_the_burst_and_what_came_back(
    counter: impl QuotaCounter,
    clock: impl CounterClock,
) {
    let mut random = Random(1);
    let odd = Duration::from_nanos(1_234_567_890_123);
    for (name, (interval, burst)) in (0..).zip([(HOUR, 1), (HOUR, 7), (odd, 1), (odd, 7), (odd, 30)]) {
        let holder = subject(&format!("user-{name}"));
        let one = QuotaCharge { interval, ..charge(QuotaHolder::Subject(&holder), burst, 1) };
        let (mut now, mut took) = (Duration::ZERO, Vec::new());
        for _ in 0..150 {
            // Often not at all, at times for long.
            let longest = [1, 1000, 3_000_000, 20_000_000][usize::try_from(random.below(4)).expect("a small number")];
            let wait = Duration::from_millis(random.below(longest));
            clock.advance(wait).await;
            now += wait;
            let cost = random.below(4);
            if !is_allowed(&counter, QuotaCharge { cost, ..one }).await {
                continue;
            }
            took.push((now, cost));
            let mut sum = 0;
            for (since, cost) in took.iter().rev() {
                sum += u128::from(*cost);
                let most = u128::from(burst) * interval.as_nanos() + (now - *since + clock.drift()).as_nanos();
                assert!(sum * interval.as_nanos() <= most, "{sum} of {burst} in {:?} at {interval:?}", now - *since);
            }
        }
    }
}

/// Neither earlier nor later, for any cost that the budget can hold.
pub async fn what_was_short_for_a_time_is_there_after_it(counter: impl QuotaCounter, clock: impl CounterClock) {
    for cost in 1..=5 {
        let (holder, late) = (subject(&format!("user-{cost}")), clock.drift() + TICK);
        let holder = QuotaHolder::Subject(&holder);
        assert!(is_allowed(&counter, charge(holder, 5, 5)).await);
        clock.advance(HOUR / 2).await;
        let refused = take(&counter, &[charge(holder, 5, cost)]).await;
        let short_for = refused.standings()[0].short_for.expect("it is short");
        let short_for = Duration::from_millis(u64::try_from(short_for.as_millis()).expect("a few hours")) + TICK;
        clock.advance(short_for - late - TICK).await;
        assert!(!is_allowed(&counter, charge(holder, 5, cost)).await, "{cost} came early");
        clock.advance(late + TICK).await;
        assert!(is_allowed(&counter, charge(holder, 5, cost)).await, "{cost} came late");
    }
}

/// To the unit, and to the nanosecond where the clock stands still.
pub async fn the_greatest_budgets_are_counted_to_the_unit(counter: impl QuotaCounter, clock: impl CounterClock) {
    const YEAR: Duration = Duration::from_secs(366 * 86_400);
    const MOST: u32 = 1_000_000_000;
    let alice = subject("alice");
    let full = charge(QuotaHolder::Subject(&alice), MOST.into(), 0);
    let (rare, dense) = (QuotaCharge { limit: "rare", ..full }, QuotaCharge { limit: "dense", ..full });

    let rare = QuotaCharge { interval: YEAR, burst: 2, cost: 1, ..rare };
    for (remaining, short_for) in [(1, None), (0, None), (0, Some(YEAR))] {
        let standing = take(&counter, &[rare]).await.standings()[0];
        assert_eq!(standing.remaining, remaining);
        assert_eq!(standing.short_for.is_some(), short_for.is_some());
        assert!(standing.short_for.unwrap_or_default().abs_diff(short_for.unwrap_or_default()) <= clock.drift());
    }

    let dense = QuotaCharge { interval: YEAR / MOST, cost: u64::from(MOST) - 1, ..dense };
    let standing = take(&counter, &[dense]).await.standings()[0];
    let back = u64::try_from(clock.drift().as_nanos() / dense.interval.as_nanos()).expect("a minute's worth");
    assert!((1..=1 + back).contains(&standing.remaining), "{standing:?}");
    assert!(standing.full_in.abs_diff(dense.interval * (MOST - 1)) <= clock.drift(), "{standing:?}");
}

/// Nobody is locked out for as long as the clock was set back by.
pub async fn a_clock_that_is_set_back_costs_at_most_one_refill(counter: impl QuotaCounter, clock: impl CounterClock) {
    let (alice, bob) = (subject("alice"), subject("bob"));
    let (hers, his) = (charge(QuotaHolder::Subject(&alice), 5, 1), charge(QuotaHolder::Subject(&bob), 5, 1));
    clock.advance(HOUR * 10_000).await;
    for (charge, cost) in [(hers, 1), (his, 5)] {
        assert!(is_allowed(&counter, QuotaCharge { cost, ..charge }).await);
    }
    clock.set_back(HOUR * 1000).await;
    for charge in [hers, his] {
        // Refused, so that nothing is written that would set the budget right by the way.
        let refused = take(&counter, &[QuotaCharge { cost: 6, ..charge }]).await;
        assert!(refused.standings()[0].full_in <= HOUR * 5, "{refused:?}");
    }
    clock.advance(HOUR).await;
    for charge in [hers, his] {
        assert!(is_allowed(&counter, charge).await, "one unit came back");
    }
    clock.advance(HOUR * 5).await;
    for charge in [hers, his] {
        assert!(is_allowed(&counter, QuotaCharge { cost: 5, ..charge }).await, "all came back");
    }
}
