//! Each case of the quota-counter suites fails for a counter that breaks what the case is about.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "it is for tests")]

mod counter;
mod meeting;
mod outage;

use counter::{Broken, RunningClock};
use outage::Hidden;
use remint_conformance::ManualClock;
use remint_conformance::quota_counter::{self, HOUR, Severable, answer, charge, look, subject, take};
use remint_core::{QuotaCounter as _, QuotaHolder};

fn broken(case: &'static str) -> (Broken, ManualClock, ()) {
    let clock = ManualClock::default();
    (Broken::new(clock.clone(), case), clock, ())
}

/// Stamps a test for each case. A case whose fault [`Broken`] does not know gets a sound counter, and
/// its test fails.
macro_rules! refutes {
    ($($group:ident: $case:ident,)*) => {$(
        #[test]
        #[should_panic]
        fn $case() {
            let (counter, clock, ()) = broken(stringify!($case));
            quota_counter::run(quota_counter::$group::$case(counter, clock));
        }
    )*};
}

/// Stamps a test for each case: an outage may be shown neither as "allowed" nor as "refused".
macro_rules! refutes_outage {
    ($($group:ident: $case:ident,)*) => {$(
        #[test]
        fn $case() {
            for allowed in [true, false] {
                let counter = Severable::new(broken("none").0);
                let (hidden, cut) = (Hidden { inner: counter.clone(), allowed }, counter);
                let case = quota_counter::$group::$case(hidden, async move || cut.sever());
                assert!(fails(case), "it passed a counter that hides an outage: {allowed}");
            }
        }
    )*};
}

/// Stamps a test for each case: none of its calls may be answered.
macro_rules! refutes_each_answer {
    ($($group:ident: $case:ident,)*) => {$(
        #[test]
        fn $case() {
            for answered in 0.. {
                let counter = Severable::new(super::broken("none").0);
                let cut = counter.clone();
                let case = quota_counter::$group::$case(counter.clone(), async move || cut.sever_but(answered));
                if !super::fails(case) {
                    assert_eq!(counter.calls_since_the_cut(), answered, "it passed a counter that answered in an outage");
                    break;
                }
            }
        }
    )*};
}

fn fails(case: impl Future<Output = ()> + Send + 'static) -> bool {
    std::thread::spawn(|| quota_counter::run(case)).join().is_err()
}

remint_conformance::__quota_counter_cases! { [refutes] must }
remint_conformance::__quota_counter_cases! { [refutes_outage] outage }

mod each_call_of_an_outage {
    use super::{Severable, quota_counter};

    remint_conformance::__quota_counter_cases! { [refutes_each_answer] outage }
}

mod without_a_fault {
    use super::broken;

    remint_conformance::quota_counter_suite!(async || broken("none"));
}

mod elsewhere_without_a_fault {
    use super::{Broken, ManualClock, RunningClock, Severable};

    remint_conformance::quota_counter_suite!(async || {
        let clock = ManualClock::default();
        (Broken::elsewhere(clock.clone()), RunningClock(clock), ())
    });

    remint_conformance::quota_counter_outage_suite!(async || {
        let counter = Severable::new(Broken::elsewhere(ManualClock::default()));
        (counter.clone(), async move || counter.sever())
    });
}

#[test]
fn a_connection_that_is_mended_counts_on() {
    let (counter, alice) = (Severable::new(broken("none").0), subject("alice"));
    let one = charge(QuotaHolder::Subject(&alice), 5, 1);
    quota_counter::run(async {
        assert!(take(&counter, &[one]).await.is_allowed());
        counter.sever();
        answer(counter.take(&[one])).await.unwrap_err();
        counter.mend();
        assert_eq!(look(&counter, one).await.full_in, HOUR, "what was not counted was not charged");
    });
}
