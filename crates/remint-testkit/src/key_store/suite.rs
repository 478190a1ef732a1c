/// Calls `$stamp!` with the list of cases, once for each tier: the only place that names them.
///
/// What stands after `[$stamp]` is passed on in front of the list.
#[doc(hidden)]
#[macro_export]
macro_rules! __key_store_cases {
    ([$($stamp:tt)+] must $($passed:tt)*) => {
        $($stamp)+! { $($passed)*
            keys: a_key_comes_back_whole_with_its_user,
            keys: what_is_absent_stays_absent_and_what_is_empty_stays_empty,
            keys: the_furthest_moments_come_back,
            keys: another_digest_finds_nothing,
            keys: a_digest_is_bytes_and_not_text,
            keys: the_scheme_is_part_of_the_digest,
            keys: a_key_of_an_unknown_user_leaves_no_trace,
            keys: a_key_with_an_id_that_exists_leaves_no_trace,
            keys: a_key_with_a_digest_that_exists_leaves_no_trace,
            keys: a_revoked_key_is_found_as_revoked,
            keys: the_first_revocation_stands,
            keys: revoking_what_is_not_there_is_no_error,
            keys: revoking_one_key_leaves_the_others,
            keys: the_newest_key_comes_first,
            keys: a_list_holds_one_users_keys,
            keys: texts_are_kept_to_the_byte,
            directory: a_user_comes_back_whole,
            directory: an_absent_user_is_absent,
            directory: a_second_user_of_the_same_id_changes_nothing,
            directory: names_that_look_alike_are_different_users,
            directory: disabling_shows_in_each_of_the_users_keys,
            directory: enabling_brings_the_user_back,
            directory: disabling_one_user_leaves_the_others,
            directory: enabling_who_is_not_there_is_no_error,
            directory: deleting_a_user_takes_every_key,
            directory: deleting_one_user_leaves_the_others,
            directory: deleting_who_is_not_there_is_no_error,
            directory: a_user_created_again_inherits_nothing,
            last_used: a_use_shows_in_the_list_and_in_the_look_up,
            last_used: an_earlier_use_never_replaces_a_later_one,
            last_used: the_latest_of_one_batch_counts,
            last_used: a_key_that_is_gone_is_passed_over,
            last_used: a_large_batch_is_recorded_whole,
        }
    };
    ([$($stamp:tt)+] concurrency $($passed:tt)*) => {
        $($stamp)+! { $($passed)*
            concurrency: of_many_keys_with_one_digest_one_is_kept,
            concurrency: of_many_users_with_one_id_one_is_kept,
            concurrency: no_key_outlives_its_user,
            concurrency: every_reader_sees_an_acknowledged_revocation,
            concurrency: every_reader_sees_a_disabled_user,
            concurrency: concurrent_revocations_agree_on_one_moment,
            concurrency: concurrent_uses_settle_on_the_latest,
            concurrency: a_dropped_call_leaves_the_store_whole,
        }
    };
    ([$($stamp:tt)+] outage $($passed:tt)*) => {
        $($stamp)+! { $($passed)*
            outage: an_outage_is_never_absence,
            outage: an_outage_is_never_success,
        }
    };
}

/// Stamps a test for each case that any store must pass, the concurrent ones included.
///
/// `$make` is an async function that gives an empty store and whatever must live as long as it:
/// `async || (MemoryStore::new(), ())`. The caller needs tokio with `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! key_store_suite {
    ($make:expr) => {
        mod key_store_suite {
            use super::*;

            $crate::__key_store_cases! { [$crate::key_store_suite] must @ [] $make; }
            $crate::__key_store_cases! {
                [$crate::key_store_suite] concurrency @ [flavor = "multi_thread", worker_threads = 4] $make;
            }
        }
    };
    (@ $flavor:tt $make:expr; $($group:ident: $case:ident,)*) => {
        $($crate::key_store_suite! { @@ $flavor $make; $group $case })*
    };
    (@@ [$($flavor:tt)*] $make:expr; $group:ident $case:ident) => {
        #[tokio::test($($flavor)*)]
        async fn $case() {
            let make = $make;
            let (store, _alive) = make().await;
            $crate::key_store::$group::$case(store).await;
        }
    };
}

/// Stamps a test for each case of a store whose connection can be cut.
///
/// `$make` is an async function that gives an empty store and an async function that cuts its
/// connection for good.
#[macro_export]
macro_rules! key_store_outage_suite {
    ($make:expr) => {
        mod key_store_outage_suite {
            use super::*;

            $crate::__key_store_cases! { [$crate::key_store_outage_suite] outage @ $make; }
        }
    };
    (@ $make:expr; $($group:ident: $case:ident,)*) => {
        $($crate::key_store_outage_suite! { @@ $make; $group $case })*
    };
    (@@ $make:expr; $group:ident $case:ident) => {
        #[tokio::test]
        async fn $case() {
            let make = $make;
            let (store, cut) = make().await;
            $crate::key_store::$group::$case(store, cut).await;
        }
    };
}
