// io/io_op.hpp -- one operation on a block device, in its caller's memory.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/assert.hpp>
#include <cimrep/base/error.hpp>
#include <cimrep/base/units.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace cimrep::inline v0 {

class block_device;

enum class io_kind : std::uint8_t {
    read,
    write,
    flush,              ///< makes every write that had completed before it durable
    write_zeroes,       ///< the range reads as zeros afterwards
    discard,            ///< the content of the range is no longer needed
    compare_and_write,  ///< volumes only: writes if the range holds what is expected
};

/// A piece of memory of a transfer; the layout is that of the operating system's iovec.
struct io_segment {
    std::byte* data = nullptr;
    std::size_t size_bytes = 0;
};
struct const_io_segment {
    const std::byte* data = nullptr;
    std::size_t size_bytes = 0;
};

/// One operation. Filled by its caller, in flight from submit() until `done` is called.
///
/// Invariant:  `done` is called once for each submit(), from the loop, never inside submit().
/// Lifetime:   the op, its segment list and its memory stay valid and unmoved until `done`; the
///             memory of a write is not changed before. A write with `stable_until_released` may
///             complete earlier than its memory is free: `released` tells, once for each submit(),
///             after `done`, whatever became of it. Op and memory stay until then.
/// Threads:    that of the device's loop.
/// Allocates:  never.
struct io_op {
    using completion = void (*)(io_op& op, error_code error) noexcept;
    using release = void (*)(io_op& op) noexcept;

    io_op() noexcept {}  // not defaulted: g++ 12 deletes that one because of the unions
    io_op(const io_op&) = delete;
    io_op& operator=(const io_op&) = delete;

    /// Reads `memory.size()` bytes at `offset_bytes`.
    void prepare_read(std::uint64_t offset, std::span<std::byte> memory) noexcept
    {
        single_ = {memory.data(), memory.size()};
        prepare(io_kind::read, offset, memory.size(), &single_, 1);
    }
    /// Scatters what is read over `list`, which stays valid until completion.
    void prepare_read(std::uint64_t offset, std::span<const io_segment> list) noexcept
    {
        prepare(io_kind::read, offset, total_bytes(list), list.data(), list.size());
    }
    void prepare_write(std::uint64_t offset, std::span<const std::byte> memory) noexcept
    {
        const_single_ = {memory.data(), memory.size()};
        prepare(io_kind::write, offset, memory.size(), &const_single_, 1);
    }
    /// Gathers what is written from `list`, which stays valid until completion.
    void prepare_write(std::uint64_t offset, std::span<const const_io_segment> list) noexcept
    {
        prepare(io_kind::write, offset, total_bytes(list), list.data(), list.size());
    }
    void prepare_flush() noexcept { prepare(io_kind::flush, 0, 0); }
    void prepare_write_zeroes(std::uint64_t offset, std::uint64_t length) noexcept
    {
        prepare(io_kind::write_zeroes, offset, length);
    }
    void prepare_discard(std::uint64_t offset, std::uint64_t length) noexcept
    {
        prepare(io_kind::discard, offset, length);
    }
    /// Writes `memory` if the range holds `expected`, else fails with errc::compare_mismatch.
    void prepare_compare_and_write(std::uint64_t offset, std::span<const std::byte> expected_data,
                                   std::span<const std::byte> memory) noexcept
    {
        CIMREP_ASSERT(expected_data.size() == memory.size());
        const_single_ = {memory.data(), memory.size()};
        prepare(io_kind::compare_and_write, offset, memory.size(), &const_single_, 1);
        expected = expected_data;
    }

    bool reads() const noexcept { return kind == io_kind::read; }
    /// True if the operation changes what the range holds.
    bool changes() const noexcept { return kind != io_kind::read && kind != io_kind::flush; }
    byte_extent extent() const noexcept { return {offset_bytes, length_bytes}; }

    std::span<const io_segment> read_segments() const noexcept
    {
        CIMREP_ASSERT(kind == io_kind::read);
        return {segments_, segment_count_};
    }
    std::span<const const_io_segment> write_segments() const noexcept
    {
        CIMREP_ASSERT(kind == io_kind::write || kind == io_kind::compare_and_write);
        return {const_segments_, segment_count_};
    }

    // What the caller may set besides, before submit().
    completion done = nullptr;
    release released = nullptr;  ///< with stable_until_released: the memory is free again
    monotonic_time
        deadline{};  ///< the loop's clock; 0 means none. A late op ends deadline_exceeded
    std::int32_t buffer_index = -1;      ///< of a buffer registered with the loop, -1: none
    bool fua = false;                    ///< write: durable before it completes
    bool unstable_buffer = false;        ///< write: its memory may change; costs one copy
    bool stable_until_released = false;  ///< write: memory keeps until `released`, past `done`
    bool may_unmap = true;               ///< write_zeroes: the range may be deallocated

    // What was asked. Set by prepare_*().
    io_kind kind = io_kind::flush;
    std::uint64_t offset_bytes = 0;
    std::uint64_t length_bytes = 0;
    std::span<const std::byte> expected{};

    // Belongs to the device while in flight, and to no one else.
    std::uint64_t transferred_bytes = 0;
    bool releases_later = false;  ///< after `done` the device calls `released` itself
    io_op* next = nullptr;
    block_device* device = nullptr;
    error_code outcome{};
    std::array<std::uint64_t, 4> scratch{};

private:
    static std::uint64_t total_bytes(auto list) noexcept
    {
        std::uint64_t sum = 0;
        for (const auto& segment : list) sum += segment.size_bytes;
        return sum;
    }
    void prepare(io_kind what, std::uint64_t offset, std::uint64_t length) noexcept
    {
        kind = what;
        offset_bytes = offset;
        length_bytes = length;
        segments_ = nullptr;
        segment_count_ = 0;
        expected = {};
        transferred_bytes = 0;
    }
    void prepare(io_kind what, std::uint64_t offset, std::uint64_t length, const io_segment* list,
                 std::size_t count) noexcept
    {
        prepare(what, offset, length);
        segments_ = list;
        segment_count_ = count;
    }
    void prepare(io_kind what, std::uint64_t offset, std::uint64_t length,
                 const const_io_segment* list, std::size_t count) noexcept
    {
        prepare(what, offset, length);
        const_segments_ = list;
        segment_count_ = count;
    }

    union {
        io_segment single_{};
        const_io_segment const_single_;
    };
    union {
        const io_segment* segments_ = nullptr;
        const const_io_segment* const_segments_;
    };
    std::size_t segment_count_ = 0;
};

}  // namespace cimrep::inline v0
