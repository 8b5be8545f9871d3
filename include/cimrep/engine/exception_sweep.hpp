// engine/exception_sweep.hpp -- which exceptions a volume's points in time still need.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/assert.hpp>
#include <cimrep/engine/exception.hpp>
#include <cimrep/engine/points_in_time.hpp>
#include <cimrep/engine/pool_space.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace cimrep::inline v0 {

/// Goes over all exceptions of a volume in the order of an index, and parts what is needed from
/// what is not, for each sub-block alone.
///
/// Sub-block b of an exception under epoch e is needed while a point s lives with p < s <= e, where
/// p is the next earlier epoch under which b of that chunk is preserved, 0 if there is none: those
/// later than e find it later, and those up to p have found theirs. What no living point separates
/// is put under one epoch, that of the latest which reads it, and what continues another is joined
/// to it.
///
/// Allocates:  nothing.
class exception_sweep {
public:
    /// @pre  `points` stay as they are until finish(): a sweep that lasts has a copy of its own.
    explicit exception_sweep(const points_in_time& points) noexcept : points_(&points) {}

    /// Calls `keep(exception)` in the order of an index, and `free(pool_run)`, for what is settled.
    /// @pre  it comes before none of those that were added.
    template <class Keep, class Free>
    void add(const exception& each, Keep&& keep, Free&& free)
    {
        if (chunk_ != each.chunk) {
            emit(keep);
            chunk_ = each.chunk;
            earlier_.fill(0);
        }
        const std::uint64_t reader = points_->latest_until(each.epoch);
        if (reader != reader_) emit(keep);
        reader_ = reader;
        for (std::uint32_t begin = each.first, end; begin < each.end(); begin = end) {
            const bool needed = earlier_[begin] < reader;
            end = begin + 1;
            while (end < each.end() && (earlier_[end] < reader) == needed) ++end;
            const std::uint64_t place = each.place + (begin - each.first);
            if (needed)
                hold({each.chunk, reader, static_cast<std::uint16_t>(begin),
                      static_cast<std::uint16_t>(end - begin), place});
            else
                free(pool_run{place, end - begin});
        }
        std::fill(earlier_.begin() + each.first, earlier_.begin() + each.end(), each.epoch);
    }
    template <class Keep>
    void finish(Keep&& keep)
    {
        emit(keep);
        chunk_.reset();
    }

private:
    void hold(const exception& each) noexcept
    {
        CIMREP_ASSERT(held_count_ < held_.size());
        held_[held_count_++] = each;
    }
    // Under one epoch each sub-block is there once, whatever number of exceptions came together.
    template <class Keep>
    void emit(Keep& keep)
    {
        const auto end = held_.begin() + static_cast<std::ptrdiff_t>(held_count_);
        std::sort(held_.begin(), end,
                  [](const exception& a, const exception& b) { return comes_before(a, b); });
        std::optional<exception> growing;
        for (auto at = held_.begin(); at != end; ++at) {
            if (growing && continues(*growing, *at)) {
                growing->count = static_cast<std::uint16_t>(growing->count + at->count);
                continue;
            }
            if (growing) keep(*growing);
            growing = *at;
        }
        if (growing) keep(*growing);
        held_count_ = 0;
    }

    const points_in_time* points_;
    std::optional<std::uint64_t> chunk_;
    std::uint64_t reader_ = 0;  ///< of what is held
    std::array<std::uint64_t, chunk_sub_blocks_max> earlier_{};
    std::array<exception, chunk_sub_blocks_max> held_;
    std::size_t held_count_ = 0;
};

}  // namespace cimrep::inline v0
