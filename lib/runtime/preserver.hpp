// lib/runtime/preserver.hpp -- keeps what a volume's points in time need before it is overwritten.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/engine/exception_table.hpp>
#include <cimrep/store/repository.hpp>

#include "host_request.hpp"
#include "leg.hpp"
#include "preservation_pool.hpp"
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <vector>

namespace cimrep::inline v0 {

class point_keeper;
struct volume_core;

/// How much a volume does for its points in time.
struct preservation_settings {
    std::uint64_t chunk_bytes = 64 * kib;
    std::size_t exceptions_max = 16384;
    std::size_t copies_max = 32;  ///< of up to a chunk each, at a time; as many may hang on a leg
    std::size_t points_max = 128;

    std::uint64_t memory_bytes() const noexcept
    {
        return exceptions_max * 48 + copies_max * (chunk_bytes + 512);
    }
};

/// Copies what is about to be overwritten into the pool, in parallel, and puts on record where it
/// lies, in batches: the copies of a batch are flushed, then one commit names them, then the writes
/// that waited for it go on.
///
/// Invariant:  what the table has is durable, in the pool and on record. A change that is preserved
///             claims whole sub-blocks, alone, until what it has kept is in the table.
/// Allocates:  in the constructor; memory for a lane in the place of one that a leg keeps.
class preserver final : pool_user {
public:
    preserver(point_keeper& keeper, volume_core& volume, preservation_pool& pool,
              const preservation_settings& settings, std::pmr::memory_resource* memory);
    ~preserver();
    preserver(const preserver&) = delete;
    preserver& operator=(const preserver&) = delete;

    /// Calls the volume's preserved() when what `r.piece` overwrites is kept: at once, if it is.
    void preserve(host_request& r) noexcept;
    /// Fact: the points in time that could not be kept are broken, on record too, or could not be.
    void points_are_broken(error_code error) noexcept;

    exception_table& table() noexcept { return table_; }
    const exception_table& table() const noexcept { return table_; }
    std::uint64_t chunk_bytes() const noexcept { return settings_.chunk_bytes; }
    /// The number of the next batch, which nobody else uses then.
    std::uint64_t take_batch_number() noexcept { return next_batch_++; }
    std::uint64_t next_batch_number() const noexcept { return next_batch_; }
    /// Fact: batches up to this one are on record.
    void batches_go_on_from(std::uint64_t last) noexcept
    {
        next_batch_ = std::max(next_batch_, last + 1);
    }
    /// The batch with this number is on its way.
    bool commits(std::uint64_t batch) const noexcept
    {
        return committing_ && change_.key.index == batch;
    }
    std::size_t batch_max() const noexcept { return batch_max_; }
    /// What may come into the table yet.
    std::size_t under_way() const noexcept { return gathered_.size() + in_batch_.size() + copies_; }
    /// Fact: so many were found. @pre  the table is empty.
    void make_room_for(std::size_t entries)
    {
        if (entries > table_.entries_max()) table_ = exception_table(entries, memory_);
    }
    bool idle() const noexcept
    {
        return copies_ == 0 && !committing_ && gathered_.empty() && to_copy_.empty() &&
               waits_for_batch_.empty() && waits_for_break_.empty() && stuck_ == 0 &&
               pool_->quiet();
    }

private:
    /// A copy under way, with the memory that it takes.
    struct lane {
        struct pool_write : io_op {
            lane* self = nullptr;
        };
        preserver* self = nullptr;
        std::byte* memory = nullptr;
        host_request* of = nullptr;
        exception what{};
        std::uint32_t tried = 0;   ///< legs that could not read it
        error_code error{};        ///< of the read
        error_code why{};          ///< of the last one that could not
        bool left_behind = false;  ///< its leg was given up, and still has the memory
        bool writing = false;      ///< the pool has it, though nobody waits for it where !of
        std::uint64_t losses = 0;  ///< of the pool, when it was to be written
        monotonic_time due{};      ///< the latest end of the write
        leg_op read;
        pool_write write;
    };
    struct run {
        std::uint64_t chunk = 0;
        std::uint32_t first = 0, count = 0;
    };
    struct batch_commit : commit_op {
        preserver* self = nullptr;
    };
    struct batch_flush : pool_flush {
        preserver* self = nullptr;
    };
    struct watchdog : timer {
        preserver* self = nullptr;
    };
    static constexpr std::size_t memory_alignment_bytes = 4096;
    enum class progress : std::uint8_t { started, waits, looked_through };

    std::optional<run> next_run(host_request& r, std::uint64_t point) const noexcept;
    progress start_next(host_request& r) noexcept;
    void pump() noexcept;
    byte_extent extent_of(const exception& what) const noexcept;
    void pool_lost_cache(error_code why) noexcept override;
    // Lanes (preserver_lanes.cpp).
    bool all_stuck() const noexcept { return free_.size() + stuck_ == lanes_in_use_; }
    void go_on_elsewhere() noexcept;
    void replace_lane() noexcept;
    void write(lane& l) noexcept;
    void end_overdue() noexcept;
    void read_old(lane& l) noexcept;
    void move_on(lane& l) noexcept;
    void read_over(lane& l) noexcept;
    void written(lane& l, error_code error) noexcept;
    void give_up(lane& l, error_code why) noexcept;
    void copy_over(lane& l) noexcept;
    void end_copy(lane& l) noexcept;
    void leave(lane& l) noexcept;
    void kept(host_request& r) noexcept;
    bool has_room() const noexcept;
    bool more_come() const noexcept;
    void commit_soon() noexcept;
    void commit() noexcept;
    void committed(error_code error) noexcept;
    void batch_lost(error_code error) noexcept;
    void batch_over() noexcept;
    void for_each_waiting(auto&& visit) noexcept;
    static bool looked_through(const host_request& r) noexcept;

    point_keeper* keeper_;
    volume_core* volume_;
    preservation_pool* pool_;
    preservation_settings settings_;
    std::pmr::memory_resource* memory_;
    exception_table table_;
    std::pmr::vector<lane> lanes_;
    std::pmr::vector<lane*> free_;
    std::pmr::vector<lane*> moving_;  ///< their legs were given up: another one copies instead
    std::size_t lanes_in_use_;        ///< have memory
    std::size_t stuck_ = 0;  ///< of those, a leg or the pool has them, and nobody waits for it
    watchdog watchdog_;      ///< of writes to the pool
    std::byte* block_ = nullptr;
    request_queue to_copy_;          ///< have something that is not being copied yet
    request_queue waits_for_batch_;  ///< all of it is copied
    request_queue waits_for_break_;
    std::size_t batch_waiters_ = 0;
    std::size_t copies_ = 0;
    std::size_t batch_max_;
    std::pmr::vector<exception> gathered_, in_batch_;
    std::pmr::vector<std::byte> value_;
    std::uint64_t next_batch_ = 1;
    std::uint64_t gathering_ = 1;  ///< the number of the batch that comes next, in this process
    std::uint64_t settled_ = 0;    ///< the last one of those that is over
    bool committing_ = false;
    batch_flush flush_;
    batch_commit commit_;
    record_change change_;
};

}  // namespace cimrep::inline v0
