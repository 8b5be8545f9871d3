// lib/io/uring/uring_device.cpp -- an op from submit() to done: checked, in pieces, to its end.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/uring/uring_device.hpp>

#include "uring_core.hpp"
#include <algorithm>
#include <cerrno>
#include <cstring>

namespace cimrep::inline v0 {

using detail::op_ending;
using detail::op_phase;
using detail::op_state;
using detail::state_of;

namespace {

// More attempts than a system that is alive needs; then its own error is passed on.
constexpr std::uint8_t retries_max = 64;

bool means_unsupported(int number) noexcept
{
    return number == EOPNOTSUPP || number == EINVAL || number == ENOSYS || number == ENOTTY;
}

/// Copies between the segments, from byte `skip` of them on, and a bounce slot.
template <class Segment, class Copy>
void each_piece(std::span<const Segment> list, std::uint64_t skip, std::size_t length,
                const Copy& copy) noexcept
{
    for (const Segment& segment : list) {
        if (skip >= segment.size_bytes) {
            skip -= segment.size_bytes;
            continue;
        }
        const auto from = static_cast<std::size_t>(skip);
        const std::size_t count = std::min(segment.size_bytes - from, length);
        if (count == 0) return;
        copy(segment.data + from, count);
        length -= count;
        skip = 0;
    }
}

void gather(const io_op& op, std::byte* to, std::size_t length) noexcept
{
    each_piece(op.write_segments(), op.transferred_bytes, length,
               [&to](const std::byte* data, std::size_t count) {
                   std::memcpy(to, data, count);
                   to += count;
               });
}

void scatter(const io_op& op, const std::byte* from, std::size_t length) noexcept
{
    each_piece(op.read_segments(), op.transferred_bytes, length,
               [&from](std::byte* data, std::size_t count) {
                   std::memcpy(data, from, count);
                   from += count;
               });
}

}  // namespace

event_loop& uring_device::loop() const noexcept
{
    return loop_;
}

/// Why `op` cannot be started at all.
error_code uring_device::refused(const io_op& op) const noexcept
{
    if (const error_code error = check_bounds(op, shape_)) return error;
    if (op.kind == io_kind::compare_and_write) return errc::not_supported;
    if (op.kind == io_kind::discard && shape_.discard_granularity_bytes == 0)
        return errc::not_supported;
    if (read_only_ && op.changes()) return std::make_error_code(std::errc::read_only_file_system);
    if (op.deadline.nanoseconds != 0 && op.deadline <= loop_.now()) return errc::deadline_exceeded;
    return {};
}

void uring_device::submit(io_op& op) noexcept
{
    CIMREP_ASSERT(op.done != nullptr);
    op.device = this;
    op.transferred_bytes = 0;
    op_state& state = *new (op.scratch.data()) op_state;
    const error_code error = refused(op);
    if (error || (op.length_bytes == 0 && op.kind != io_kind::flush)) {
        loop_.complete(op, error);
        return;
    }
    ++in_flight_;
    if (op.deadline.nanoseconds != 0) core_.watch_deadline(op);
    if (op.kind == io_kind::write_zeroes) {
        const zeroing method = op.may_unmap ? zeroing_unmapped_ : zeroing_mapped_;
        state.method = static_cast<std::uint8_t>(method);
    }
    if (needs_bounce(op)) {
        state.bounced = true;
        ++core_.statistics.bounced;
        if (!core_.take_bounce(op)) {
            core_.wait_for_bounce(op);
            return;
        }
    }
    core_.start(op);
}

void uring_device::cancel(io_op& op) noexcept
{
    CIMREP_ASSERT(op.device == this);
    core_.cancel(op, op_ending::canceled);
}

bool uring_device::needs_bounce(const io_op& op) const noexcept
{
    const auto misaligned = [this](const auto& list) {
        for (const auto& segment : list) {
            if ((reinterpret_cast<std::uintptr_t>(segment.data) & misaligned_memory_mask_) != 0 ||
                (segment.size_bytes & misaligned_length_mask_) != 0)
                return true;
        }
        return false;
    };
    if (op.kind == io_kind::read) return misaligned(op.read_segments());
    if (op.kind == io_kind::write) return op.unstable_buffer || misaligned(op.write_segments());
    return false;
}

/// Fills the request for what is left of `op`, or for as much of it as fits one.
void uring_device::prepare(io_op& op, void* request) noexcept
{
    auto* sqe = static_cast<io_uring_sqe*>(request);
    op_state& state = state_of(op);
    const std::uint64_t left = op.length_bytes - op.transferred_bytes;
    const std::uint64_t offset = op.offset_bytes + op.transferred_bytes;
    switch (op.kind) {
    case io_kind::read:
    case io_kind::write: prepare_transfer(op, request); break;
    case io_kind::flush: io_uring_prep_fsync(sqe, 0, IORING_FSYNC_DATASYNC); break;
    case io_kind::discard:
        prepare_deallocate(op, request, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE);
        break;
    case io_kind::write_zeroes:
        switch (static_cast<zeroing>(state.method)) {
        case zeroing::punch_hole:
            prepare_deallocate(op, request, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE);
            break;
        case zeroing::zero_range:
            prepare_deallocate(op, request, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE);
            break;
        case zeroing::write:
            state.chunk_bytes = static_cast<std::uint32_t>(
                std::min({left, chunk_bytes_max_, std::uint64_t{core_.zeros().size()}}));
            io_uring_prep_write(sqe, 0, core_.zeros().data(), state.chunk_bytes, offset);
            break;
        }
        break;
    case io_kind::compare_and_write: CIMREP_ASSERT(false && "refused by submit()"); break;
    }
    sqe->fd = file_slot_ >= 0 ? file_slot_ : descriptor_;
    sqe->flags = static_cast<std::uint8_t>((file_slot_ >= 0 ? IOSQE_FIXED_FILE : 0u) |
                                           (state.retries > 0 ? IOSQE_ASYNC : 0u));
}

void uring_device::prepare_deallocate(io_op& op, void* request, int mode) noexcept
{
    io_uring_prep_fallocate(static_cast<io_uring_sqe*>(request), 0, mode,
                            static_cast<off_t>(op.offset_bytes),
                            static_cast<off_t>(op.length_bytes));
}

namespace {

/// The part of a segment list that one request transfers.
struct piece {
    const void* data = nullptr;  // memory, or the first of `count` whole segments
    std::size_t count = 0;       // 0: plain memory
    std::uint64_t length_bytes = 0;
    bool whole = false;  // plain memory that is the whole list: a registered buffer serves
};

/// From byte `skip` of `list` on: as many whole segments as `limit` allows, or a part of one.
template <class Segment>
piece next_piece(std::span<const Segment> list, std::uint64_t skip, std::uint64_t limit) noexcept
{
    constexpr std::size_t segments_max = 1024;  // IOV_MAX
    std::size_t first = 0;
    while (skip >= list[first].size_bytes) skip -= list[first++].size_bytes;
    const std::uint64_t rest = list[first].size_bytes - skip;
    if (skip > 0 || rest >= limit || first + 1 == list.size()) {
        const std::uint64_t length = std::min(rest, limit);
        return {list[first].data + skip, 0, length, list.size() == 1};
    }
    std::uint64_t length = 0;
    std::size_t count = 0;
    while (first + count < list.size() && count < segments_max &&
           length + list[first + count].size_bytes <= limit)
        length += list[first + count++].size_bytes;
    return {&list[first], count, length, false};
}

}  // namespace

void uring_device::prepare_transfer(io_op& op, void* request) noexcept
{
    auto* sqe = static_cast<io_uring_sqe*>(request);
    op_state& state = state_of(op);
    const std::uint64_t offset = op.offset_bytes + op.transferred_bytes;
    const bool reads = op.kind == io_kind::read;
    piece part;
    if (state.bounced) {
        part.length_bytes = std::min({op.length_bytes - op.transferred_bytes, chunk_bytes_max_,
                                      std::uint64_t{core_.bounce_slot_bytes()}});
        std::byte* slot = core_.bounce_memory(state);
        if (!reads) gather(op, slot, static_cast<std::size_t>(part.length_bytes));
        part.data = slot;
    } else if (reads) {
        part = next_piece(op.read_segments(), op.transferred_bytes, chunk_bytes_max_);
    } else {
        part = next_piece(op.write_segments(), op.transferred_bytes, chunk_bytes_max_);
    }
    state.chunk_bytes = static_cast<std::uint32_t>(part.length_bytes);
    const bool registered = part.whole && op.buffer_index >= 0;
    int opcode = reads ? IORING_OP_READ : IORING_OP_WRITE;
    unsigned length = state.chunk_bytes;
    if (part.count > 0) {
        opcode = reads ? IORING_OP_READV : IORING_OP_WRITEV;
        length = static_cast<unsigned>(part.count);
    } else if (registered) {
        opcode = reads ? IORING_OP_READ_FIXED : IORING_OP_WRITE_FIXED;
    }
    io_uring_prep_rw(opcode, sqe, 0, part.data, length, offset);
    if (registered) sqe->buf_index = static_cast<std::uint16_t>(op.buffer_index);
    if (!reads && op.fua) sqe->rw_flags = RWF_DSYNC;
}

/// The kernel is done with a request of `op`: goes on with the rest, or ends it.
void uring_device::finished(io_op& op, std::int32_t result) noexcept
{
    if (result < 0) {
        failed(op, -result);
        return;
    }
    op_state& state = state_of(op);
    const bool transfers =
        op.kind == io_kind::read || op.kind == io_kind::write ||
        (op.kind == io_kind::write_zeroes && static_cast<zeroing>(state.method) == zeroing::write);
    if (!transfers) {
        op.transferred_bytes = op.length_bytes;
        end(op, {});
        return;
    }
    std::uint64_t moved = std::min(static_cast<std::uint32_t>(result), state.chunk_bytes);
    // Past the page cache the rest can start at a block only; the torn block is done again.
    if (moved < state.chunk_bytes) moved -= moved % shape_.logical_block_bytes;
    if (state.bounced && op.kind == io_kind::read)
        scatter(op, core_.bounce_memory(state), static_cast<std::size_t>(moved));
    op.transferred_bytes += moved;
    if (op.transferred_bytes == op.length_bytes) {
        end(op, {});
    } else if (moved == 0) {
        end(op, errc::short_transfer);
    } else if (state.ending != op_ending::none) {
        end(op, std::make_error_code(std::errc::operation_canceled));
    } else {
        state.retries = 0;
        ++core_.statistics.continued;
        core_.start(op);
    }
}

void uring_device::failed(io_op& op, int number) noexcept
{
    op_state& state = state_of(op);
    const bool transient = number == EAGAIN || number == EINTR;
    if (state.ending != op_ending::none && (transient || number == ECANCELED)) {
        end(op, std::make_error_code(std::errc::operation_canceled));
    } else if (transient && state.retries < retries_max) {
        ++state.retries;
        ++core_.statistics.retried;
        core_.start(op);
    } else if (means_unsupported(number) && fell_back(op, number)) {
        return;
    } else {
        end(op, {number, std::system_category()});
    }
}

/// Remembers what the system refuses from now on, and does `op` in another way if there is one.
bool uring_device::fell_back(io_op& op, int number) noexcept
{
    op_state& state = state_of(op);
    if (op.kind == io_kind::discard) {
        if (number == EOPNOTSUPP) {
            shape_.discard_granularity_bytes = 0;
            shape_.discard_reads_zeros = false;
        }
        end(op, errc::not_supported);
        return true;
    }
    if (op.kind != io_kind::write_zeroes) return false;
    const auto tried = static_cast<zeroing>(state.method);
    if (tried == zeroing::write) return false;
    const zeroing next = tried == zeroing::punch_hole ? zeroing::zero_range : zeroing::write;
    // Others in flight may have found out before: never back to what failed already.
    zeroing& remembered = op.may_unmap ? zeroing_unmapped_ : zeroing_mapped_;
    remembered = std::max(remembered, next);
    state.method = static_cast<std::uint8_t>(remembered);
    if (state.ending != op_ending::none)
        end(op, std::make_error_code(std::errc::operation_canceled));
    else
        core_.start(op);
    return true;
}

/// Gives `op` back to its owner, by way of the loop.
void uring_device::end(io_op& op, error_code error) noexcept
{
    op_state& state = state_of(op);
    CIMREP_ASSERT(in_flight_ > 0);
    --in_flight_;
    core_.forget_deadline(op);
    if (state.ending == op_ending::late) error = errc::deadline_exceeded;
    state.phase = op_phase::over;
    if (state.bounced) core_.return_bounce(op);
    loop_.complete(op, error);
}

}  // namespace cimrep::inline v0
