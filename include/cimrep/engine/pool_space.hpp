// engine/pool_space.hpp -- which sub-blocks of a pool are used, given out in runs.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/assert.hpp>
#include <cimrep/engine/exception.hpp>
#include <cimrep/engine/region_bitmap.hpp>

#include <cstdint>
#include <memory_resource>
#include <optional>

namespace cimrep::inline v0 {

/// A run of sub-blocks of a pool.
struct pool_run {
    std::uint64_t place = 0;
    std::uint64_t count = 0;
    friend bool operator==(const pool_run&, const pool_run&) = default;
};

/// The space of a pool. What is given out goes on where the last one ended, so that what is
/// preserved together lies together, and is found again from the beginning when the end is reached.
///
/// Unit:       sub-blocks.
/// Invariant:  no sub-block is given out that is used; used() is their number.
/// Allocates:  once, in the constructor.
class pool_space {
public:
    pool_space(std::uint64_t count, std::pmr::memory_resource* memory)
        : count_(count), used_(count * sub_block_bytes, sub_block_bytes, memory)
    {
    }

    std::uint64_t count() const noexcept { return count_; }
    std::uint64_t used() const noexcept { return used_.marked_regions(); }
    std::uint64_t free() const noexcept { return count_ - used(); }

    /// A run of at most `wanted` that was free and is used now; nothing, if none is free.
    std::optional<pool_run> take(std::uint64_t wanted) noexcept
    {
        CIMREP_ASSERT(wanted != 0);
        auto found = next_free(next_, wanted);
        if (!found) found = next_free(0, wanted);
        if (!found) return std::nullopt;
        used_.mark(bytes_of(*found));
        next_ = found->place + found->count;
        return found;
    }
    /// @pre  all of it is used.
    void give(pool_run run) noexcept
    {
        CIMREP_ASSERT(used_.all(bytes_of(run)));
        used_.clear(bytes_of(run));
    }
    /// Fact: this was used when it was put on record. @pre  none of it is used yet.
    void is_used(pool_run run) noexcept
    {
        CIMREP_ASSERT(!used_.any(bytes_of(run)));
        used_.mark(bytes_of(run));
    }
    /// True if a part of it is used.
    bool uses(pool_run run) const noexcept { return used_.any(bytes_of(run)); }

    const region_bitmap& bits() const noexcept { return used_; }
    region_bitmap& bits() noexcept { return used_; }

private:
    static constexpr byte_extent bytes_of(pool_run run) noexcept
    {
        return {run.place * sub_block_bytes, run.count * sub_block_bytes};
    }
    std::optional<pool_run> next_free(std::uint64_t from, std::uint64_t wanted) const noexcept
    {
        const auto found = used_.next_clear(from * sub_block_bytes, wanted * sub_block_bytes);
        if (!found) return std::nullopt;
        return pool_run{found->offset_bytes / sub_block_bytes,
                        found->length_bytes / sub_block_bytes};
    }

    std::uint64_t count_;
    std::uint64_t next_ = 0;
    region_bitmap used_;
};

}  // namespace cimrep::inline v0
