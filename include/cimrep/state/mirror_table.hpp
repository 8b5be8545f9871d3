// state/mirror_table.hpp -- what is legal for a mirror in which CopyState, and where it leads.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/state/table_words.hpp>

#include <array>

namespace cimrep::inline v0 {

// This table and its two sisters are the specification. Validation, the capability answers and the
// documentation are derived from them; nothing else in the library compares CopyState values.
// Legend: state/table_words.hpp.
//
//
// While a mirror is restored or failed back it is Unsynchronized with source_behind: source and
// target differ, and no host may write the target, which Fractured or Split would allow.

/// The requests of a mirror.
// clang-format off
inline constexpr auto mirror_requests = [] {
    using namespace detail::words;
    return std::to_array<request_row>({
// from          request       for     when    need   to              then           does      src
{every,          tie,          all,    any,    plain, every,          done,          tied,     mof},
{every,          add_pair,     all,    any,    plain, every,          done,          joined,   mof},
{every,          untie,        all,    any,    plain, every,          done,          untied,   mof},
{every,          drop_pair,    all,    any,    plain, every,          done,          left,     mof},
{initialized,    activate,     all,    any,    plain, unsynchronized, synchronizing, recopy,   inf},
{initialized,    detach,       all,    any,    plain, gone,           done,          leave,    mof},
{initialized,    prepare,      all,    any,    plain, prepared,       must_activate, ready,    mof},
{unsynchronized, abort,        all,    whole,  plain, aborted,        must_resync,   halt,     mof},
{unsynchronized, abort,        all,    behind, force, aborted,        must_resync,   halt,     inf},
{unsynchronized, deactivate,   all,    whole,  plain, inactive,       dormant,       halt,     mof},
{unsynchronized, detach,       all,    any,    force, gone,           done,          leave,    inf},
{unsynchronized, failover,     all,    any,    force, failedover,     done,          over,     inf},
{unsynchronized, fracture,     all,    usable, plain, fractured,      done,          part,     inf},
{unsynchronized, fracture,     all,    unfit,  force, fractured,      done,          part,     inf},
{unsynchronized, to_sync,      no_s,   whole,  plain, unsynchronized, synchronizing, retag,    inf},
{unsynchronized, to_async,     no_a,   whole,  plain, unsynchronized, synchronizing, retag,    inf},
{unsynchronized, suspend,      all,    whole,  plain, suspended,      dormant,       halt,     mof},
{unsynchronized, to_adaptive,  no_d,   whole,  plain, unsynchronized, synchronizing, retag,    inf},
{synchronized,   deactivate,   all,    any,    plain, inactive,       dormant,       halt,     mof},
{synchronized,   detach,       all,    any,    plain, gone,           done,          leave,    mof},
{synchronized,   dissolve,     all,    any,    plain, gone,           done,          keep,     mof},
{synchronized,   failover,     all,    any,    plain, failedover,     done,          handover, mof},
{synchronized,   fracture,     all,    any,    plain, fractured,      done,          part,     mof},
{synchronized,   to_sync,      no_s,   any,    plain, synchronized,   done,          retime,   inf},
{synchronized,   to_async,     no_a,   any,    plain, synchronized,   done,          retag,    inf},
{synchronized,   reverse,      all,    any,    plain, synchronized,   done,          swap,     mof},
{synchronized,   split_pair,   all,    any,    plain, split,          done,          cut,      mof},
{synchronized,   suspend,      all,    any,    plain, suspended,      dormant,       halt,     mof},
{synchronized,   prepare,      all,    any,    plain, prepared,       must_activate, ready,    inf},
{synchronized,   to_adaptive,  no_d,   any,    plain, synchronized,   done,          retag,    inf},
{synchronized,   to_active,    no_v,   any,    plain, synchronized,   done,          retime,   inf},
{broken,         detach,       all,    whole,  plain, gone,           done,          leave,    inf},
{broken,         detach,       all,    behind, force, gone,           done,          leave,    inf},
{broken,         failover,     all,    whole,  force, failedover,     done,          over,     inf},
{broken,         failover,     all,    behind, plain, failedover,     done,          over,     inf},
{broken,         resync,       all,    whole,  plain, unsynchronized, resyncing,     recopy,   mof},
{broken,         resync,       all,    behind, force, unsynchronized, resyncing,     recopy,   inf},
{broken,         restore,      all,    behind, force, unsynchronized, restoring,     refill,   inf},
{fractured,      detach,       all,    any,    plain, gone,           done,          leave,    mof},
{fractured,      dissolve,     all,    usable, plain, gone,           done,          keep,     inf},
{fractured,      failover,     all,    any,    force, failedover,     done,          over,     inf},
{fractured,      resync,       all,    any,    plain, unsynchronized, resyncing,     recopy,   mof},
{fractured,      restore,      all,    usable, force, unsynchronized, restoring,     refill,   mof},
{fractured,      to_sync,      no_s,   any,    plain, fractured,      done,          retag,    inf},
{fractured,      to_async,     no_a,   any,    plain, fractured,      done,          retag,    inf},
{fractured,      reverse,      all,    usable, plain, fractured,      must_resync,   swap,     mof},
{fractured,      prepare,      all,    any,    plain, prepared,       must_activate, ready,    inf},
{fractured,      to_adaptive,  no_d,   any,    plain, fractured,      done,          retag,    inf},
{split,          detach,       all,    any,    plain, gone,           done,          leave,    mof},
{split,          dissolve,     all,    any,    plain, gone,           done,          keep,     inf},
{split,          failover,     all,    any,    force, failedover,     done,          over,     inf},
{split,          resync,       all,    any,    plain, unsynchronized, resyncing,     recopy,   mof},
{split,          restore,      all,    any,    force, unsynchronized, restoring,     refill,   mof},
{split,          to_sync,      no_s,   any,    plain, split,          done,          retag,    inf},
{split,          to_async,     no_a,   any,    plain, split,          done,          retag,    inf},
{split,          reverse,      all,    any,    plain, split,          must_resync,   swap,     mof},
{split,          prepare,      all,    any,    plain, prepared,       must_activate, ready,    inf},
{split,          to_adaptive,  no_d,   any,    plain, split,          done,          retag,    inf},
{inactive,       activate,     all,    any,    plain, unsynchronized, synchronizing, recopy,   mof},
{inactive,       detach,       all,    any,    plain, gone,           done,          leave,    mof},
{inactive,       failover,     all,    any,    force, failedover,     done,          over,     inf},
{inactive,       prepare,      all,    any,    plain, prepared,       must_activate, ready,    inf},
{suspended,      detach,       all,    whole,  plain, gone,           done,          leave,    mof},
{suspended,      detach,       all,    behind, force, gone,           done,          leave,    inf},
{suspended,      failover,     all,    any,    force, failedover,     done,          over,     inf},
{suspended,      resume,       all,    whole,  plain, unsynchronized, resyncing,     recopy,   mof},
{suspended,      resume,       all,    behind, plain, unsynchronized, restoring,     refill,   inf},
{suspended,      to_sync,      no_s,   any,    plain, suspended,      dormant,       retag,    inf},
{suspended,      to_async,     no_a,   any,    plain, suspended,      dormant,       retag,    inf},
{suspended,      to_adaptive,  no_d,   any,    plain, suspended,      dormant,       retag,    inf},
{failedover,     detach,       all,    any,    plain, gone,           done,          leave,    mof},
{failedover,     failback,     all,    sure,   plain, unsynchronized, failing_back,  refill,   mof},
{failedover,     failback,     all,    unsure, force, unsynchronized, failing_back,  refill,   inf},
{failedover,     resync,       all,    any,    force, unsynchronized, resyncing,     recopy,   inf},
{failedover,     reverse,      all,    any,    plain, fractured,      must_resync,   swap,     mof},
{prepared,       activate,     all,    any,    plain, unsynchronized, synchronizing, recopy,   mof},
{prepared,       detach,       all,    any,    plain, gone,           done,          leave,    mof},
{prepared,       failover,     all,    any,    force, failedover,     done,          over,     inf},
{prepared,       unprepare,    all,    usable, plain, fractured,      done,          nothing,  mof},
{prepared,       unprepare,    all,    unfit,  plain, initialized,    dormant,       nothing,  mof},
{aborted,        detach,       all,    whole,  plain, gone,           done,          leave,    mof},
{aborted,        detach,       all,    behind, force, gone,           done,          leave,    inf},
{aborted,        failover,     all,    any,    force, failedover,     done,          over,     inf},
{aborted,        resync,       all,    whole,  plain, unsynchronized, resyncing,     recopy,   mof},
{aborted,        resync,       all,    behind, force, unsynchronized, resyncing,     recopy,   inf},
{aborted,        restore,      all,    behind, force, unsynchronized, restoring,     refill,   inf},
{skewed,         detach,       no_v,   any,    plain, gone,           done,          leave,    mof},
{skewed,         failover,     no_v,   any,    force, failedover,     done,          over,     inf},
{skewed,         fracture,     no_v,   any,    plain, fractured,      done,          part,     inf},
{skewed,         resync,       no_v,   any,    plain, unsynchronized, resyncing,     recopy,   inf},
{gone,           create,       all,    any,    plain, unsynchronized, synchronizing, begin,    mof},
{gone,           create_idle,  all,    any,    plain, initialized,    dormant,       marked,   mof},
{gone,           create_still, all,    any,    plain, inactive,       dormant,       marked,   mof},
{gone,           create_equal, all,    any,    plain, synchronized,   done,          nothing,  inf},
{partitioned,    detach,       remote, any,    force, gone,           done,          leave,    inf},
{partitioned,    failover,     remote, any,    force, failedover,     done,          over,     inf},
{invalid,        detach,       all,    whole,  plain, gone,           done,          leave,    mof},
{invalid,        detach,       all,    behind, force, gone,           done,          leave,    inf},
{invalid,        failover,     all,    any,    force, failedover,     done,          over,     inf},
{invalid,        resync,       all,    any,    force, unsynchronized, resyncing,     reload,   inf},
{invalid,        restore,      all,    behind, force, unsynchronized, restoring,     refill,   inf},
    });
}();

/// The events of a mirror.
inline constexpr auto mirror_events = [] {
    using namespace detail::words;
    return std::to_array<event_row>({
// from          event            for     when        to              then         does     src
{initialized,    leg_lost,        all,    any,        broken,         dormant,     nothing, mof},
{initialized,    source_lost,     all,    any,        broken,         dormant,     nothing, mof},
{unsynchronized, copy_done,       all,    whole,      synchronized,   done,        nothing, mof},
{unsynchronized, restore_done,    all,    behind,     synchronized,   done,        nothing, inf},
{unsynchronized, leg_lost,        all,    any,        broken,         dormant,     halt,    mof},
{unsynchronized, source_lost,     all,    any,        broken,         dormant,     halt,    mof},
{unsynchronized, link_lost,       remote, any,        partitioned,    unclear,     halt,    mof},
{unsynchronized, peer_unknown,    all,    any,        invalid,        must_resync, halt,    mof},
{unsynchronized, no_space,        all,    any,        broken,         must_resync, halt,    mof},
{unsynchronized, job_cancelled,   all,    any,        aborted,        must_resync, halt,    inf},
{unsynchronized, restart,         all,    behind,     unsynchronized, restoring,   refill,  inf},
{unsynchronized, restart,         all,    usable,     unsynchronized, resyncing,   cycles,  inf},
{unsynchronized, restart,         all,    unfit,      unsynchronized, resyncing,   copy,    inf},
{synchronized,   target_written,  no_v,   any,        skewed,         must_resync, halt,    mof},
{synchronized,   leg_lost,        all,    any,        broken,         dormant,     halt,    mof},
{synchronized,   source_lost,     all,    any,        broken,         dormant,     over,    mof},
{synchronized,   link_lost,       remote, any,        partitioned,    unclear,     halt,    mof},
{synchronized,   peer_unknown,    all,    any,        invalid,        must_resync, halt,    mof},
{synchronized,   no_space,        all,    any,        broken,         must_resync, halt,    mof},
{synchronized,   source_replaced, all,    any,        unsynchronized, resyncing,   copy,    inf},
{synchronized,   restart,         cyc,    any,        unsynchronized, resyncing,   cycles,  inf},
{synchronized,   restart,         no_a,   any,        unsynchronized, resyncing,   copy,    inf},
{broken,         leg_back,        all,    automatic,  unsynchronized, resyncing,   recopy,  mof},
{broken,         leg_back,        all,    refilling,  unsynchronized, restoring,   refill,  inf},
{broken,         leg_back,        all,    by_hand,    suspended,      must_resume, nothing, mof},
{broken,         leg_back,        all,    apart,      fractured,      must_resync, nothing, inf},
{broken,         leg_back,        all,    taken_over, failedover,     done,        nothing, inf},
{broken,         leg_back,        all,    stopped,    suspended,      must_resume, nothing, inf},
{broken,         peer_unknown,    all,    any,        invalid,        must_resync, nothing, mof},
{fractured,      leg_lost,        all,    any,        broken,         dormant,     nothing, mof},
{fractured,      source_lost,     all,    any,        broken,         dormant,     nothing, mof},
{fractured,      peer_unknown,    all,    any,        invalid,        must_resync, nothing, mof},
{split,          leg_lost,        all,    any,        broken,         dormant,     nothing, mof},
{split,          source_lost,     all,    any,        broken,         dormant,     nothing, mof},
{split,          peer_unknown,    all,    any,        invalid,        must_resync, nothing, mof},
{inactive,       leg_lost,        all,    any,        broken,         dormant,     nothing, mof},
{inactive,       source_lost,     all,    any,        broken,         dormant,     nothing, mof},
{inactive,       peer_unknown,    all,    any,        invalid,        must_resync, nothing, mof},
{suspended,      leg_lost,        all,    any,        broken,         dormant,     nothing, mof},
{suspended,      source_lost,     all,    any,        broken,         dormant,     nothing, mof},
{suspended,      peer_unknown,    all,    any,        invalid,        must_resync, nothing, mof},
{failedover,     leg_lost,        all,    any,        broken,         dormant,     nothing, mof},
{failedover,     peer_unknown,    all,    any,        invalid,        must_resync, nothing, inf},
{prepared,       leg_lost,        all,    any,        broken,         dormant,     nothing, mof},
{prepared,       source_lost,     all,    any,        broken,         dormant,     nothing, mof},
{prepared,       peer_unknown,    all,    any,        invalid,        must_resync, nothing, mof},
{skewed,         leg_lost,        no_v,   any,        broken,         dormant,     nothing, mof},
{skewed,         source_lost,     no_v,   any,        broken,         dormant,     nothing, mof},
{skewed,         link_lost,       remote, any,        partitioned,    unclear,     nothing, mof},
{skewed,         peer_unknown,    no_v,   any,        invalid,        must_resync, nothing, mof},
{partitioned,    leg_lost,        remote, any,        broken,         dormant,     nothing, mof},
{partitioned,    link_back,       remote, automatic,  unsynchronized, resyncing,   recopy,  mof},
{partitioned,    link_back,       remote, refilling,  unsynchronized, restoring,   refill,  inf},
{partitioned,    link_back,       remote, by_hand,    suspended,      must_resume, nothing, mof},
{partitioned,    peer_unknown,    remote, any,        invalid,        must_resync, nothing, mof},
    });
}();
// clang-format on

static_assert(deterministic(mirror_requests), "two rows hold at once, or rows are out of order");
static_assert(deterministic(mirror_events), "two rows hold at once, or rows are out of order");

}  // namespace cimrep::inline v0
