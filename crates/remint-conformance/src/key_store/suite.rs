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
            keys: for_whom_a_key_may_act_comes_back_as_it_was_given,
            keys: what_made_a_key_comes_back_as_it_was_given,
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
            keys: keys_with_scopes_of_users_with_entitlements_are_counted,
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
            batches: several_keys_are_kept_together,
            batches: of_several_keys_all_are_kept_or_none,
            candidates: candidates_have_the_start_and_the_beginning_of_the_scheme,
            candidates: candidates_are_compared_byte_by_byte,
            candidates: candidates_come_whole,
            candidates: there_are_eight_candidates_at_most,
            candidates: a_key_is_found_by_its_id,
            sign_ups: a_user_signs_up_with_keys_and_links,
            sign_ups: a_sign_up_with_a_link_that_exists_leaves_no_trace,
            sign_ups: a_sign_up_with_a_key_that_exists_leaves_no_trace,
            sign_ups: a_sign_up_of_a_user_who_exists_brings_nothing,
            sign_ups: many_users_are_kept_together_or_not_at_all,
            changes: each_field_of_a_user_changes_alone,
            changes: roles_are_kept_as_they_were_given,
            changes: a_change_of_nothing_leaves_everything,
            changes: what_a_user_has_can_be_taken_away,
            changes: a_tenant_is_made_for_who_moves_there,
            changes: changing_who_is_not_there_is_no_error,
            changes: changing_one_user_leaves_the_others,
            links: a_link_leads_to_its_user_with_their_tenant,
            links: links_are_compared_to_the_byte,
            links: links_are_listed_in_order,
            links: links_are_replaced_whole,
            links: a_link_of_another_user_changes_nothing,
            links: a_deleted_users_links_are_free,
            links: a_link_shows_its_users_tenant_as_it_is,
            tenants: a_tenant_comes_with_its_first_user,
            tenants: a_second_user_leaves_the_tenant_alone,
            tenants: a_tenant_stays_when_its_users_go,
            tenants: disabling_a_tenant_shows_in_each_of_its_users,
            tenants: each_field_of_a_tenant_changes_alone,
            tenants: changing_a_tenant_that_is_not_there_is_no_error,
            tenants: disabling_one_tenant_leaves_the_others,
            paging: pages_have_no_gap_and_repeat_nothing,
            paging: a_page_holds_no_more_than_its_limit,
            paging: a_cursor_is_a_place,
            paging: new_keys_do_not_move_the_pages,
            rotations: rotation_keeps_both_keys,
            rotations: a_deadline_never_lengthens_a_life,
            rotations: a_key_that_is_not_there_is_not_rotated,
            rotations: a_revoked_key_is_not_rotated,
            rotations: a_key_is_rotated_once,
            rotations: a_rotation_to_a_key_that_exists_changes_nothing,
            descent: what_keys_made_is_read_page_by_page,
            descent: a_rotation_that_a_key_makes_is_descent,
            descent: keys_end_together_with_their_own_events,
            descent: a_key_that_has_ended_makes_no_other,
            descent: descent_stays_when_a_key_goes,
            rehashing: a_rehashed_key_is_found_by_its_new_digest_only,
            rehashing: a_digest_that_is_another_meanwhile_stays,
            rehashing: the_digest_of_another_key_is_not_taken,
            onces: a_request_that_is_repeated_is_done_once,
            onces: an_idempotency_key_is_of_one_request,
            onces: idempotency_keys_do_not_meet,
            onces: an_idempotency_key_is_looked_at_first,
            onces: a_change_that_fails_leaves_no_idempotency_key,
            trails: events_come_back_whole,
            trails: numbers_of_events_grow,
            trails: a_trail_is_read_page_by_page,
            trails: each_change_writes_its_events,
            trails: rows_of_the_revocation_log_change_nothing_else,
            trails: a_change_that_fails_writes_no_event,
            trails: a_change_of_what_is_not_there_writes_no_event,
            trails: a_second_revocation_writes_no_event,
            trails: events_stay_when_who_they_name_goes,
            usage: usage_adds_up,
            usage: a_batch_counts_once,
            usage: usage_comes_in_order,
            usage: usage_is_read_page_by_page,
            usage: usage_is_filtered,
            usage: counts_stop_at_the_greatest,
            usage: usage_stays_when_who_it_names_goes,
            usage: a_large_batch_is_added_whole,
            registry: a_new_store_has_an_id_and_depends_on_nothing,
            registry: what_a_store_depends_on_comes_back_whole,
            registry: only_the_present_revision_is_changed,
            registry: live_schemes_are_listed_once_and_in_order,
            registry: the_scheme_of_keys_that_have_all_ended_is_not_live,
        }
    };
    ([$($stamp:tt)+] expiry $($passed:tt)*) => {
        $($stamp)+! { $($passed)*
            expiry: a_request_is_forgotten_after_a_day,
            expiry: every_kind_of_request_is_forgotten_after_a_day,
            expiry: a_clock_that_is_behind_forgets_nothing,
            expiry: a_key_at_its_end_is_not_rotated,
            expiry: a_key_is_found_after_its_end,
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
            races: of_many_equal_requests_one_is_done,
            races: of_many_rotations_one_wins,
            races: of_many_users_with_one_link_one_is_kept,
            races: of_many_who_claim_one_link_one_has_it,
            races: many_first_users_share_one_tenant,
            races: of_many_revocations_one_is_written,
            races: changes_of_one_user_do_not_undo_each_other,
            races: concurrent_usage_adds_up,
            races: of_many_equal_batches_one_counts,
            races: concurrent_events_lose_nothing,
            races: no_key_is_made_behind_the_end_of_its_maker,
            races: of_many_who_end_the_same_keys_one_ends_each,
            registry: of_many_who_change_one_revision_one_succeeds,
        }
    };
    ([$($stamp:tt)+] outage $($passed:tt)*) => {
        $($stamp)+! { $($passed)*
            outage: an_outage_is_never_absence,
            outage: an_outage_is_never_success,
        }
    };
}

/// Stamps a test for each case that any store must pass: those of what is kept, of moments, and of
/// many callers at once.
///
/// `$make` is an async function that gives an empty store and whatever must live as long as it:
/// `async || (MemoryStore::new(), ())`. The caller needs tokio with `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! key_store_suite {
    ($make:expr) => {
        mod key_store_suite {
            use super::*;

            $crate::__key_store_cases! { [$crate::key_store_suite] must @ [] $make; }
            $crate::__key_store_cases! { [$crate::key_store_suite] expiry @ [] $make; }
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
