// lib/runtime/volume_point.cpp -- a point in time is read, from the pool or from the volume.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/engine/exception_lookup.hpp>

#include "../base/mark.hpp"
#include "point_keeper.hpp"
#include "volume_core.hpp"
#include <algorithm>

namespace cimrep::inline v0 {

namespace {

/// A part of a read that comes from one place.
struct point_part {
    std::uint64_t length_bytes = 0;
    bool in_pool = false;
    std::uint64_t offset_bytes = 0;  ///< in the pool
};

// The first part of `extent`, as far as the end of its chunk.
point_part first_part(const point_keeper& points, std::uint64_t point, byte_extent extent) noexcept
{
    const std::uint64_t chunk = extent.offset_bytes / points.chunk_bytes();
    const std::uint64_t begin = chunk * points.chunk_bytes();
    const std::uint64_t end = std::min(begin + points.chunk_bytes(), extent.end_bytes());
    const auto first = static_cast<std::uint32_t>((extent.offset_bytes - begin) / sub_block_bytes);
    const auto last = static_cast<std::uint32_t>((end - begin - 1) / sub_block_bytes);
    read_of_point lookup(point, first, last - first + 1);
    points.table().for_chunk(chunk, point, [&](const exception& each) { lookup.show(each); });
    point_part found;
    lookup.pieces([&](const point_piece& piece) {
        if (piece.first != first) return;
        const std::uint64_t piece_end =
            begin + std::uint64_t{piece.first + piece.count} * sub_block_bytes;
        found.length_bytes = std::min(end, piece_end) - extent.offset_bytes;
        found.in_pool = piece.in_pool;
        found.offset_bytes =
            preservation_pool::offset_of(piece.place) + extent.offset_bytes % sub_block_bytes;
    });
    return found;
}

}  // namespace

const geometry& point_front::shape() const noexcept
{
    return volume_->shape();
}
event_loop& point_front::loop() const noexcept
{
    return volume_->loop();
}
void point_front::submit(io_op& op) noexcept
{
    volume_->submit_to_point(op, number);
}
void point_front::cancel(io_op& op) noexcept
{
    volume_->cancel(op);
}

void volume_core::submit_to_point(io_op& op, std::uint64_t point) noexcept
{
    CIMREP_ASSERT(op.done != nullptr);
    op.device = this;
    if (closing_) return refuse(op, errc::closed);
    if (const error_code wrong = check_bounds(op, shape_)) return refuse(op, wrong);
    if (op.kind == io_kind::flush) return refuse(op, {});
    if (op.changes()) return refuse(op, make_error_code(std::errc::read_only_file_system));
    if (op.length_bytes == 0) return refuse(op, {});
    if (unserved_) return refuse(op, unserved_);
    // What is read already may end before it goes.
    if (!points_->knows(point)) return refuse(op, errc::stale_reference);
    op.scratch[0] = point;
    if (!waiting_.empty() || !may_begin()) {
        ++counters_.request_waits;
        watch_deadline(op);
        return waiting_.push(op);
    }
    begin(op);
}

bool volume_core::keeps_points() const noexcept
{
    return points_ != nullptr && points_->keeps();
}

void volume_core::begin_beside_points(host_request& r) noexcept
{
    if (r.counted) {
        r.rounded = true;
        r.epoch = points_->epoch();
        return points_->change_begun(r);
    }
    if (!r.host->reads()) return;
    r.point = r.host->scratch[0];
    r.rounded = r.point != 0;
    if (r.rounded) points_->read_begun(r.point);
}

void volume_core::end_beside_points(host_request& r) noexcept
{
    if (r.counted) points_->change_ended(r);
    if (r.point != 0) points_->read_ended(r.point);
}

// What the point has of the piece cannot change while its range is claimed: who overwrites a part
// of it waits, and so does what that would keep.
void volume_core::send_point_read(host_request& r) noexcept
{
    if (!points_->can_be_read(r.point)) return end_later(r, errc::element_not_accessible);
    const bool bounced = r.bounce != nullptr;
    if (!bounced) r.piece.offset_bytes = r.asked.offset_bytes;
    r.content = content_;
    const byte_extent rest{r.piece.offset_bytes, r.asked.end_bytes() - r.piece.offset_bytes};
    const point_part part = first_part(*points_, r.point, rest);
    std::uint64_t length = part.length_bytes;
    if (!part.in_pool) length = readable_in_one({rest.offset_bytes, length});
    if (length != r.asked.length_bytes && !std::exchange(r.in_pieces, true) && !bounced)
        return locked(r);
    if (bounced) length = std::min<std::uint64_t>(length, bounce_pool::buffer_bytes);
    r.piece.length_bytes = length;
    const auto prepare = [&](io_op& op, std::uint64_t offset) {
        bounced ? op.prepare_read(offset, std::span(r.bounce, length))
                : op.prepare_read(offset, r.host->read_segments());
        op.buffer_index = -1;
    };
    if (part.in_pool) {
        prepare(r.from_pool, part.offset_bytes);
        r.from_pool.deadline = r.host->deadline;
        ++r.pending;
        ++r.out;
        return points_->pool().device->submit(r.from_pool);
    }
    leg* const on = read_leg(r.failed, {rest.offset_bytes, length});
    if (on == nullptr) return answer(r, r.error ? r.error : make_error_code(errc::leg_failed));
    leg_op& child = r.children[on->index];
    prepare(child, r.piece.offset_bytes);
    child.may_be_given_up = bounced;
    child.fua = false;
    child.deadline = r.host->deadline;
    submit_child(r, *on);
}

void volume_core::pool_read_over(host_request& r, error_code error) noexcept
{
    --r.pending;
    --r.out;
    // Its places may have been given to somebody else since.
    if (!error && !points_->can_be_read(r.point)) error = errc::element_not_accessible;
    if (error) {
        CIMREP_MARK(point_not_read);
        return answer(r, error);
    }
    piece_read(r);
}

}  // namespace cimrep::inline v0
