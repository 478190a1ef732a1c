//! Cases of a counter that cannot be reached. An outage is ours, and says so.

use remint_core::{QuotaCharge, QuotaCounter, QuotaHolder, Unavailable, UnavailableKind};

use super::samples::{answer, charge, key, subject, take, tenant};

fn is_out<T: std::fmt::Debug>(outcome: Result<T, Unavailable>) {
    let kind = outcome.as_ref().map_err(Unavailable::kind);
    assert!(matches!(kind, Err(UnavailableKind::QuotaCounter)), "{outcome:?}");
}

/// Neither "allowed" nor "refused": of a budget that is full, that holds something, that is empty,
/// or that could never hold as much.
pub async fn an_outage_is_never_a_verdict(counter: impl QuotaCounter, cut: impl AsyncFnOnce()) {
    let (alice, acme, key) = (subject("alice"), tenant("acme"), key("key"));
    let holders = [QuotaHolder::Subject(&alice), QuotaHolder::Tenant(&acme), QuotaHolder::Key(&key)];
    let [some, all, none] = holders.map(|holder| charge(holder, 5, 1));
    assert!(take(&counter, &[some, QuotaCharge { cost: 5, ..all }]).await.is_allowed());
    cut().await;
    for charge in [some, all, none] {
        for cost in [1, 0, 6] {
            is_out(answer(counter.take(&[QuotaCharge { cost, ..charge }])).await);
        }
    }
    is_out(answer(counter.take(&[some, none])).await);
    is_out(answer(counter.take(&[none, all])).await);
}

/// Nothing that was not given back is acknowledged.
pub async fn an_outage_gives_nothing_back(counter: impl QuotaCounter, cut: impl AsyncFnOnce()) {
    let (alice, bob) = (subject("alice"), subject("bob"));
    let (taken, fresh) = (charge(QuotaHolder::Subject(&alice), 5, 1), charge(QuotaHolder::Subject(&bob), 5, 1));
    assert!(take(&counter, &[taken]).await.is_allowed());
    cut().await;
    is_out(answer(counter.give_back(&[taken])).await);
    is_out(answer(counter.give_back(&[fresh])).await);
    is_out(answer(counter.give_back(&[taken, fresh])).await);
}
