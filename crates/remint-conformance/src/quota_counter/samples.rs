use std::time::Duration;

use remint_core::{
    KeyId, QuotaAnswer, QuotaCharge, QuotaCounter, QuotaHolder, QuotaStanding, QuotaTaken, Subject, TenantId,
    Unavailable,
};

/// The interval of [`charge`]: no clock drifts by as much while a case runs.
pub const HOUR: Duration = Duration::from_secs(3600);

/// A subject of this name.
#[must_use]
pub fn subject(name: &str) -> Subject {
    Subject::new(name).expect("a subject")
}

/// A tenant of this name.
#[must_use]
pub fn tenant(name: &str) -> TenantId {
    TenantId::new(name).expect("a tenant id")
}

/// A key of this name.
#[must_use]
pub fn key(name: &str) -> KeyId {
    KeyId::new(name).expect("a key id")
}

/// What takes `cost` units from this holder's budget of `burst`, one of which comes back each
/// [`HOUR`].
#[must_use]
pub const fn charge(holder: QuotaHolder<'_>, burst: u64, cost: u64) -> QuotaCharge<'_> {
    QuotaCharge { limit: "limit", holder, window: Duration::from_secs(86_400), interval: HOUR, burst, cost }
}

/// The answer, now or later.
///
/// # Errors
///
/// [`Unavailable`] if that is the answer.
pub async fn answer<T>(answer: QuotaAnswer<T>) -> Result<T, Unavailable> {
    match answer {
        QuotaAnswer::Now(answer) => answer,
        QuotaAnswer::Later(answer) => answer.await,
    }
}

/// Takes.
pub async fn take(counter: &impl QuotaCounter, charges: &[QuotaCharge<'_>]) -> QuotaTaken {
    let taken = answer(counter.take(charges)).await.expect("the counter answers");
    assert_eq!(taken.standings().len(), charges.len(), "a standing for each charge");
    taken
}

/// Gives back.
pub async fn give_back(counter: &impl QuotaCounter, charges: &[QuotaCharge<'_>]) {
    answer(counter.give_back(charges)).await.expect("the counter answers");
}

/// How the charge's budget stands: takes nothing from it.
pub async fn look(counter: &impl QuotaCounter, charge: QuotaCharge<'_>) -> QuotaStanding {
    take(counter, &[QuotaCharge { cost: 0, ..charge }]).await.standings()[0]
}

/// Whether one charge is allowed.
pub(super) async fn is_allowed(counter: &impl QuotaCounter, charge: QuotaCharge<'_>) -> bool {
    take(counter, &[charge]).await.is_allowed()
}

/// How a budget of [`charge`] stands, in hours.
pub(super) fn standing(remaining: u64, full_in: u32, short_for: Option<u32>) -> QuotaStanding {
    QuotaStanding { remaining, full_in: HOUR * full_in, short_for: short_for.map(|hours| HOUR * hours) }
}

/// Whether these are the standings, in this order, for a clock that may have drifted so far.
#[track_caller]
pub(super) fn assert_standings(actual: &[QuotaStanding], expected: &[QuotaStanding], drift: Duration) {
    let near = |actual: Duration, expected: Duration| actual.abs_diff(expected) <= drift;
    let same = |(actual, expected): (&QuotaStanding, &QuotaStanding)| {
        actual.remaining == expected.remaining
            && near(actual.full_in, expected.full_in)
            && match (actual.short_for, expected.short_for) {
                (None, None) => true,
                (Some(actual), Some(expected)) => near(actual, expected),
                _ => false,
            }
    };
    let all = actual.len() == expected.len() && actual.iter().zip(expected).all(same);
    assert!(all, "{actual:#?} is not {expected:#?}");
}
