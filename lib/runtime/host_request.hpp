// lib/runtime/host_request.hpp -- one host operation on its way through a volume.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/engine/exception.hpp>
#include <cimrep/engine/hot_extents.hpp>
#include <cimrep/engine/range_lock.hpp>
#include <cimrep/runtime/observer.hpp>

#include "leg.hpp"
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <vector>

namespace cimrep::inline v0 {

/// One leg's part of a host operation.
struct host_part : leg_op {
    std::byte* kept = nullptr;  ///< the library's memory that a read given up may still fill
};

/// What of a change's piece is kept for points in time before it is overwritten.
struct preservation {
    std::uint64_t looked_to_bytes = 0;  ///< what comes before is kept, or is being copied
    std::uint64_t batch = 0;            ///< the last one that names a part of it; 0: none does
    std::uint32_t copies_out = 0;
    error_code error{};
};

/// The part of a pool in a read of a point in time.
struct pool_part : io_op {
    struct host_request* of = nullptr;
};

/// What the points in time of a volume see of a change, or a read of one, that touches `extent`.
inline byte_extent whole_sub_blocks(byte_extent extent) noexcept
{
    const std::uint64_t begin = extent.offset_bytes / sub_block_bytes * sub_block_bytes;
    const std::uint64_t end =
        (extent.end_bytes() + sub_block_bytes - 1) / sub_block_bytes * sub_block_bytes;
    return {begin, end - begin};
}

/// A slot of the request pool.
///
/// Invariant:  pending <= out: an op that is not settled has not been returned either. The slot is
///             free again when the host has its answer and out is 0.
struct host_request : range_lock::node {
    enum class waiting_for : std::uint8_t { nothing, range, memory, room, record };

    struct volume_core* volume = nullptr;
    io_op* host = nullptr;
    host_request* next_request = nullptr;  ///< of the pool's free list, or of a queue
    host_part* children = nullptr;         ///< one for each leg slot
    std::byte* bounce = nullptr;           ///< the library's memory, if the host's may not be used
    error_code error{};                    ///< the answer, if it is an error
    std::uint32_t succeeded = 0;           ///< legs, by slot
    std::uint32_t failed = 0;
    byte_extent asked{};        ///< what the host wants; the range that is claimed may be wider
    byte_extent piece{};        ///< of that, what is under way now; the rest comes later
    std::uint16_t pending = 0;  ///< children not settled
    std::uint16_t out = 0;      ///< children not returned
    waiting_for waits = waiting_for::nothing;  ///< what can still be taken back
    bool answered = false;
    bool locked = false;
    bool admitted = false;     ///< holds a place in hot_extents
    bool counted = false;      ///< is one of the volume's changes in flight
    bool pinned = false;       ///< answered past a stuck leg that still has its memory
    bool left_behind = false;  ///< a leg was given up that had not returned its part
    bool release_due = false;
    bool hinted = false;      ///< a discard that was passed on as one
    bool in_pieces = false;   ///< a read for which no leg is right in all of it
    bool comparing = false;   ///< compare_and_write: the read is under way
    bool preserving = false;  ///< what it overwrites is being kept
    bool rounded = false;     ///< whole sub-blocks are claimed, as points in time need it
    std::uint64_t epoch = 0;  ///< of the volume's points in time, when it began
    std::uint64_t point = 0;  ///< a read of one of them: which
    preservation old{};       ///< a change: of piece
    pool_part from_pool;
    hot_extents::hold hot{};  ///< of piece, if admitted
    hot_extents::ticket covering{};
    std::uint64_t losses = 0;   ///< of the volume, when it began
    std::uint64_t content = 0;  ///< a read: of the volume when it began
    monotonic_time begun_at{};
    monotonic_time stage_at{};
    const_io_segment const_bounce_segment{};
};

using request_queue = intrusive_queue<host_request, &host_request::next_request>;

/// The requests of a volume, made once at open.
class request_pool {
public:
    request_pool(volume_core& owner, std::size_t count, std::size_t legs_max,
                 std::pmr::memory_resource* memory);

    host_request* take() noexcept
    {
        host_request* slot = free_.pop();
        if (slot != nullptr) ++in_use_;
        return slot;
    }
    void give(host_request& slot) noexcept
    {
        --in_use_;
        free_.push_front(slot);
    }
    std::size_t in_use() const noexcept { return in_use_; }
    bool exhausted() const noexcept { return free_.empty(); }
    static std::uint64_t memory_bytes(std::size_t count, std::size_t legs_max) noexcept
    {
        return count * (sizeof(host_request) + legs_max * sizeof(host_part));
    }
    /// Calls `visit` for each request that has its answer while a device still has its memory.
    void for_each_pinned(auto&& visit)
    {
        for (host_request& slot : slots_)
            if (slot.host != nullptr && slot.answered && slot.out != 0) visit(slot);
    }
    host_request* find(const io_op& op) noexcept
    {
        for (host_request& slot : slots_)
            if (slot.host == &op && !slot.answered) return &slot;
        return nullptr;
    }
    void for_each(auto&& visit) const
    {
        for (const host_request& slot : slots_)
            if (slot.host != nullptr && !slot.answered) visit(slot);
    }

private:
    std::pmr::vector<host_request> slots_;
    std::pmr::vector<host_part> children_;
    request_queue free_;
    std::size_t in_use_ = 0;
};

/// Memory of the library for data that may not stay in the host's. Aligned for direct I/O.
class bounce_pool {
public:
    static constexpr std::size_t buffer_bytes = 1 * mib;
    static constexpr std::size_t alignment_bytes = 4096;

    bounce_pool(std::size_t count, std::pmr::memory_resource* memory);
    ~bounce_pool();
    bounce_pool(const bounce_pool&) = delete;
    bounce_pool& operator=(const bounce_pool&) = delete;

    std::byte* take() noexcept
    {
        if (free_.empty()) return nullptr;
        std::byte* buffer = free_.back();
        free_.pop_back();
        return buffer;
    }
    void give(std::byte* buffer) noexcept { free_.push_back(buffer); }
    /// A stuck leg keeps one until came_back(): another takes its place, if there is memory.
    void kept() noexcept;
    void came_back() noexcept { --kept_; }
    bool all_free() const noexcept { return free_.size() == count_ + grown_.size(); }

private:
    void grow() noexcept;

    std::pmr::memory_resource* memory_;
    std::size_t count_;
    std::size_t kept_ = 0;
    std::byte* block_ = nullptr;
    std::pmr::vector<std::byte*> free_;
    std::pmr::vector<std::byte*> grown_;
};

}  // namespace cimrep::inline v0
