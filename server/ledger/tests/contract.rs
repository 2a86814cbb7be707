//! The contract of the ledger, case by case: on SQLite always, and on a private PostgreSQL where its
//! programs are installed.
mod cases;
mod support;

use support::{Cluster, Desk};

macro_rules! contract {
    ($($topic:ident::$case:ident,)*) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $case() {
                super::cases::$topic::$case(&super::Desk::sqlite()).await;
            })*
        }

        #[tokio::test]
        async fn postgres_keeps_the_whole_contract() {
            let Some(cluster) = Cluster::start() else {
                return;
            };
            $({
                println!("{}", stringify!($case));
                cases::$topic::$case(&Desk::postgres(&cluster).await).await;
            })*
            println!("two_replicas_under_load_keep_one_chain");
            cases::replicas::two_replicas_under_load_keep_one_chain(&Desk::postgres(&cluster).await).await;
            println!("a_dump_restores_to_a_trail_that_goes_on");
            let desk = Desk::postgres(&cluster).await;
            cases::backup::a_dump_restores_to_a_trail_that_goes_on(&desk, &cluster).await;
            println!("a_living_replica_keeps_its_open_entries");
            cases::replicas::a_living_replica_keeps_its_open_entries(&Desk::postgres(&cluster).await).await;
        }
    };
}

contract! {
    audit::an_entry_is_on_disk_before_it_is_complete,
    audit::an_abandoned_entry_is_closed_as_unknown_at_the_next_start,
    audit::an_entry_that_was_closed_cannot_be_completed,
    audit::what_has_happened_is_complete_at_once,
    audit::entries_that_come_together_are_all_in_the_chain,
    audit::text_that_a_database_cannot_hold_is_held_nearly_as_it_is,
    list::entries_come_newest_first_in_pages_that_neither_overlap_nor_miss,
    list::every_filter_finds_its_own,
    list::any_id_finds_what_names_it,
    list::the_newest_entry_is_found_by_its_object_and_the_kind_of_its_operation,
    people::erasing_a_person_leaves_the_chain_whole,
    prune::a_pruned_trail_verifies_and_says_so,
    prune::what_is_open_or_half_new_is_not_pruned,
    prune::what_was_published_last_is_not_pruned_past,
    prune::a_published_head_is_held_until_it_is_pruned_and_counts_after,
    tamper::the_chain_refuses_changes,
    tamper::an_edited_row_is_named,
    tamper::a_deleted_row_is_named,
    tamper::rows_that_changed_places_are_named,
    tamper::a_truncated_trail_is_caught_by_its_checkpoint,
    tamper::a_trail_that_lost_its_checkpoints_too_is_caught_by_a_witness,
    tamper::a_trail_that_was_written_anew_is_signed_no_more,
    tamper::a_checkpoint_that_was_changed_is_followed_by_none,
    tamper::a_name_put_under_another_pseudonym_is_named,
    calendar::freezes_are_kept_by_registry_until_they_are_lifted,
    calendar::a_calendar_link_leads_to_its_registry_until_it_is_revoked,
    notices::a_notice_is_kept_once_and_sent_until_it_arrives,
    notices::a_notice_that_is_not_to_be_sent_is_listed_all_the_same,
    proposals::one_proposal_of_a_registry_waits_and_is_kept_as_it_was,
    proposals::a_proposal_is_decided_once,
    proposals::an_erased_person_proposed_nothing_that_waits,
    compliance::a_finding_is_what_it_was_at_any_instant,
    compliance::the_newest_scan_of_each_image_is_told_for_any_instant,
    compliance::an_exception_is_kept_until_it_is_withdrawn_and_remembered_after,
    compliance::settings_of_an_earlier_day_are_told,
    compliance::a_feed_is_kept_with_its_file,
    compliance::a_document_is_signed_as_its_own_format_alone,
    embeds::an_embed_is_for_the_hosts_that_it_names,
    embeds::a_token_is_used_up_by_the_first_who_presents_it,
    embeds::a_frames_session_ends_by_time,
    embeds::frames_have_only_so_many_sessions_at_a_time,
    embeds::revoking_a_key_an_embed_or_a_person_ends_their_sessions,
    leases::one_of_two_gets_a_lease_until_it_expires_or_is_released,
    sessions::a_link_signs_in_once_and_only_while_it_lives,
    sessions::a_session_survives_a_restart_and_ends_by_sign_out_or_time,
    sessions::a_session_that_nobody_uses_ends_before_its_time,
    sessions::a_token_is_replaced_and_the_one_before_ends_when_the_new_one_came,
    sessions::a_session_keeps_how_it_began_and_as_whom_it_looks,
}
