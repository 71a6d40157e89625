//! What every store must do, as tests that each store runs: see [`store_contract!`](crate::store_contract!).
//!
//! Times are given, never read: the suite runs the same at any hour. A new method of `Store` or `Tx` gets its test
//! here, and the test its line in the macro.

pub mod access;
pub mod aftersales;
pub mod audit;
pub mod ban;
pub mod case;
pub mod claim;
pub mod claim_histories;
pub mod clock;
pub mod endpoint;
pub mod event;
pub mod evidence;
pub mod gate;
mod given;
pub mod idempotency;
pub mod job;
pub mod ledger;
pub mod management;
pub mod notice;
pub mod pace;
pub mod phone_code;
pub mod recheck;
pub mod rollout;
pub mod secret;
pub mod session;
pub mod shop;
pub mod staff;
pub mod transaction;
pub mod upload;

use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;

use shiren_app::port::{Store, StoreError};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// The store under test, shared by all who use it at once.
pub type Shared = Arc<dyn Store>;

/// A test: it asserts, and hands on what the store could not do.
pub type Tested = Result<(), StoreError>;

/// Makes a test of each promise. `$open` is an `async fn` without arguments that gives a new, migrated, empty store
/// as [`Shared`], and something that is kept until the test is over.
///
/// With `together` it is one test, for a store that needs a server: one is started, not one for each promise.
#[macro_export]
macro_rules! store_contract {
    ($open:ident) => {
        $crate::store_contract! { @promises each $open }
    };
    ($open:ident together) => {
        $crate::store_contract! { @promises together $open }
    };
    (@promises $how:ident $open:ident) => {
        $crate::store_contract! { @$how $open
            transaction:
                what_is_committed_is_seen_by_everybody
                what_is_dropped_never_happened
                a_reader_sees_what_is_committed_meanwhile
                a_snapshot_sees_nothing_that_is_committed_later
                a_snapshot_keeps_no_writer_waiting
                a_snapshot_does_not_see_what_is_not_committed
                a_snapshot_does_not_write
                a_transaction_sees_its_own_writes
                after_an_error_it_can_only_be_dropped
                after_an_abandoned_begin_others_go_on
                a_migrated_store_is_ready;
            session:
                it_comes_back_as_it_went_in
                what_is_not_there_is_not_found
                its_id_is_unique
                saving_counts_the_version_up
                saving_what_was_changed_meanwhile_is_a_conflict
                of_many_who_save_at_once_one_succeeds
                they_are_listed_newest_first
                they_are_listed_by_mode_status_and_account
                a_saved_status_is_found
                pages_cover_all_of_them_once;
            evidence:
                it_comes_back_as_it_went_in
                its_id_is_unique
                that_of_no_session_is_refused
                its_session_may_follow_in_the_same_transaction
                that_of_a_session_is_listed_oldest_first
                its_bytes_can_be_forgotten
                a_decision_comes_back_as_it_went_in;
            secret:
                a_sealed_record_is_kept_and_replaced
                a_data_key_comes_back_as_it_went_in
                an_owner_has_one_key_for_each_purpose
                a_shredded_key_is_gone_and_the_others_stay
                what_was_shredded_can_be_scrubbed;
            claim:
                a_value_has_one_holder
                the_same_account_may_claim_again
                kinds_and_modes_are_worlds_of_their_own
                any_of_several_tags_is_enough
                a_refused_claim_leaves_nothing_behind
                a_released_value_is_anyones
                what_an_account_holds_is_found
                of_a_hundred_who_claim_at_once_one_succeeds;
            claim_histories:
                in_any_history_a_value_has_the_holder_that_was_told;
            case:
                it_comes_back_as_it_went_in
                its_id_is_unique
                saving_what_was_changed_meanwhile_is_a_conflict
                they_are_listed_soonest_deadline_first
                they_are_listed_by_mode_and_whether_they_are_open
                those_that_are_late_are_found_on_all_pages
                those_of_an_account_are_found_on_all_pages
                pages_cover_all_of_them_once;
            management:
                a_link_is_taken_once
                a_link_is_not_taken_too_late
                of_a_hundred_who_take_a_link_at_once_one_succeeds
                a_visit_is_found_by_its_hash;
            notice:
                it_comes_back_as_it_went_in
                its_id_is_unique
                saving_what_was_changed_meanwhile_is_a_conflict
                they_are_listed_newest_first_on_pages
                those_of_a_session_are_listed
                those_about_an_account_are_listed
                those_to_the_people_of_a_shop_are_listed;
            phone_code:
                the_last_of_a_session_comes_back_as_it_went_in
                a_notice_has_one
                saving_what_was_changed_meanwhile_is_a_conflict
                they_are_counted_by_phone_browser_and_address
                they_are_forgotten_after_two_days;
            pace:
                half_and_nearly_all_are_told_for_each_part
                rechecks_are_told_apart
                only_what_is_asked_for_counts
                what_is_long_ago_is_forgotten;
            upload:
                it_comes_back_as_it_went_in
                its_id_is_unique
                saving_what_was_changed_meanwhile_is_a_conflict
                a_deleted_one_is_gone_and_cannot_be_saved
                those_of_a_session_are_listed_oldest_first;
            event:
                it_comes_back_as_it_went_in
                each_account_counts_its_own
                a_refused_event_leaves_no_gap
                many_at_once_are_numbered_without_gaps
                they_are_listed_in_the_order_of_appending
                they_are_listed_by_mode_account_and_object
                they_are_listed_from_a_moment_on
                pages_cover_all_of_them_once;
            endpoint:
                it_comes_back_as_it_went_in
                saving_what_was_changed_meanwhile_is_a_conflict
                a_deleted_one_is_gone
                those_of_a_mode_are_listed_oldest_first
                attempts_to_deliver_are_listed_oldest_first;
            access:
                an_api_key_is_found_by_its_hash
                a_key_is_revoked_once
                what_a_key_may_do_is_changed
                a_user_is_found_by_id_and_login
                a_login_is_unique
                saving_a_user_that_was_changed_meanwhile_is_a_conflict
                users_are_listed_by_login
                a_sign_in_is_found_by_its_hash_until_it_ends
                an_assertion_is_used_once
                of_a_hundred_who_use_an_assertion_at_once_one_succeeds
                a_link_is_opened_once
                a_link_is_found_by_its_hash
                a_link_is_not_opened_too_late
                a_capture_opens_once_in_time_and_for_one_of_many
                of_a_hundred_who_open_a_link_at_once_one_succeeds
                a_visit_is_found_by_its_hash
                sweeping_takes_what_is_over_and_nothing_else;
            idempotency:
                an_answer_comes_back_as_it_went_in
                a_second_answer_is_a_conflict
                each_api_key_has_its_own
                each_route_has_its_own;
            job:
                it_is_leased_when_its_time_has_come
                the_one_that_is_due_longest_comes_first
                a_leased_job_is_not_leased_again_before_its_lease_is_over
                a_heartbeat_holds_on_to_it
                a_late_worker_can_do_nothing_any_more
                a_finished_job_is_gone
                finishing_counts_only_when_it_is_committed
                a_retried_job_comes_back_later
                a_buried_job_stays_to_be_looked_at
                a_requeued_job_starts_again_under_a_new_fence
                while_one_waits_or_runs_another_of_its_key_is_not_enqueued
                one_is_buried_in_a_transaction
                a_dead_job_does_not_stand_in_the_way_of_its_key
                its_id_is_unique
                of_many_workers_each_gets_another_one;
            shop:
                it_comes_back_as_it_went_in
                its_id_is_unique_in_its_mode
                saving_what_was_changed_meanwhile_is_a_conflict
                they_are_listed_newest_first_on_pages
                they_are_listed_by_status
                they_are_listed_by_company_and_by_how_their_re_checks_stand;
            staff:
                it_comes_back_as_it_went_in
                its_id_is_unique_in_its_mode
                that_of_no_shop_is_refused
                saving_what_was_changed_meanwhile_is_a_conflict
                they_are_listed_newest_first_on_pages
                they_are_listed_by_standing_and_review
                they_are_listed_by_whether_somebody_is_bound
                those_that_work_are_counted;
            recheck:
                it_comes_back_as_it_went_in
                a_shop_has_them_once
                saving_what_was_changed_meanwhile_is_a_conflict
                those_that_fall_due_are_counted_by_day;
            ban:
                it_comes_back_as_it_went_in
                saving_what_was_changed_meanwhile_is_a_conflict
                whom_it_is_of_is_found_by_their_tags
                they_are_listed_newest_first_on_pages;
            rollout:
                it_comes_back_as_it_went_in
                saving_what_was_changed_meanwhile_is_a_conflict
                they_are_listed_newest_first_on_pages
                whom_it_means_waits_in_the_order_of_places
                who_is_due_comes_up_when_it_is_time
                nobody_is_settled_twice;
            gate:
                rules_come_back_in_every_version
                a_version_is_there_once
                what_was_asked_is_listed_newest_first
                what_was_asked_long_ago_is_forgotten;
            aftersales:
                it_comes_back_as_it_went_in
                its_id_is_unique
                saving_what_was_changed_meanwhile_is_a_conflict
                they_are_listed_newest_first_on_pages
                those_to_be_reviewed_are_listed_soonest_deadline_first
                a_pass_comes_back_as_it_went_in_until_it_is_over
                a_pass_is_used_once;
            ledger:
                it_comes_back_as_it_went_in
                a_shop_has_one
                that_of_no_shop_is_refused
                of_many_who_save_at_once_one_succeeds;
            clock:
                it_comes_back_as_it_went_in
                saving_what_was_changed_meanwhile_is_a_conflict
                they_are_listed_newest_first_on_pages
                a_held_job_is_not_leased
                a_job_that_is_not_held_is_leased_by_the_worlds_time
                what_is_released_can_be_leased
                it_knows_what_it_waits_for;
            audit:
                entries_about_an_object_are_listed_oldest_first
                its_id_is_unique;
        }
    };
    (@each $open:ident $($room:ident: $($promise:ident)*;)*) => {$(
        mod $room {
            use super::$open;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $promise() {
                    let (store, _kept) = $open().await;
                    $crate::store_contract::$room::$promise(store).await.expect("the store answers");
                }
            )*
        }
    )*};
    (@together $open:ident $($room:ident: $($promise:ident)*;)*) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn it_keeps_what_every_store_promises() {
            let promises = vec![$($(
                $crate::store_contract::promise(concat!(stringify!($room), "::", stringify!($promise)), async {
                    let (store, _kept) = $open().await;
                    $crate::store_contract::$room::$promise(store).await
                }),
            )*)*];
            let broken = $crate::store_contract::broken(promises).await;
            assert!(broken.is_empty(), "{broken:#?}");
        }
    };
}

