// engine/points_in_time.hpp -- which moments of a volume are preserved, and by what number.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/assert.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <span>
#include <vector>

namespace cimrep::inline v0 {

/// The live points in time of a volume. Each is the volume's epoch when it was taken; the first is
/// 1, and no number is used twice.
///
/// Invariant:  live() ascends strictly; none of it is greater than epoch().
/// Allocates:  take(), beyond what was reserved.
class points_in_time {
public:
    explicit points_in_time(std::pmr::memory_resource* memory) : live_(memory) {}

    /// As they are on record. @pre  `live` ascends strictly, and `epoch` is no less.
    points_in_time(std::uint64_t epoch, std::span<const std::uint64_t> live,
                   std::pmr::memory_resource* memory)
        : epoch_(epoch), live_(live.begin(), live.end(), memory)
    {
        CIMREP_ASSERT(std::is_sorted(live.begin(), live.end()) && newest() <= epoch);
    }

    void reserve(std::size_t count) { live_.reserve(count); }

    /// The number of the last one that was taken, whether it lives or not.
    std::uint64_t epoch() const noexcept { return epoch_; }
    std::span<const std::uint64_t> live() const noexcept { return live_; }
    bool empty() const noexcept { return live_.empty(); }

    /// The latest that lives; 0, if none does. What is overwritten now is preserved under this.
    std::uint64_t newest() const noexcept { return live_.empty() ? 0 : live_.back(); }

    /// Fact: every write that is to be in it is on the disks. Returns its number.
    std::uint64_t take()
    {
        live_.push_back(epoch_ + 1);
        return ++epoch_;
    }
    /// Fact: nobody reads it any more. @pre  it lives.
    void drop(std::uint64_t point) noexcept
    {
        const auto found = std::lower_bound(live_.begin(), live_.end(), point);
        CIMREP_ASSERT(found != live_.end() && *found == point);
        live_.erase(found);
    }
    bool lives(std::uint64_t point) const noexcept
    {
        return std::binary_search(live_.begin(), live_.end(), point);
    }

    /// The latest of those that are not later than `epoch`; 0, if there is none.
    std::uint64_t latest_until(std::uint64_t epoch) const noexcept
    {
        const auto after = std::upper_bound(live_.begin(), live_.end(), epoch);
        return after == live_.begin() ? 0 : *(after - 1);
    }
    /// True if one lives that is later than `earlier` and not later than `epoch`: it reads what was
    /// preserved under `epoch`, where what was preserved before that is under `earlier`.
    bool any_between(std::uint64_t earlier, std::uint64_t epoch) const noexcept
    {
        return latest_until(epoch) > earlier;
    }

private:
    std::uint64_t epoch_ = 0;
    std::pmr::vector<std::uint64_t> live_;
};

}  // namespace cimrep::inline v0
