/// Calls `$stamp!` with the list of cases, once for each tier: the only place that names them.
///
/// What stands after `[$stamp]` is passed on in front of the list.
#[doc(hidden)]
#[macro_export]
macro_rules! __replay_store_cases {
    ([$($stamp:tt)+] must $($passed:tt)*) => {
        $($stamp)+! { $($passed)*
            uses: only_the_first_use_is_the_first,
            uses: keys_that_differ_in_one_bit_are_two,
            uses: nothing_is_forgotten_for_what_comes_after_it,
            expiry: a_use_is_remembered_until_its_end,
            expiry: each_use_has_an_end_of_its_own,
            expiry: a_replay_brings_the_end_no_nearer,
            expiry: an_end_may_be_as_far_as_there_is,
            expiry: a_clock_that_is_set_back_forgets_nothing,
        }
    };
    ([$($stamp:tt)+] concurrency $($passed:tt)*) => {
        $($stamp)+! { $($passed)*
            concurrency: of_many_uses_at_once_one_is_the_first,
            concurrency: of_many_uses_after_the_end_one_at_most_is_the_first,
            concurrency: keys_do_not_stand_in_each_others_way,
            concurrency: who_comes_after_the_answer_is_not_the_first,
            concurrency: a_dropped_call_leaves_no_second_first_use,
        }
    };
    ([$($stamp:tt)+] outage $($passed:tt)*) => {
        $($stamp)+! { $($passed)*
            outage: an_outage_is_never_an_answer,
        }
    };
    ([$($stamp:tt)+] bound $($passed:tt)*) => {
        $($stamp)+! { $($passed)*
            bound: what_has_no_room_is_an_error,
            bound: a_full_store_forgets_nothing,
            bound: what_has_ended_makes_room,
        }
    };
    ([$($stamp:tt)+] shared $($passed:tt)*) => {
        $($stamp)+! { $($passed)*
            shared: a_node_whose_clock_is_ahead_forgets_nothing_of_the_others,
        }
    };
}

/// Stamps a test for each case that any store must pass: those of one caller, of moments, and of
/// many callers at once.
///
/// `$make` is an async function that gives an empty store with room for a thousand keys, and whatever
/// must live as long as it: `async || (MemoryReplays::new(1_000), ())`. The caller needs tokio with
/// `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! replay_store_suite {
    ($make:expr) => {
        mod replay_store_suite {
            use super::*;

            $crate::__replay_store_cases! { [$crate::replay_store_suite] must @ [] $make; }
            $crate::__replay_store_cases! {
                [$crate::replay_store_suite] concurrency @ [flavor = "multi_thread", worker_threads = 4] $make;
            }
        }
    };
    (@ $flavor:tt $make:expr; $($group:ident: $case:ident,)*) => {
        $($crate::replay_store_suite! { @@ $flavor $make; $group $case })*
    };
    (@@ [$($flavor:tt)*] $make:expr; $group:ident $case:ident) => {
        #[tokio::test($($flavor)*)]
        async fn $case() {
            let make = $make;
            let (store, _alive) = make().await;
            $crate::replay_store::$group::$case(store).await;
        }
    };
}

/// Stamps a test for each case of a store whose connection can be cut.
///
/// `$make` is an async function that gives an empty store and an async function that cuts its
/// connection for good.
#[macro_export]
macro_rules! replay_store_outage_suite {
    ($make:expr) => {
        mod replay_store_outage_suite {
            use super::*;

            $crate::__replay_store_cases! { [$crate::replay_store_outage_suite] outage @ $make; }
        }
    };
    (@ $make:expr; $($group:ident: $case:ident,)*) => {
        $($crate::replay_store_outage_suite! { @@ $make; $group $case })*
    };
    (@@ $make:expr; $group:ident $case:ident) => {
        #[tokio::test]
        async fn $case() {
            let make = $make;
            let (store, cut) = make().await;
            $crate::replay_store::$group::$case(store, cut).await;
        }
    };
}

/// Stamps a test for each case of a store that has room for a number of keys, and goes by the
/// moments that its callers name.
///
/// `$make` is an async function that gives an empty store and the most keys that it may remember:
/// `async || (MemoryReplays::new(20), 20)`.
#[macro_export]
macro_rules! replay_store_bound_suite {
    ($make:expr) => {
        mod replay_store_bound_suite {
            use super::*;

            $crate::__replay_store_cases! { [$crate::replay_store_bound_suite] bound @ $make; }
        }
    };
    (@ $make:expr; $($group:ident: $case:ident,)*) => {
        $($crate::replay_store_bound_suite! { @@ $make; $group $case })*
    };
    (@@ $make:expr; $group:ident $case:ident) => {
        #[tokio::test]
        async fn $case() {
            let make = $make;
            let (store, room) = make().await;
            $crate::replay_store::$group::$case(store, room).await;
        }
    };
}

/// Stamps a test for each case of a store that several nodes share, whose clocks are not quite the
/// same.
///
/// `$make` is as for [`replay_store_suite!`](crate::replay_store_suite).
#[macro_export]
macro_rules! replay_store_shared_suite {
    ($make:expr) => {
        mod replay_store_shared_suite {
            use super::*;

            $crate::__replay_store_cases! { [$crate::replay_store_suite] shared @ [] $make; }
        }
    };
}