/// A promise of a name, to be tried.
pub type Promise = (&'static str, Pin<Box<dyn Future<Output = Tested> + Send>>);

/// What the macro makes of each promise.
pub fn promise(name: &'static str, trial: impl Future<Output = Tested> + Send + 'static) -> Promise {
    (name, Box::pin(trial))
}

/// Tries all of them, some at a time, and gives the names of those that are broken, with why.
pub async fn broken(promises: Vec<Promise>) -> Vec<String> {
    let turns = Arc::new(Semaphore::new(4));
    let trials: JoinSet<_> = promises
        .into_iter()
        .map(|(name, trial)| {
            let turns = Arc::clone(&turns);
            async move {
                let _turn = turns.acquire_owned().await;
                // A task of its own: what it asserts may panic, and the others are tried all the same.
                match tokio::spawn(trial).await {
                    Ok(Ok(())) => None,
                    Ok(Err(why)) => Some(format!("{name}: {why}")),
                    Err(why) => Some(format!("{name}: {why}")),
                }
            }
        })
        .collect();
    trials.join_all().await.into_iter().flatten().collect()
}

/// It was refused as a conflict.
#[track_caller]
fn assert_conflict<T: Debug>(result: Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::Conflict)), "{result:?}");
}

/// Many do the same at once; gives what came of it for each.
async fn at_once<T, F>(
    many: u64,
    store: &Shared,
    act: impl Fn(Shared, u64) -> F,
) -> Result<Vec<T>, StoreError>
where
    T: Send + 'static,
    F: Future<Output = Result<T, StoreError>> + Send + 'static,
{
    let tasks: JoinSet<_> = (0..many).map(|i| act(Arc::clone(store), i)).collect();
    tasks.join_all().await.into_iter().collect()
}
