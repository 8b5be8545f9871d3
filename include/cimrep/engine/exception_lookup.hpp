// engine/exception_lookup.hpp -- where a point in time, or what it still needs, is found.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/assert.hpp>
#include <cimrep/base/mutant.hpp>
#include <cimrep/engine/exception.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

namespace cimrep::inline v0 {

/// A run of sub-blocks of one chunk, all from one place, as read_of_point finds them.
struct point_piece {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    bool in_pool = false;     ///< else it is what the volume holds
    std::uint64_t place = 0;  ///< in the pool, of the first
    friend bool operator==(const point_piece&, const point_piece&) = default;
};

/// Finds what one point in time reads in a part of a chunk: of each sub-block what was preserved
/// first after it was taken, else what the volume holds. It is shown the exceptions of the chunk,
/// in any order, from as many indexes as there are.
///
/// Unit:       sub-blocks of the chunk.
/// Allocates:  nothing.
class read_of_point {
public:
    read_of_point(std::uint64_t point, std::uint32_t first, std::uint32_t count) noexcept
        : point_(point), first_(first), end_(first + count)
    {
        CIMREP_ASSERT(end_ <= chunk_sub_blocks_max);
        std::fill(epochs_.begin() + first_, epochs_.begin() + end_, none);
    }

    void show(const exception& each) noexcept
    {
        if (each.epoch < point_) return;
        for (std::uint32_t i = std::max<std::uint32_t>(first_, each.first);
             i < std::min(end_, each.end()); ++i) {
            const bool earlier = each.epoch < epochs_[i];
            const bool later = epochs_[i] != none && CIMREP_MUTANT(latest_of_what_was_kept);
            if (earlier == later) continue;
            epochs_[i] = each.epoch;
            places_[i] = each.place + (i - each.first);
        }
    }

    /// Calls `visit(point_piece)` for each, in order.
    template <class Visit>
    void pieces(Visit&& visit) const
    {
        for (std::uint32_t begin = first_, end; begin < end_; begin = end) {
            const bool in_pool = epochs_[begin] != none;
            end = begin + 1;
            while (end < end_ && (epochs_[end] != none) == in_pool &&
                   (!in_pool || places_[end] == places_[begin] + (end - begin)))
                ++end;
            visit(point_piece{begin, end - begin, in_pool, in_pool ? places_[begin] : 0});
        }
    }

private:
    static constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();

    std::uint64_t point_;
    std::uint32_t first_, end_;
    std::array<std::uint64_t, chunk_sub_blocks_max> epochs_;  // of the part alone
    std::array<std::uint64_t, chunk_sub_blocks_max> places_;
};

/// Finds what of a part of a chunk has to be preserved before it is overwritten: what the newest
/// point in time would otherwise lose. It is shown the exceptions of the chunk like read_of_point;
/// those under `newest` and later are enough.
class unpreserved {
public:
    unpreserved(std::uint64_t newest, std::uint32_t first, std::uint32_t count) noexcept
        : newest_(newest), first_(first), end_(first + count)
    {
        CIMREP_ASSERT(end_ <= chunk_sub_blocks_max);
    }

    void show(const exception& each) noexcept
    {
        if (each.epoch < newest_) return;
        for (std::uint32_t i = std::max<std::uint32_t>(first_, each.first);
             i < std::min(end_, each.end()); ++i)
            preserved_[i / 64] |= std::uint64_t{1} << (i % 64);
    }

    bool none() const noexcept
    {
        for (std::uint32_t i = first_; i < end_; ++i)
            if (!is_preserved(i)) return false;
        return true;
    }
    /// Calls `visit(first, count)` for each run, in order; nothing, where no point in time lives.
    template <class Visit>
    void runs(Visit&& visit) const
    {
        if (newest_ == 0) return;
        for (std::uint32_t begin = first_, end; begin < end_; begin = end) {
            end = begin + 1;
            while (end < end_ && is_preserved(end) == is_preserved(begin)) ++end;
            if (!is_preserved(begin)) visit(begin, end - begin);
        }
    }

private:
    bool is_preserved(std::uint32_t i) const noexcept
    {
        return newest_ == 0 || (preserved_[i / 64] >> (i % 64) & 1) != 0;
    }

    std::uint64_t newest_;
    std::uint32_t first_, end_;
    std::array<std::uint64_t, chunk_sub_blocks_max / 64> preserved_{};
};

}  // namespace cimrep::inline v0
