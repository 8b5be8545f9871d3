// lib/runtime/volume_read.cpp -- reads come from a leg that holds the current content, or fail.
// SPDX-License-Identifier: BSL-1.0
#include "volume_core.hpp"
#include <bit>
#include <cstring>

namespace cimrep::inline v0 {

// The least loaded current leg that has not failed this read; the source where all are alike. One
// that was found to differ there is asked only if nobody else is left.
leg* volume_core::read_leg(std::uint32_t tried, byte_extent extent) noexcept
{
    leg* best = nullptr;
    leg* doubtful = nullptr;
    for (const auto& each : legs_) {
        if (!each || each->role != leg_role::current || (tried >> each->index & 1) != 0) continue;
        if (each->map.different().any(extent)) {
            if (doubtful == nullptr) doubtful = each.get();
            continue;
        }
        if (best == nullptr || each->outstanding() < best->outstanding()) best = each.get();
    }
    return best != nullptr ? best : doubtful;
}

void volume_core::send_read(host_request& r) noexcept
{
    leg* on = read_leg(r.failed, r.extent);
    if (on == nullptr) return answer(r, r.error ? r.error : make_error_code(errc::leg_failed));
    leg_op& child = r.children[on->index];
    // A second try goes to the host's memory: a bounce buffer may still be the first leg's.
    const bool bounced = r.bounce != nullptr && r.failed == 0;
    if (bounced)
        child.prepare_read(r.extent.offset_bytes, std::span(&r.bounce_segment, 1));
    else
        child.prepare_read(r.extent.offset_bytes, r.host->read_segments());
    child.buffer_index = bounced ? -1 : r.host->buffer_index;
    child.may_be_given_up = bounced;
    child.fua = false;
    child.deadline = r.host->deadline;
    r.stage_at = loop_->turn_time();
    submit_child(r, *on);
}

void volume_core::finish_read(host_request& r) noexcept
{
    if (r.succeeded == 0) {
        const monotonic_time due = r.host->deadline;
        const bool late = due.nanoseconds != 0 && due <= loop_->now();
        return late ? answer(r, errc::deadline_exceeded) : send_read(r);
    }
    // The data is right, whoever could not deliver it is not.
    for (const auto& each : legs_)
        if (each && (r.failed >> each->index & 1) != 0) fail(*each, r.error);
    leg& from = *legs_[static_cast<std::size_t>(std::countr_zero(r.succeeded))];
    ++from.counters.reads;
    from.counters.read_bytes += r.extent.length_bytes;
    if (r.bounce != nullptr && r.failed == 0) {
        std::size_t at = 0;
        for (const io_segment& piece : r.host->read_segments()) {
            if (piece.size_bytes != 0) std::memcpy(piece.data, r.bounce + at, piece.size_bytes);
            at += piece.size_bytes;
        }
        counters_.bounced_bytes += at;
    }
    answer(r, {});
}

}  // namespace cimrep::inline v0
