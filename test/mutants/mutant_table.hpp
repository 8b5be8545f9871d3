// mutants/mutant_table.hpp -- each way to break the library on purpose, and what it violates.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

// Included before everything else where the library is built to be broken: one mutant, which the
// environment variable CIMREP_MUTANT names, is true then. Each stands in lib/ or include/, and in
// killing_seeds.txt with a life that notices it.

namespace cimrep::mutants {

/// What is broken: docs/invariants.md has a row for each.
enum class promise : std::uint8_t {
    ack_sync,
    bounded,
    bounds,
    clear_last,
    compare,
    cow_order,
    empty_never_source,
    error_truth,
    exhaust,
    fail_no_effect,
    flush_all,
    flush_err,
    found_kept,
    fracture_mono,
    fua,
    gen_before_degraded_ack,
    held,
    id_not_path,
    idempotent,
    inconsistent,
    job_ends,
    legs_equal,
    live,
    map_lost,
    map_sound,
    mark_first,
    md_atomic,
    md_detect,
    no_flip,
    no_stale_read,
    overlap,
    partial_set,
    persist,
    pit_exact,
    pit_immutable,
    read_own,
    read_repair,
    restore,
    round_out,
    short_io,
    split_detect,
    stale_refused,
    superset,
    zombie_io,
};

struct row {
    std::string_view name;
    promise broken;
    std::string_view how;
};

using enum promise;
// clang-format off
inline constexpr row table[] = {
    // What a host is told.
    {"host_flush_skips_source",         flush_all, "a host's flush leaves the source out"},
    {"host_flush_skips_targets",        flush_all, "a host's flush leaves the targets out"},
    {"host_flush_skips_copies",         flush_all, "a host's flush leaves out who is copied to"},
    {"flush_clears_a_later_set",        flush_all, "a flush clears maps of a set before it"},
    {"flush_covers_what_came_later",    clear_last, "a flush counts for what ended beside it"},
    {"flush_joins_one_under_way",       flush_all, "a flush ends with one begun before it"},
    {"flush_error_unnoticed",           flush_err, "a leg's failed flush counts as good"},
    {"failed_flush_vouches",            flush_err, "a leg's failed flush vouches for reads"},
    {"stuck_leg_not_fenced",            zombie_io, "a leg with stuck operations takes part"},
    {"fua_dropped",                     fua, "FUA is not passed on to the legs"},
    {"write_answered_by_one_leg",       ack_sync, "a write is answered by the first leg"},
    {"write_error_unnoticed",           error_truth, "a leg's failed write counts as good"},
    {"read_error_unnoticed",            read_repair, "a leg's failed read counts as good"},
    {"short_transfer_is_whole",         short_io, "a transfer cut short counts as whole"},
    {"read_from_a_copy",                no_stale_read, "who is being copied to serves reads"},
    {"read_takes_no_range",             read_own, "reads pass writes that are under way"},
    {"writes_overlap",                  overlap, "overlapping writes go in any order"},
    {"answer_before_membership",        ack_sync, "no answer waits for who left on record"},
    {"answer_before_broken",            ack_sync, "no answer waits for its leg to be Broken"},
    {"cut_holds_no_writes",             restore, "writes go on while contents change places"},
    {"read_keeps_its_buffer",           bounded, "a read does not give its memory back"},
    {"taken_back_told_as_done",         error_truth, "what is cancelled or late is told as done"},
    {"cancel_unheard",                  live, "what waits is not ended by cancel()"},
    {"late_operation_sent_to_target",   live, "a target's operation goes past its deadline"},
    {"waits_past_its_deadline",         live, "nobody ends what waits past its deadline"},
    {"mismatch_is_overwritten",         compare, "compare_and_write writes whatever is there"},
    {"late_read_blames_its_leg",        error_truth, "a leg fails by a read that had a deadline"},
    // Marks of hot extents.
    {"write_before_its_mark",           mark_first, "a write is sent without a mark"},
    {"second_write_skips_mark",         mark_first, "a write does not wait for another's mark"},
    {"marks_share_a_slot",              superset, "marks of two extents overwrite each other"},
    {"uncovered_extent_leaves",         clear_last, "an extent leaves the set before a flush"},
    {"extent_leaves_without_a_flush",   clear_last, "a full set makes room without a flush"},
    {"extent_leaves_before_its_map",    superset, "an extent leaves, its map is not saved"},
    {"marks_in_use_erased",             superset, "marks in use again go with the old ones"},
    // Maps of what differs.
    {"missed_write_not_marked",         fracture_mono, "what a leg apart misses is not marked"},
    {"target_write_not_marked",         fracture_mono, "a host's write to a target is not marked"},
    {"target_write_before_its_mark",    mark_first, "a write to a target goes before its mark"},
    {"failed_leg_keeps_its_cache",      flush_err, "a failed leg has what it never flushed"},
    {"leaving_leg_keeps_its_cache",     superset, "a leg leaves with what it never flushed"},
    {"lost_cache_not_marked",           flush_err, "what was lost with a cache counts as clean"},
    {"maps_never_saved",                superset, "maps are not saved"},
    {"save_joins_one_under_way",        superset, "who saves maps joins a pass under way"},
    {"saved_map_is_an_and",             superset, "a page has what differs and is unflushed"},
    {"mark_rounds_in",                  round_out, "of a range that differs one region is marked"},
    {"maps_not_united",                 fracture_mono, "a source forgets what it has to take back"},
    {"zeros_stay_known",                superset, "written parts of a leg are said to be zeros"},
    {"found_difference_not_marked",     found_kept, "what a verification finds is not marked"},
    {"found_difference_not_saved",      found_kept, "what a verification finds is not saved"},
    {"found_difference_reads_zeros",    found_kept, "it is believed to read zeros as before"},
    {"found_difference_left_behind",    found_kept, "it is forgotten where its leg alone is left"},
    {"read_not_cut_at_differences",     found_kept, "it is read and copied beside another one's"},
    {"found_difference_of_the_truth",   found_kept, "it is forgotten where its leg is the truth"},
    // Copies.
    {"held_copy_goes_on",               held, "hold_copy() holds nothing"},
    {"copy_goes_backwards",             legs_equal, "a copy goes from the target to the source"},
    {"copy_gets_no_host_writes",        ack_sync, "a leg copied to misses the host's writes"},
    {"copy_takes_no_range",             overlap, "a copy and a host write to one place"},
    {"copy_ignores_read_errors",        read_repair, "a copy writes what a failed read has left"},
    {"copy_ignores_write_errors",       error_truth, "a copy takes a failed write for done"},
    {"copy_ignores_flush_errors",       flush_err, "a copy takes a failed flush for good"},
    {"copy_ends_without_a_flush",       inconsistent, "a copy ends before a flush"},
    {"copy_flush_skips_target",         inconsistent, "a copy's flush leaves the target out"},
    {"copy_flush_skips_source",         flush_err, "nobody vouches for what a copy has read"},
    {"lost_reads_believed",             flush_err, "reads from a leg that lost them are kept"},
    {"copy_of_an_older_content",        restore, "a window of a content before is kept"},
    {"window_clears_its_neighbour",     superset, "a window clears the marks behind it, too"},
    {"region_passes_the_end",           bounds, "a copy goes past the end of the volume"},
    {"interrupted_copy_forgotten",      live, "an interrupted copy does not go on"},
    // Who is in the set.
    {"membership_before_the_maps",      superset, "who is in the set is recorded before maps"},
    {"lost_leg_recorded_current",       partial_set, "a leg that left is recorded as in sync"},
    {"leg_joins_though_it_differs",     legs_equal, "a leg joins with a map that is not empty"},
    {"false_join_stays_on_record",      legs_equal, "a join that came to nothing stays on record"},
    {"join_of_another_content",         stale_refused, "who joins is current in another content"},
    {"unbegun_replacement_stands",      fracture_mono, "a Restore that never began overwrites"},
    {"takeover_outlives_its_request",   restore, "what follows from an event restores as well"},
    {"new_leg_taken_for_equal",         map_lost, "a target of unknown content is not copied to"},
    {"unwritten_source_unflushed",      superset, "a source's zeros are believed without a flush"},
    {"new_leg_misses_writes_under_way", superset, "a new leg misses what is in flight"},
    {"separated_without_a_flush",       superset, "a target apart is believed without a flush"},
    {"separated_without_draining",      superset, "a target is cut off with writes under way"},
    // States.
    {"state_not_recorded",              persist, "a new state is told, and not recorded"},
    {"state_before_the_maps",           superset, "a state is recorded before its maps are"},
    {"cut_outlives_its_request",        live, "a cut goes on when its request has ended"},
    {"recovers_without_its_operator",   persist, "CopyRecoveryMode Manual counts as automatic"},
    {"detached_stays",                  persist, "a detached relationship stays recorded"},
    {"relationship_before_its_volume",  md_atomic, "it is recorded without its volume"},
    {"refused_request_is_shown",        fail_no_effect, "what is refused is shown as requested"},
    // Recovery.
    {"half_the_marks_recovered",        legs_equal, "every other mark is not read at recovery"},
    {"maps_not_recovered",              legs_equal, "saved maps are not read at recovery"},
    {"stale_leg_becomes_the_truth",     stale_refused, "the source is believed though it left"},
    {"read_before_the_truth_is_recorded", no_flip, "reads follow a choice not on record"},
    {"lost_source_seems_whole",         stale_refused, "a target alone in the set has nothing new"},
    {"recovery_trusts_every_leg",       partial_set, "after a crash every leg is in sync"},
    {"parted_leg_keeps_its_role",       fracture_mono, "after a crash a leg apart gets writes"},
    {"return_heard_in_recovery",        partial_set, "who is back is heard before a look at legs"},
    {"return_heard_before_the_loss",    error_truth, "who is back is heard before it is lost"},
    {"recovery_erases_marks_first",     idempotent, "old marks go before the legs are looked at"},
    // What legs hold.
    {"leg_believed_unseen",             stale_refused, "a leg is used without a look at it"},
    {"label_not_compared",              stale_refused, "any label is good"},
    {"sample_not_compared",             stale_refused, "any content is good"},
    {"sample_outlives_a_write",         live, "a sample stays although its place is written"},
    {"sample_outlives_a_difference",    live, "samples stay where the truth was found to differ"},
    {"sample_outlives_a_restore",       live, "samples stay although the content is another"},
    {"strange_leg_keeps_its_map",       stale_refused, "a leg that was not recognized is clean"},
    {"strange_source_serves",           stale_refused, "a source that was not recognized serves"},
    {"missing_label_believed",          id_not_path, "a leg without its label counts as ours"},
    {"blank_leg_believed",              empty_never_source, "a blank leg counts as ours"},
    {"legs_not_labelled",               gen_before_degraded_ack, "labels do not tell of a set"},
    {"label_not_durable",               gen_before_degraded_ack, "a label stays in a cache"},
    {"failed_label_forgotten",          stale_refused, "the last leg's failed label is forgotten"},
    // Closing.
    {"closed_without_a_flush",          flush_all, "a shard closes without its last flush"},
    {"closed_without_the_maps",         superset, "at close marks go and no map is saved"},
    // The repository.
    {"log_record_not_durable",          md_atomic, "a log record is answered from a cache"},
    {"torn_log_record_believed",        md_detect, "a log record's checksum is not compared"},
    {"erasure_not_logged",              md_atomic, "an erased record is logged as an empty one"},
    {"older_life_replayed",             md_detect, "log records of an earlier life are replayed"},
    {"superblock_not_durable",          md_atomic, "a superblock counts while it is in a cache"},
    {"torn_superblock_believed",        md_detect, "a superblock's checksum is not compared"},
    {"one_superblock_slot",             md_atomic, "a superblock is written over the newest one"},
    {"checkpoint_not_flushed",          md_atomic, "a checkpoint is named before it is durable"},
    {"damaged_checkpoint_believed",     md_detect, "a checkpoint's checksum is not compared"},
    {"checkpoint_over_the_valid_one",   md_atomic, "a checkpoint goes over the valid one"},
    {"checkpoint_counts_too_early",     md_atomic, "a checkpoint counts before it is named"},
    {"checkpoints_go_on_counting",      md_detect, "checkpoints of two lives may have one number"},
    {"replay_begins_too_late",          md_atomic, "commits beside a checkpoint are skipped"},
    {"unread_superblock_stays",         md_atomic, "an unread superblock outlives its checkpoint"},
    {"clean_mark_stays",                md_detect, "an open repository says that it was closed"},
    {"commit_before_who_is_stale",      md_atomic, "no commit waits for who is stale on record"},
    {"resilver_ends_early",             md_atomic, "a copy counts before its checkpoint does"},
    {"diverged_copies_believed",        split_detect, "copies that parted are opened together"},
    // Jobs.
    {"job_percentage_falls",            job_ends, "a job's percentage may fall"},
    {"job_outlives_its_copy",           job_ends, "a job goes on when its copy has ended"},
    // Points in time.
    {"point_without_a_flush",           pit_exact, "what a point holds may be in caches"},
    {"point_without_its_record",        pit_exact, "a point is answered and not on record"},
    {"epoch_goes_up_with_the_record",   pit_exact, "what changes beside a take is not kept"},
    {"old_changes_not_awaited",         pit_exact, "a take does not wait for what changes"},
    {"latest_of_what_was_kept",         pit_immutable, "a point reads what a later one keeps"},
    {"sub_block_claimed_by_halves",     pit_immutable, "two changes of a sub-block overlap"},
    {"number_used_twice",               pit_immutable, "numbers begin anew after a restart"},
    {"epoch_used_twice",                pit_immutable, "an epoch of no point begins anew"},
    {"exceptions_not_revived",          pit_immutable, "what was kept is forgotten"},
    {"tidied_too_early",                pit_immutable, "a record is erased as it is made"},
    {"points_of_replaced_content",      pit_immutable, "a Restore goes on beside points"},
    {"overwritten_before_its_record",   cow_order, "a change overtakes the record of the old"},
    {"record_before_its_data",          cow_order, "the record overtakes the pool's cache"},
    {"full_pool_breaks_nothing",        exhaust, "a full pool does not break points"},
    {"broken_not_on_record",            exhaust, "that points are broken is not on record"},
    {"dropped_place_in_use",            map_sound, "a drop gives no place back"},
};
// clang-format on

/// The place of a name in the table, from 1 on; an unknown one does not compile.
consteval std::size_t number_of(std::string_view name)
{
    std::size_t at = 0;
    while (table[at].name != name) ++at;
    return at + 1;
}

/// The number of the mutant that the environment names; 0 if it names none. Read before main().
extern const std::size_t chosen;

/// How often each place was reached at which a mutant decides, by number, whether it is the chosen
/// one or none is: a life in which it was not is the same with it.
extern std::uint64_t reached[std::size(table) + 1];

inline bool is_chosen(std::size_t number) noexcept
{
    ++reached[number];
    return number == chosen;
}

}  // namespace cimrep::mutants

#define CIMREP_MUTANT(name) (::cimrep::mutants::is_chosen(::cimrep::mutants::number_of(#name)))
