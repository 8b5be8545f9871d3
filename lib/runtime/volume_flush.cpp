// lib/runtime/volume_flush.cpp -- a flush succeeds when every leg still in sync has flushed.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>

#include "../base/mark.hpp"
#include "volume_core.hpp"

namespace cimrep::inline v0 {

void volume_core::send_flush(host_request& r) noexcept
{
    r.covering = hot_.begin_flush();
    r.stage_at = loop_->turn_time();
    ++r.pending;
    // Legs that are being copied to are flushed with the others: what the host wrote to them may be
    // lost with their cache just as well, and 'covered' means covered on every leg that has it.
    for (const auto& each : legs_) {
        if (!each || !each->receives_writes()) continue;
        if (CIMREP_MUTANT(host_flush_skips_copies) && each->role == leg_role::syncing) continue;
        leg& on = *each;
        ++on.counters.flushes;
        const bool forgotten = on.index == 0 ? CIMREP_MUTANT(host_flush_skips_source)
                                             : CIMREP_MUTANT(host_flush_skips_targets);
        if (forgotten || !on.device->shape().volatile_cache) {
            r.succeeded |= 1u << on.index;
            continue;
        }
        leg_op& child = r.children[on.index];
        child.prepare_flush();
        child.fua = false;
        child.deadline = {};
        child.buffer_index = -1;
        child.may_be_given_up = true;
        submit_child(r, on);
    }
    if (--r.pending != 0) return;
    if (r.out != 0) return finish_flush(r);
    if (member_committing_ || owes_a_record()) {
        parked_.push(r);
        if (!member_committing_) commit_membership();
        return;
    }
    // Nothing to wait for, and `done` is never called from inside submit().
    for (const auto& each : legs_)
        if (each && each->role == leg_role::current) each->map.flushed();
    hot_.flush_done(r.covering);
    io_op& op = *r.host;
    ++counters_.flush.operations;
    r.host = nullptr;
    requests_.give(r);
    loop_->complete(op, {});
}

// A failed flush is never tried again: the device may have dropped what it could not write, and a
// second flush would succeed without it.
void volume_core::flush_failed(leg& which, error_code why) noexcept
{
    if (fail(which, why)) return;
    CIMREP_MARK(last_leg_failed_a_flush);
    read_only_ = true;
    ++losses_;
    ++content_;
    // What it holds from now on may be older than what the others were given or missed.
    for (const auto& each : legs_)
        if (each && each->role != leg_role::current)
            hot_.for_each_uncovered([&](byte_extent extent) { each->map.differs(extent); });
    log(log_level::error, log_event::volume_read_only, &which, why);
}

void volume_core::finish_flush(host_request& r) noexcept
{
    const error_code why = r.error;
    bool flushed = false;
    for (const auto& each : legs_) {
        const bool succeeded = each && (r.succeeded >> each->index & 1) != 0;
        if (!succeeded || each->role != leg_role::current) continue;
        flushed = true;
        // Until a record says that what it holds is the content its map is that of a leg apart, or
        // of one that was found to differ: the next process may go by the set before.
        const bool on_record = !replacing_ && !left_alone_;
        if (on_record || CIMREP_MUTANT(flush_clears_a_later_set)) each->map.flushed();
    }
    if (!flushed && r.failed == 0 && !read_only_) {
        CIMREP_MARK(flush_of_legs_that_left);
        // Another leg holds the content by now, which had no part in this flush.
        r.succeeded = 0;
        return send_flush(r);
    }
    if (read_only_ || !flushed) return answer(r, why ? why : make_error_code(errc::leg_failed));
    hot_.flush_done(CIMREP_MUTANT(flush_covers_what_came_later) ? hot_.begin_flush() : r.covering);
    answer(r, {});
}

}  // namespace cimrep::inline v0
