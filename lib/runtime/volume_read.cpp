// lib/runtime/volume_read.cpp -- reads come from a leg that holds the current content, or fail.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>

#include "../base/mark.hpp"
#include "volume_core.hpp"
#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace cimrep::inline v0 {

namespace {

// Into the memory of `to` that lies `at` bytes from its beginning.
void copy_out(std::span<const io_segment> to, std::uint64_t at,
              std::span<const std::byte> from) noexcept
{
    for (const io_segment& piece : to) {
        if (from.empty()) return;
        if (at >= piece.size_bytes) {
            at -= piece.size_bytes;
            continue;
        }
        const std::size_t length = std::min<std::size_t>(piece.size_bytes - at, from.size());
        std::memcpy(piece.data + at, from.data(), length);
        from = from.subspan(length);
        at = 0;
    }
}

}  // namespace

// The least loaded current leg that has not failed this read; the source where all are alike. One
// that was found to differ there is asked only if nobody else is in the set: what another one
// cannot read is not to be made up for by what is known to be something else.
leg* volume_core::read_leg(std::uint32_t tried, byte_extent extent) noexcept
{
    leg* best = nullptr;
    leg* doubtful = nullptr;
    bool has_failed = false;
    for (const auto& each : legs_) {
        const bool trusted = CIMREP_MUTANT(read_from_a_copy) && each && each->receives_writes();
        if (!each || (each->role != leg_role::current && !trusted) || each->examined) continue;
        const bool differs = !trusted && each->map.different().any(extent);
        if ((tried >> each->index & 1) != 0) {
            has_failed |= !differs;
            continue;
        }
        if (differs) {
            if (doubtful == nullptr) doubtful = each.get();
            continue;
        }
        if (best == nullptr || each->outstanding() < best->outstanding()) best = each.get();
    }
    return best != nullptr || has_failed ? best : doubtful;
}

// Where none is right everywhere: as far as one of them is, or as far as none is.
std::uint64_t volume_core::readable_in_one(byte_extent extent) const noexcept
{
    const auto right = [&](byte_extent where) {
        std::uint32_t which = 0;
        for (const auto& each : legs_)
            if (each && each->role == leg_role::current && !each->examined &&
                !each->map.different().any(where))
                which |= 1u << each->index;
        return which;
    };
    if (right(extent) != 0 || CIMREP_MUTANT(read_not_cut_at_differences))
        return extent.length_bytes;
    const std::uint64_t region_bytes = settings_.region_bytes;
    std::uint64_t at = extent.offset_bytes;
    std::uint32_t all = 0;
    while (at < extent.end_bytes()) {
        const std::uint64_t end =
            std::min(extent.end_bytes(), (at / region_bytes + 1) * region_bytes);
        const std::uint32_t here = right({at, end - at});
        const bool first = at == extent.offset_bytes;
        if (!first && (all == 0 ? here != 0 : (all & here) == 0)) break;
        all = first ? here : all & here;
        at = end;
    }
    return at - extent.offset_bytes;
}

// Into the library's memory piece by piece, or into the host's in one.
void volume_core::send_read(host_request& r) noexcept
{
    const bool bounced = r.bounce != nullptr;
    // A read is of one content, also if the other one of a pair has been restored meanwhile.
    if (!bounced || r.content != content_) r.piece.offset_bytes = r.asked.offset_bytes;
    r.content = content_;
    const byte_extent rest{r.piece.offset_bytes, r.asked.end_bytes() - r.piece.offset_bytes};
    const std::uint64_t in_one = readable_in_one(rest);
    if (in_one != rest.length_bytes && !std::exchange(r.in_pieces, true) && !bounced)
        return locked(r);
    leg* on = read_leg(r.failed, {rest.offset_bytes, in_one});
    if (on == nullptr) return answer(r, r.error ? r.error : make_error_code(errc::leg_failed));
    leg_op& child = r.children[on->index];
    if (r.piece.offset_bytes == r.asked.offset_bytes && r.failed == 0)
        r.stage_at = loop_->turn_time();
    if (bounced) {
        r.piece.length_bytes = std::min<std::uint64_t>(in_one, bounce_pool::buffer_bytes);
        child.prepare_read(r.piece.offset_bytes, std::span(r.bounce, r.piece.length_bytes));
    } else {
        r.piece = r.asked;
        child.prepare_read(r.piece.offset_bytes, r.host->read_segments());
    }
    child.buffer_index = bounced ? -1 : r.host->buffer_index;
    child.may_be_given_up = bounced;
    child.fua = false;
    child.deadline = r.host->deadline;
    submit_child(r, *on);
}

// Whoever was given up has failed already, and may be back since.
void volume_core::fail_readers(const host_request& r) noexcept
{
    for (const auto& each : legs_)
        if (each && (r.failed >> each->index & 1) != 0 && !r.children[each->index].given_up)
            fail(*each, r.error);
}

// The leg has failed meanwhile: what it dropped then it may have read as it was before.
bool volume_core::read_in_vain(host_request& r) noexcept
{
    const leg& from = *legs_[static_cast<std::size_t>(std::countr_zero(r.succeeded))];
    if (from.role == leg_role::current || !from.failed_with) return false;
    CIMREP_MARK(leg_failed_while_it_read);
    r.succeeded = 0;
    leave_bounce(r);
    return true;
}

void volume_core::finish_read(host_request& r) noexcept
{
    if (r.succeeded == 0) {
        CIMREP_MARK(read_tried_elsewhere);
        leave_bounce(r);
        const monotonic_time due = r.host->deadline;
        const bool late = due.nanoseconds != 0 && due <= loop_->now();
        if (!late) return locked(r);
        CIMREP_MARK(late_at_a_leg);
        if (CIMREP_MUTANT(late_read_blames_its_leg)) fail_readers(r);
        return answer(r, errc::deadline_exceeded);
    }
    if (read_in_vain(r)) return locked(r);
    leg& from = *legs_[static_cast<std::size_t>(std::countr_zero(r.succeeded))];
    // The data is right, whoever could not deliver it is not.
    fail_readers(r);
    ++from.counters.reads;
    from.counters.read_bytes += r.piece.length_bytes;
    piece_read(r);
}

void volume_core::piece_read(host_request& r) noexcept
{
    if (r.bounce == nullptr) return answer(r, {});
    copy_out(r.host->read_segments(), r.piece.offset_bytes - r.asked.offset_bytes,
             {r.bounce, r.piece.length_bytes});
    counters_.bounced_bytes += r.piece.length_bytes;
    if (r.piece.end_bytes() == r.asked.end_bytes()) return answer(r, {});
    r.piece.offset_bytes = r.piece.end_bytes();
    r.succeeded = r.failed = 0;
    r.error = {};
    proceed(r);
}

}  // namespace cimrep::inline v0
