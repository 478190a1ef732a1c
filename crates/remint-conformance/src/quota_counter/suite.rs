/// Calls `$stamp!` with the list of cases, once for each tier: the only place that names them.
///
/// What stands after `[$stamp]` is passed on in front of the list.
#[doc(hidden)]
#[macro_export]
macro_rules! __quota_counter_cases {
    ([$($stamp:tt)+] must $($passed:tt)*) => {
        $($stamp)+! { $($passed)*
            refills: a_burst_is_taken_at_once_and_no_more,
            refills: one_unit_comes_back_each_interval,
            refills: a_budget_is_no_fuller_for_waiting,
            refills: no_time_yields_more_than_the_burst_and_what_came_back,
            refills: what_was_short_for_a_time_is_there_after_it,
            refills: the_greatest_budgets_are_counted_to_the_unit,
            refills: a_clock_that_is_set_back_costs_at_most_one_refill,
            charges: a_cost_above_the_burst_is_always_refused,
            charges: all_budgets_are_charged_or_none,
            charges: a_refused_call_charges_nothing,
            charges: a_charge_of_nothing_takes_nothing,
            charges: standings_come_in_the_order_of_the_charges,
            give_backs: what_is_given_back_is_as_if_it_had_never_been_taken,
            give_backs: each_budget_is_given_back_its_own,
            give_backs: nothing_is_given_back_beyond_the_burst,
            budgets: a_subject_a_tenant_and_a_key_of_one_name_are_three,
            budgets: holders_have_budgets_of_their_own,
            budgets: limits_have_budgets_of_their_own,
            budgets: windows_have_budgets_of_their_own,
            budgets: a_budget_is_the_same_in_every_plan,
            concurrency: many_at_once_take_what_there_is,
            concurrency: many_at_once_are_charged_to_all_budgets_or_none,
            concurrency: no_call_sees_half_of_another,
            concurrency: many_at_once_give_back_what_they_took,
        }
    };
    ([$($stamp:tt)+] outage $($passed:tt)*) => {
        $($stamp)+! { $($passed)*
            outage: an_outage_is_never_a_verdict,
            outage: an_outage_gives_nothing_back,
        }
    };
}

/// Stamps a test for each case that any counter must pass: those of one caller, of moments, and of
/// many callers at once.
///
/// `$make` is an async function that gives an empty counter, the
/// [`CounterClock`](crate::quota_counter::CounterClock) it goes by, and whatever must live as long:
/// `async || (MemoryCounter::new(clock.clone()), clock, ())`. The caller needs no runtime.
#[macro_export]
macro_rules! quota_counter_suite {
    ($make:expr) => {
        mod quota_counter_suite {
            use super::*;

            $crate::__quota_counter_cases! { [$crate::quota_counter_suite] must @ $make; }
        }
    };
    (@ $make:expr; $($group:ident: $case:ident,)*) => {
        $($crate::quota_counter_suite! { @@ $make; $group $case })*
    };
    (@@ $make:expr; $group:ident $case:ident) => {
        #[test]
        fn $case() {
            let make = $make;
            $crate::quota_counter::run(async {
                let (counter, clock, _alive) = make().await;
                $crate::quota_counter::$group::$case(counter, clock).await;
            });
        }
    };
}

/// Stamps a test for each case of a counter whose connection can be cut.
///
/// `$make` is an async function that gives an empty counter and an async function that cuts its
/// connection for good.
#[macro_export]
macro_rules! quota_counter_outage_suite {
    ($make:expr) => {
        mod quota_counter_outage_suite {
            use super::*;

            $crate::__quota_counter_cases! { [$crate::quota_counter_outage_suite] outage @ $make; }
        }
    };
    (@ $make:expr; $($group:ident: $case:ident,)*) => {
        $($crate::quota_counter_outage_suite! { @@ $make; $group $case })*
    };
    (@@ $make:expr; $group:ident $case:ident) => {
        #[test]
        fn $case() {
            let make = $make;
            $crate::quota_counter::run(async {
                let (counter, cut) = make().await;
                $crate::quota_counter::$group::$case(counter, cut).await;
            });
        }
    };
}
