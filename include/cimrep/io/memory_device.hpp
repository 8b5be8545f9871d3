// io/memory_device.hpp -- a block device in memory, on any loop.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/block_device.hpp>

#include <cstddef>
#include <memory>
#include <span>

namespace cimrep::inline v0 {

/// What a memory_device looks like.
struct memory_device_options {
    std::uint64_t size_bytes = 16 * mib;
    std::uint32_t logical_block_bytes = 512;
    std::uint32_t physical_block_bytes = 512;
    std::uint64_t maximum_transfer_bytes = 0;       ///< announced; longer transfers work as well
    std::uint64_t discard_granularity_bytes = 512;  ///< 0: discard ends with errc::not_supported
    bool discard_reads_zeros = true;                ///< false: a discarded range reads as garbage
    bool volatile_cache = false;
};

/// Holds its blocks in memory that the operating system gives page by page, zeros at first.
///
/// An op takes effect inside submit() and completes in a later turn, so cancel() always loses.
///
/// Threads:    that of the loop.
/// Allocates:  the memory, in the constructor; std::bad_alloc if there is none.
class CIMREP_API memory_device final : public block_device {
public:
    /// @pre  the size is a multiple of the logical block, which is a power of two.
    explicit memory_device(event_loop& loop, const memory_device_options& options = {});
    ~memory_device() override;

    const geometry& shape() const noexcept override { return shape_; }
    event_loop& loop() const noexcept override { return loop_; }
    void submit(io_op& op) noexcept override;
    void cancel(io_op& op) noexcept override;

    /// Reports the runs that hold something other than zeros, rounded out to `extent_unit_bytes`.
    result<> data_extents(const std::function<void(byte_extent)>& report) const override;

    /// The blocks themselves, for tests and for those who load or keep an image.
    std::span<std::byte> memory() noexcept { return {memory_.get(), size()}; }
    std::span<const std::byte> memory() const noexcept { return {memory_.get(), size()}; }

    static constexpr std::size_t extent_unit_bytes = 4096;

private:
    struct free_memory {
        void operator()(std::byte* memory) const noexcept;
    };

    std::size_t size() const noexcept { return static_cast<std::size_t>(shape_.size_bytes); }
    error_code execute(io_op& op) noexcept;

    event_loop& loop_;
    geometry shape_;
    std::unique_ptr<std::byte[], free_memory> memory_;
};

}  // namespace cimrep::inline v0
