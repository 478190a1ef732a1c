//! Cases of which charges draw on the same budget.

use std::time::Duration;

use remint_core::{QuotaCharge, QuotaCounter, QuotaHolder};

use super::CounterClock;
use super::samples::{HOUR, assert_standings, charge, give_back, is_allowed, key, standing, subject, take, tenant};

/// Empties one budget after the other: none is known to another.
async fn are_apart(counter: &impl QuotaCounter, charges: &[QuotaCharge<'_>]) {
    for charge in charges {
        let all = QuotaCharge { burst: 3, cost: 3, ..*charge };
        assert!(is_allowed(counter, all).await, "{charge:?} shares its budget");
        assert!(!is_allowed(counter, QuotaCharge { cost: 1, ..all }).await, "{charge:?} is another now");
    }
}

/// Whatever they are called.
pub async fn a_subject_a_tenant_and_a_key_of_one_name_are_three(counter: impl QuotaCounter, _clock: impl CounterClock) {
    for name in ["alice", "s", "tenant"] {
        let (subject, tenant, key) = (subject(name), tenant(name), key(name));
        let holders = [QuotaHolder::Subject(&subject), QuotaHolder::Tenant(&tenant), QuotaHolder::Key(&key)];
        are_apart(&counter, &holders.map(|holder| charge(holder, 3, 0))).await;
    }
}

/// To the byte: names are not trimmed, folded or cut.
pub async fn holders_have_budgets_of_their_own(counter: impl QuotaCounter, _clock: impl CounterClock) {
    let long = "x".repeat(511);
    let names = [
        "alice",
        "Alice",
        "alice ",
        " alice",
        "ali",
        "al*ce",
        "al_ce",
        "\u{e9}",
        "e\u{301}",
        "{alice}",
        &long,
        &format!("{long}y"),
        &format!("{long}z"),
    ];
    let subjects = names.map(subject);
    let charges: Vec<_> = subjects.iter().map(|subject| charge(QuotaHolder::Subject(subject), 3, 0)).collect();
    are_apart(&counter, &charges).await;
}

/// Those of one holder; and no name of a limit runs into the holder's.
pub async fn limits_have_budgets_of_their_own(counter: impl QuotaCounter, _clock: impl CounterClock) {
    let names = ["alice", "b-alice", "b.alice", "b_alice", "balice"].map(subject);
    let names: Vec<_> = names.iter().map(QuotaHolder::Subject).collect();
    let mut charges = Vec::new();
    for limit in ["a", "A", "ab", "a-b", "a.b", "a_b"] {
        charges.extend(names.iter().map(|holder| QuotaCharge { limit, ..charge(*holder, 3, 0) }));
    }
    // What is put together with colons, bars or slashes can be taken apart in one way only.
    let odd = ["1:alice", "alice:1", "|alice", "/alice", "alice:86400", "subject:alice"].map(subject);
    charges.extend(odd.iter().map(|odd| QuotaCharge { limit: "a", ..charge(QuotaHolder::Subject(odd), 3, 0) }));
    are_apart(&counter, &charges).await;
}

/// Of one limit and one holder.
pub async fn windows_have_budgets_of_their_own(counter: impl QuotaCounter, _clock: impl CounterClock) {
    let names = ["alice", "1alice", "alice1"].map(subject);
    let mut charges = Vec::new();
    for window in [1, 10, 11, 60, 3600, 86_400, 366 * 86_400].map(Duration::from_secs) {
        charges.extend(names.iter().map(|name| QuotaCharge { window, ..charge(QuotaHolder::Subject(name), 3, 0) }));
    }
    are_apart(&counter, &charges).await;
}

/// What was taken under one plan is gone under another, whose burst or rate is another.
pub async fn a_budget_is_the_same_in_every_plan(counter: impl QuotaCounter, clock: impl CounterClock) {
    let alice = subject("alice");
    let holder = QuotaHolder::Subject(&alice);
    assert!(is_allowed(&counter, charge(holder, 10, 8)).await);
    let taken = take(&counter, &[charge(holder, 20, 1)]).await;
    assert_standings(taken.standings(), &[standing(11, 9, None)], clock.drift());
    let refused = take(&counter, &[charge(holder, 5, 1)]).await;
    assert_standings(refused.standings(), &[standing(0, 9, Some(5))], clock.drift());
    give_back(&counter, &[charge(holder, 5, 1)]).await;
    let taken = take(&counter, &[charge(holder, 10, 2)]).await;
    assert_standings(taken.standings(), &[standing(0, 10, None)], clock.drift());
    for interval in [HOUR / 2, HOUR * 2] {
        // What has been taken may have been counted in units, or in time.
        let all = QuotaCharge { interval, ..charge(holder, 10, 10) };
        assert!(!is_allowed(&counter, all).await, "the budget is empty");
    }
}
