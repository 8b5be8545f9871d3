// state/clone_table.hpp -- what is legal for a clone in which CopyState, and where it leads.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/state/table_words.hpp>

#include <array>

namespace cimrep::inline v0 {

// Legend: state/table_words.hpp. Of a clone:
//   - It may be used at once: what is not copied yet is read from the preserved image, so ending
//     the relationship before Synchronized takes content away and needs Force.
//   - Unsynchronized with source_behind means that a restore from it is under way.
//   - An image whose target failed while it was filling cannot be filled further: Resync takes a
//     new one. One whose source failed waits, Suspended: nothing can have been overwritten.

/// The requests of a clone.
// clang-format off
inline constexpr auto clone_requests = [] {
    using namespace detail::words;
    return std::to_array<request_row>({
// from          request       for     when    need   to              then           does     src
{every,          tie,          all,    any,    plain, every,          done,          tied,    mof},
{every,          add_pair,     all,    any,    plain, every,          done,          joined,  mof},
{every,          untie,        all,    any,    plain, every,          done,          untied,  mof},
{every,          drop_pair,    all,    any,    plain, every,          done,          left,    mof},
{initialized,    activate,     all,    any,    plain, unsynchronized, synchronizing, hydrate, inf},
{initialized,    detach,       all,    any,    plain, gone,           done,          forget,  mof},
{initialized,    prepare,      all,    any,    plain, prepared,       must_activate, ready,   mof},
{unsynchronized, abort,        all,    whole,  plain, aborted,        must_resync,   lose,    mof},
{unsynchronized, abort,        all,    behind, force, aborted,        must_resync,   rest,    inf},
{unsynchronized, detach,       all,    any,    force, gone,           done,          forget,  inf},
{unsynchronized, suspend,      all,    whole,  plain, suspended,      dormant,       rest,    mof},
{synchronized,   detach,       all,    any,    plain, gone,           done,          forget,  mof},
{synchronized,   dissolve,     all,    any,    plain, gone,           done,          keep,    mof},
{synchronized,   fracture,     all,    any,    plain, fractured,      done,          nothing, mof},
{synchronized,   resync,       all,    any,    plain, unsynchronized, resyncing,     renew,   mof},
{synchronized,   restore,      all,    any,    force, unsynchronized, restoring,     refill,  inf},
{synchronized,   split_pair,   all,    any,    plain, split,          done,          nothing, mof},
{synchronized,   prepare,      all,    any,    plain, prepared,       must_activate, ready,   inf},
{broken,         detach,       all,    behind, force, gone,           done,          forget,  inf},
{broken,         detach,       all,    usable, plain, gone,           done,          forget,  inf},
{broken,         detach,       all,    unfit,  force, gone,           done,          forget,  inf},
{broken,         resync,       all,    whole,  plain, unsynchronized, resyncing,     renew,   mof},
{broken,         resync,       all,    behind, force, unsynchronized, resyncing,     renew,   inf},
{broken,         restore,      all,    behind, force, unsynchronized, restoring,     refill,  inf},
{fractured,      detach,       all,    any,    plain, gone,           done,          forget,  mof},
{fractured,      dissolve,     all,    any,    plain, gone,           done,          keep,    inf},
{fractured,      resync,       all,    any,    plain, unsynchronized, resyncing,     renew,   mof},
{fractured,      restore,      all,    any,    force, unsynchronized, restoring,     refill,  mof},
{fractured,      prepare,      all,    any,    plain, prepared,       must_activate, ready,   inf},
{split,          detach,       all,    any,    plain, gone,           done,          forget,  mof},
{split,          dissolve,     all,    any,    plain, gone,           done,          keep,    inf},
{split,          resync,       all,    any,    plain, unsynchronized, resyncing,     renew,   mof},
{split,          restore,      all,    any,    force, unsynchronized, restoring,     refill,  mof},
{split,          prepare,      all,    any,    plain, prepared,       must_activate, ready,   inf},
{inactive,       activate,     all,    any,    plain, unsynchronized, synchronizing, hydrate, mof},
{inactive,       detach,       all,    any,    plain, gone,           done,          forget,  mof},
{inactive,       prepare,      all,    any,    plain, prepared,       must_activate, ready,   inf},
{suspended,      abort,        all,    any,    plain, aborted,        must_resync,   lose,    inf},
{suspended,      detach,       all,    any,    force, gone,           done,          forget,  inf},
{suspended,      resume,       all,    any,    plain, unsynchronized, resyncing,     copy,    mof},
{prepared,       activate,     all,    any,    plain, unsynchronized, synchronizing, renew,   mof},
{prepared,       detach,       all,    any,    plain, gone,           done,          forget,  mof},
{prepared,       unprepare,    all,    usable, plain, fractured,      done,          nothing, mof},
{prepared,       unprepare,    all,    unfit,  plain, initialized,    dormant,       nothing, mof},
{aborted,        detach,       all,    any,    force, gone,           done,          forget,  inf},
{aborted,        resync,       all,    whole,  plain, unsynchronized, resyncing,     renew,   mof},
{aborted,        resync,       all,    behind, force, unsynchronized, resyncing,     renew,   inf},
{aborted,        restore,      all,    behind, force, unsynchronized, restoring,     refill,  inf},
{skewed,         detach,       all,    any,    plain, gone,           done,          forget,  mof},
{skewed,         dissolve,     all,    any,    plain, gone,           done,          keep,    inf},
{skewed,         fracture,     all,    any,    plain, fractured,      done,          nothing, inf},
{skewed,         resync,       all,    any,    plain, unsynchronized, resyncing,     renew,   inf},
{skewed,         restore,      all,    any,    force, unsynchronized, restoring,     refill,  inf},
{gone,           create,       all,    any,    plain, unsynchronized, synchronizing, hydrate, mof},
{gone,           create_idle,  all,    any,    plain, initialized,    dormant,       nothing, mof},
{gone,           create_still, all,    any,    plain, inactive,       dormant,       nothing, mof},
{partitioned,    detach,       remote, any,    force, gone,           done,          forget,  inf},
{invalid,        detach,       all,    any,    force, gone,           done,          forget,  inf},
{invalid,        resync,       all,    any,    force, unsynchronized, resyncing,     renew,   inf},
{restored,       detach,       all,    any,    plain, gone,           done,          forget,  inf},
{restored,       dissolve,     all,    any,    plain, gone,           done,          keep,    inf},
{restored,       fracture,     all,    any,    plain, fractured,      done,          nothing, inf},
{restored,       resync,       all,    any,    plain, unsynchronized, resyncing,     renew,   inf},
{restored,       restore,      all,    any,    force, unsynchronized, restoring,     refill,  inf},
{restored,       resume,       all,    any,    plain, synchronized,   done,          nothing, inf},
{restored,       split_pair,   all,    any,    plain, split,          done,          nothing, inf},
    });
}();

/// The events of a clone.
inline constexpr auto clone_events = [] {
    using namespace detail::words;
    return std::to_array<event_row>({
// from          event           for     when     to              then           does     src
{unsynchronized, copy_done,      all,    clean,   synchronized,   done,          nothing, mof},
{unsynchronized, copy_done,      all,    written, skewed,         done,          nothing, inf},
{unsynchronized, restore_done,   all,    behind,  restored,       done,          nothing, mof},
{unsynchronized, target_written, all,    whole,   unsynchronized, synchronizing, nothing, inf},
{unsynchronized, leg_lost,       all,    whole,   broken,         must_resync,   lose,    mof},
{unsynchronized, leg_lost,       all,    behind,  broken,         dormant,       rest,    mof},
{unsynchronized, source_lost,    all,    whole,   suspended,      must_resume,   rest,    inf},
{unsynchronized, source_lost,    all,    behind,  broken,         dormant,       rest,    mof},
{unsynchronized, link_lost,      remote, any,     partitioned,    unclear,       rest,    mof},
{unsynchronized, peer_unknown,   all,    any,     invalid,        must_resync,   rest,    mof},
{unsynchronized, no_space,       all,    whole,   broken,         must_resync,   lose,    mof},
{unsynchronized, no_space,       all,    behind,  broken,         dormant,       rest,    mof},
{unsynchronized, job_cancelled,  all,    whole,   aborted,        must_resync,   lose,    inf},
{unsynchronized, job_cancelled,  all,    behind,  aborted,        must_resync,   rest,    inf},
{unsynchronized, restart,        all,    whole,   unsynchronized, synchronizing, copy,    inf},
{unsynchronized, restart,        all,    behind,  unsynchronized, restoring,     refill,  inf},
{synchronized,   target_written, all,    any,     skewed,         done,          nothing, mof},
{synchronized,   leg_lost,       all,    any,     broken,         dormant,       nothing, mof},
{synchronized,   link_lost,      remote, any,     partitioned,    unclear,       nothing, mof},
{synchronized,   peer_unknown,   all,    any,     invalid,        must_resync,   nothing, mof},
{broken,         leg_back,       all,    behind,  unsynchronized, restoring,     refill,  inf},
{broken,         leg_back,       all,    kept,    synchronized,   done,          nothing, inf},
{broken,         leg_back,       all,    changed, skewed,         done,          nothing, inf},
{fractured,      leg_lost,       all,    any,     broken,         dormant,       nothing, mof},
{fractured,      peer_unknown,   all,    any,     invalid,        must_resync,   nothing, mof},
{split,          leg_lost,       all,    any,     broken,         dormant,       nothing, mof},
{split,          peer_unknown,   all,    any,     invalid,        must_resync,   nothing, mof},
{suspended,      target_written, all,    any,     suspended,      dormant,       nothing, inf},
{suspended,      leg_lost,       all,    any,     broken,         must_resync,   lose,    mof},
{suspended,      link_lost,      remote, any,     partitioned,    unclear,       nothing, mof},
{suspended,      peer_unknown,   all,    any,     invalid,        must_resync,   nothing, mof},
{suspended,      no_space,       all,    any,     broken,         must_resync,   lose,    mof},
{skewed,         leg_lost,       all,    any,     broken,         dormant,       nothing, mof},
{skewed,         link_lost,      remote, any,     partitioned,    unclear,       nothing, mof},
{skewed,         peer_unknown,   all,    any,     invalid,        must_resync,   nothing, mof},
{partitioned,    leg_lost,       remote, behind,  broken,         dormant,       nothing, mof},
{partitioned,    leg_lost,       remote, usable,  broken,         dormant,       nothing, mof},
{partitioned,    leg_lost,       remote, unfit,   broken,         must_resync,   lose,    mof},
{partitioned,    link_back,      remote, behind,  unsynchronized, restoring,     refill,  inf},
{partitioned,    link_back,      remote, unfit,   unsynchronized, resyncing,     copy,    mof},
{partitioned,    link_back,      remote, kept,    synchronized,   done,          nothing, inf},
{partitioned,    link_back,      remote, changed, skewed,         done,          nothing, inf},
{partitioned,    peer_unknown,   remote, any,     invalid,        must_resync,   nothing, mof},
{restored,       target_written, all,    any,     skewed,         done,          nothing, mof},
{restored,       leg_lost,       all,    any,     broken,         dormant,       nothing, mof},
{restored,       link_lost,      remote, any,     partitioned,    unclear,       nothing, mof},
{restored,       peer_unknown,   all,    any,     invalid,        must_resync,   nothing, mof},
    });
}();
// clang-format on

static_assert(deterministic(clone_requests), "two rows hold at once, or rows are out of order");
static_assert(deterministic(clone_events), "two rows hold at once, or rows are out of order");

}  // namespace cimrep::inline v0
