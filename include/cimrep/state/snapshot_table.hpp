// state/snapshot_table.hpp -- what is legal for a snapshot in which CopyState, and where it leads.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/state/table_words.hpp>

#include <array>

namespace cimrep::inline v0 {

// Legend: state/table_words.hpp. Of a snapshot:
//   - It is Synchronized at once and needs no copy; what it lacks is the source's, so Detach leaves
//     a target without content and needs Force, except where there was no content.
//   - Unsynchronized means that a restore from it is under way.
//   - Once the pool overflowed, or failed while no restore stood still for it, Broken ends only
//     with a new point in time or with the relationship: the old image cannot come back. When the
//     source failed the image waits: nothing can have been overwritten.

/// The requests of a snapshot.
// clang-format off
inline constexpr auto snapshot_requests = [] {
    using namespace detail::words;
    return std::to_array<request_row>({
// from          request        for     when    need   to              then           does     src
{every,          tie,           all,    any,    plain, every,          done,          tied,    mof},
{every,          add_pair,      all,    any,    plain, every,          done,          joined,  mof},
{every,          untie,         all,    any,    plain, every,          done,          untied,  mof},
{every,          drop_pair,     all,    any,    plain, every,          done,          left,    mof},
{unsynchronized, abort,         all,    behind, force, aborted,        must_resync,   rest,    inf},
{unsynchronized, detach,        all,    behind, force, gone,           done,          forget,  inf},
{synchronized,   deactivate,    all,    any,    plain, inactive,       dormant,       lapse,   mof},
{synchronized,   detach,        all,    any,    force, gone,           done,          forget,  inf},
{synchronized,   resync,        all,    any,    plain, synchronized,   done,          anew,    mof},
{synchronized,   restore,       all,    any,    force, unsynchronized, restoring,     refill,  inf},
{synchronized,   return_target, all,    any,    plain, gone,           done,          recall,  mof},
{broken,         detach,        all,    any,    force, gone,           done,          forget,  inf},
{broken,         resync,        all,    whole,  plain, synchronized,   done,          anew,    mof},
{broken,         resync,        all,    behind, force, synchronized,   done,          anew,    inf},
{broken,         restore,       all,    sure,   force, unsynchronized, restoring,     refill,  inf},
{broken,         return_target, all,    whole,  plain, gone,           done,          recall,  mof},
{broken,         return_target, all,    behind, force, gone,           done,          recall,  inf},
{inactive,       activate,      all,    any,    plain, synchronized,   done,          image,   mof},
{inactive,       detach,        all,    any,    plain, gone,           done,          forget,  mof},
{inactive,       resync,        all,    any,    plain, synchronized,   done,          image,   inf},
{inactive,       return_target, all,    any,    plain, gone,           done,          recall,  mof},
{inactive,       prepare,       all,    any,    plain, prepared,       must_activate, ready,   mof},
{prepared,       activate,      all,    any,    plain, synchronized,   done,          image,   mof},
{prepared,       detach,        all,    any,    plain, gone,           done,          forget,  mof},
{prepared,       return_target, all,    any,    plain, gone,           done,          recall,  mof},
{prepared,       unprepare,     all,    any,    plain, inactive,       dormant,       nothing, mof},
{aborted,        detach,        all,    any,    force, gone,           done,          forget,  inf},
{aborted,        resync,        all,    any,    force, synchronized,   done,          anew,    mof},
{aborted,        restore,       all,    any,    force, unsynchronized, restoring,     refill,  inf},
{aborted,        return_target, all,    any,    force, gone,           done,          recall,  inf},
{skewed,         deactivate,    all,    any,    plain, inactive,       dormant,       lapse,   mof},
{skewed,         detach,        all,    any,    force, gone,           done,          forget,  inf},
{skewed,         resync,        all,    any,    plain, synchronized,   done,          anew,    inf},
{skewed,         restore,       all,    any,    force, unsynchronized, restoring,     refill,  inf},
{skewed,         return_target, all,    any,    plain, gone,           done,          recall,  mof},
{skewed,         reset,         all,    any,    plain, synchronized,   done,          wipe,    mof},
{gone,           create,        all,    any,    plain, synchronized,   done,          image,   mof},
{gone,           create_still,  all,    any,    plain, inactive,       dormant,       nothing, mof},
{partitioned,    detach,        remote, any,    force, gone,           done,          forget,  inf},
{partitioned,    return_target, remote, any,    force, gone,           done,          recall,  inf},
{invalid,        detach,        all,    any,    force, gone,           done,          forget,  inf},
{invalid,        resync,        all,    whole,  plain, synchronized,   done,          anew,    inf},
{invalid,        resync,        all,    behind, force, synchronized,   done,          anew,    inf},
{invalid,        return_target, all,    whole,  plain, gone,           done,          recall,  mof},
{invalid,        return_target, all,    behind, force, gone,           done,          recall,  inf},
{restored,       deactivate,    all,    any,    plain, inactive,       dormant,       lapse,   inf},
{restored,       detach,        all,    any,    force, gone,           done,          forget,  inf},
{restored,       resync,        all,    any,    plain, synchronized,   done,          anew,    inf},
{restored,       restore,       all,    any,    force, unsynchronized, restoring,     refill,  inf},
{restored,       resume,        all,    any,    plain, synchronized,   done,          nothing, inf},
{restored,       return_target, all,    any,    plain, gone,           done,          recall,  mof},
    });
}();

/// The events of a snapshot.
inline constexpr auto snapshot_events = [] {
    using namespace detail::words;
    return std::to_array<event_row>({
// from          event           for     when     to              then         does     src
{unsynchronized, restore_done,   all,    behind,  restored,       done,        nothing, mof},
{unsynchronized, leg_lost,       all,    behind,  broken,         dormant,     rest,    mof},
{unsynchronized, source_lost,    all,    behind,  broken,         dormant,     rest,    mof},
{unsynchronized, link_lost,      remote, behind,  partitioned,    unclear,     rest,    mof},
{unsynchronized, peer_unknown,   all,    behind,  invalid,        must_resync, rest,    mof},
{unsynchronized, no_space,       all,    behind,  broken,         must_resync, lose,    mof},
{unsynchronized, job_cancelled,  all,    behind,  aborted,        must_resync, rest,    inf},
{unsynchronized, restart,        all,    behind,  unsynchronized, restoring,   refill,  inf},
{synchronized,   target_written, all,    any,     skewed,         done,        nothing, mof},
{synchronized,   leg_lost,       all,    any,     broken,         must_resync, lapse,   mof},
{synchronized,   source_lost,    all,    any,     broken,         dormant,     nothing, mof},
{synchronized,   link_lost,      remote, any,     partitioned,    unclear,     nothing, mof},
{synchronized,   peer_unknown,   all,    any,     invalid,        must_resync, nothing, mof},
{synchronized,   no_space,       all,    any,     broken,         must_resync, lapse,   mof},
{broken,         leg_back,       all,    sure,    unsynchronized, restoring,   refill,  inf},
{broken,         leg_back,       all,    kept,    synchronized,   done,        nothing, inf},
{broken,         leg_back,       all,    changed, skewed,         done,        nothing, inf},
{skewed,         leg_lost,       all,    any,     broken,         must_resync, lapse,   mof},
{skewed,         source_lost,    all,    any,     broken,         dormant,     nothing, mof},
{skewed,         link_lost,      remote, any,     partitioned,    unclear,     nothing, mof},
{skewed,         peer_unknown,   all,    any,     invalid,        must_resync, nothing, mof},
{skewed,         no_space,       all,    any,     broken,         must_resync, lapse,   mof},
{partitioned,    leg_lost,       remote, whole,   broken,         must_resync, lapse,   mof},
{partitioned,    leg_lost,       remote, behind,  broken,         dormant,     nothing, mof},
{partitioned,    source_lost,    remote, any,     broken,         dormant,     nothing, mof},
{partitioned,    link_back,      remote, behind,  unsynchronized, restoring,   refill,  inf},
{partitioned,    link_back,      remote, clean,   synchronized,   done,        nothing, inf},
{partitioned,    link_back,      remote, written, skewed,         done,        nothing, inf},
{partitioned,    peer_unknown,   remote, any,     invalid,        must_resync, nothing, mof},
{partitioned,    no_space,       remote, any,     broken,         must_resync, lapse,   mof},
{restored,       target_written, all,    any,     skewed,         done,        nothing, mof},
{restored,       leg_lost,       all,    any,     broken,         must_resync, lapse,   mof},
{restored,       source_lost,    all,    any,     broken,         dormant,     nothing, mof},
{restored,       link_lost,      remote, any,     partitioned,    unclear,     nothing, mof},
{restored,       peer_unknown,   all,    any,     invalid,        must_resync, nothing, mof},
{restored,       no_space,       all,    any,     broken,         must_resync, lapse,   mof},
    });
}();
// clang-format on

static_assert(deterministic(snapshot_requests), "two rows hold at once, or rows are out of order");
static_assert(deterministic(snapshot_events), "two rows hold at once, or rows are out of order");

}  // namespace cimrep::inline v0
