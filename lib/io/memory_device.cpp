// lib/io/memory_device.cpp -- copies; the loop reports.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/event_loop.hpp>
#include <cimrep/io/memory_device.hpp>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>

namespace cimrep::inline v0 {

namespace {

// What nobody may rely on after a discard that does not promise zeros.
constexpr int garbage = 0xd5;

bool is_zero(std::span<const std::byte> memory) noexcept
{
    return std::all_of(memory.begin(), memory.end(),
                       [](std::byte value) { return value == std::byte{}; });
}

}  // namespace

void memory_device::free_memory::operator()(std::byte* memory) const noexcept
{
    std::free(memory);
}

memory_device::memory_device(event_loop& loop, const memory_device_options& options) : loop_(loop)
{
    CIMREP_ASSERT(std::has_single_bit(options.logical_block_bytes));
    CIMREP_ASSERT(options.size_bytes % options.logical_block_bytes == 0);
    shape_.size_bytes = options.size_bytes;
    shape_.logical_block_bytes = options.logical_block_bytes;
    shape_.physical_block_bytes =
        std::max(options.physical_block_bytes, options.logical_block_bytes);
    shape_.maximum_transfer_bytes = options.maximum_transfer_bytes;
    shape_.discard_granularity_bytes = options.discard_granularity_bytes;
    shape_.discard_reads_zeros =
        options.discard_reads_zeros && options.discard_granularity_bytes != 0;
    shape_.volatile_cache = options.volatile_cache;
    // calloc and not new: untouched pages of a large device cost nothing.
    memory_.reset(static_cast<std::byte*>(std::calloc(std::max<std::size_t>(size(), 1), 1)));
    if (memory_ == nullptr) throw std::bad_alloc();
}

memory_device::~memory_device() = default;

void memory_device::submit(io_op& op) noexcept
{
    CIMREP_ASSERT(op.done != nullptr);
    op.device = this;
    op.transferred_bytes = 0;
    error_code error = check_bounds(op, shape_);
    if (!error && op.deadline.nanoseconds != 0 && op.deadline <= loop_.now())
        error = errc::deadline_exceeded;
    if (!error) error = execute(op);
    loop_.complete(op, error);
}

void memory_device::cancel(io_op& op) noexcept
{
    CIMREP_ASSERT(op.device == this);
}

error_code memory_device::execute(io_op& op) noexcept
{
    std::byte* at = memory_.get() + op.offset_bytes;
    const auto length = static_cast<std::size_t>(op.length_bytes);
    switch (op.kind) {
    case io_kind::read:
        for (const io_segment& segment : op.read_segments()) {
            if (segment.size_bytes > 0) std::memcpy(segment.data, at, segment.size_bytes);
            at += segment.size_bytes;
        }
        break;
    case io_kind::write:
        for (const const_io_segment& segment : op.write_segments()) {
            if (segment.size_bytes > 0) std::memcpy(at, segment.data, segment.size_bytes);
            at += segment.size_bytes;
        }
        break;
    case io_kind::flush: break;
    case io_kind::write_zeroes: std::memset(at, 0, length); break;
    case io_kind::discard:
        if (shape_.discard_granularity_bytes == 0) return errc::not_supported;
        std::memset(at, shape_.discard_reads_zeros ? 0 : garbage, length);
        break;
    case io_kind::compare_and_write: return errc::not_supported;
    }
    op.transferred_bytes = op.kind == io_kind::flush ? 0 : op.length_bytes;
    return {};
}

result<> memory_device::data_extents(const std::function<void(byte_extent)>& report) const
{
    byte_extent run;
    for (std::size_t offset = 0; offset < size(); offset += extent_unit_bytes) {
        const std::size_t length = std::min(extent_unit_bytes, size() - offset);
        if (is_zero(memory().subspan(offset, length))) continue;
        if (!run.empty() && run.end_bytes() == offset) {
            run.length_bytes += length;
            continue;
        }
        if (!run.empty()) report(run);
        run = {offset, length};
    }
    if (!run.empty()) report(run);
    return success();
}

}  // namespace cimrep::inline v0
