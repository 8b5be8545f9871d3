// io/block_device.hpp -- the seam between the library and whatever stores blocks.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/error.hpp>
#include <cimrep/base/units.hpp>
#include <cimrep/io/io_op.hpp>

#include <cstdint>
#include <functional>

namespace cimrep::inline v0 {

class event_loop;

/// The shape of a device, fixed while it is open except where a capability vanishes.
///
/// Unit:  bytes.
struct geometry {
    std::uint64_t size_bytes = 0;              ///< a multiple of logical_block_bytes
    std::uint32_t logical_block_bytes = 512;   ///< unit of every offset and length
    std::uint32_t physical_block_bytes = 512;  ///< unit that the device writes without reading
    std::uint32_t memory_alignment_bytes = 1;  ///< of a buffer that is transferred without a copy
    std::uint64_t maximum_transfer_bytes = 0;  ///< of one operation; 0 means no limit
    std::uint64_t discard_granularity_bytes = 0;  ///< 0: discard is not supported
    bool volatile_cache = true;                   ///< a write may be lost before a flush
    bool discard_reads_zeros = false;             ///< a discarded range is guaranteed to read zeros
    friend bool operator==(const geometry&, const geometry&) = default;
};

/// Something that stores blocks: a file, a disk, memory, or a volume of this library.
///
/// Threads:  one: that of `loop()`.
/// Depth:    any number of ops may be submitted; those beyond the device's own depth wait in their
///           memory, in order.
class CIMREP_API block_device {
public:
    block_device() noexcept = default;
    block_device(const block_device&) = delete;
    block_device& operator=(const block_device&) = delete;

    /// @pre  nothing is in flight.
    virtual ~block_device() = default;

    virtual const geometry& shape() const noexcept = 0;
    virtual event_loop& loop() const noexcept = 0;

    /// Starts `op`; op.done is called once, later, from the loop.
    ///
    /// @errors  to `done`: errc::out_of_bounds, errc::misaligned, errc::not_supported,
    ///          errc::short_transfer, std::errc::operation_canceled, errc::deadline_exceeded, and
    ///          what the operating system reports, unchanged.
    virtual void submit(io_op& op) noexcept = 0;

    /// Asks that `op`, which is in flight here, ends soon. It still completes exactly once, with
    /// std::errc::operation_canceled if the request won and as usual if it lost.
    virtual void cancel(io_op& op) noexcept = 0;

    /// Reports, in ascending order, each run that may hold something other than zeros.
    ///
    /// Blocks: may take as long as the operating system needs; called at attach, never in flight.
    /// @errors  what the operating system reports. The default reports one run: the whole device.
    virtual result<> data_extents(const std::function<void(byte_extent)>& report) const
    {
        report({0, shape().size_bytes});
        return success();
    }
};

/// What is wrong with the bounds or the alignment of `op` on a device of this shape; success if
/// nothing. Zero-length transfers are legal and do nothing.
inline error_code check_bounds(const io_op& op, const geometry& shape) noexcept
{
    if (op.kind == io_kind::flush) return {};
    if (op.offset_bytes % shape.logical_block_bytes != 0 ||
        op.length_bytes % shape.logical_block_bytes != 0)
        return errc::misaligned;
    if (!within(op.offset_bytes, op.length_bytes, shape.size_bytes)) return errc::out_of_bounds;
    return {};
}

}  // namespace cimrep::inline v0
