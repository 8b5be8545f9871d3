// test/fuzz/content_memory.hpp -- what a host may find on a volume: the smallest of oracles.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/units.hpp>

#include "fuzz_bytes.hpp"
#include <array>
#include <cstring>
#include <set>
#include <vector>

namespace cimrep::test {

inline constexpr std::size_t fuzz_region_bytes = 4096;
inline constexpr std::size_t fuzz_regions = 4;

/// For each region of the volume "s": what it holds, or what it may hold.
///
/// A region is written as a whole with a number that no other write has. What a crash, a failed
/// write or a lost cache leaves is one of those since the last flush, sector by sector; what an
/// operation has brought from elsewhere is one that was written there, to whatever element.
class content_memory {
public:
    using value = std::uint64_t;

    void fill(std::span<std::byte> device)
    {
        for (std::size_t region = 0; region < fuzz_regions; ++region) {
            put(device.subspan(region * fuzz_region_bytes, fuzz_region_bytes), next(region));
            // The volume's own are the first.
            if (regions_[region].possible.empty()) know(region, last_);
        }
    }
    value next(std::size_t region)
    {
        regions_[region].ever.insert(++last_);
        return last_;
    }
    static void put(std::span<std::byte> block, value what)
    {
        for (std::size_t at = 0; at < block.size(); at += sizeof what)
            std::memcpy(block.data() + at, &what, sizeof what);
    }

    void write_begins(std::size_t region, value what)
    {
        auto& at = regions_[region];
        at.possible.insert(what);
        at.known = false;
        at.overlapped = at.going_on != 0;
        ++at.going_on;
        ++begun_;
    }
    void write_ends(std::size_t region, value what, bool worked)
    {
        auto& at = regions_[region];
        --at.going_on;
        if (!worked || at.overlapped || !honest_) return;
        at.known = true;
        at.current = what;
    }
    std::uint64_t writes_begun() const { return begun_; }
    /// What was known when the flush began is there to stay, unless it was written since.
    void flushed(bool worked, std::uint64_t writes_before)
    {
        for (std::size_t region = 0; region < fuzz_regions; ++region) {
            auto& at = regions_[region];
            if (!worked) at.known = false;
            if (begun_ == writes_before && honest_ && at.known) know(region, at.current);
        }
    }
    void crashed()
    {
        for (auto& each : regions_) each.known = false;
    }
    void caches_are_honest(bool are)
    {
        honest_ = are;
        if (!are) crashed();
    }
    /// From here on the volume may hold what other elements held.
    void came_from_elsewhere() { mixed_ = true; }

    void check(std::size_t region, std::span<const std::byte> block, bool of_volume) const
    {
        const auto& at = regions_[region];
        for (std::size_t place = 0; place < block.size(); place += sizeof(value)) {
            value found = 0;
            std::memcpy(&found, block.data() + place, sizeof found);
            demand(at.ever.contains(found), "a host reads what was once written there");
            if (mixed_ || !of_volume) continue;
            demand(at.possible.contains(found), "a host reads what was not overwritten for good");
            if (at.known && at.going_on == 0)
                demand(found == at.current, "a host reads what was written last");
        }
    }

private:
    struct region_memory {
        std::set<value> ever;      ///< was written there, on any element
        std::set<value> possible;  ///< was flushed last, or written since
        bool known = false;
        bool overlapped = false;
        value current = 0;
        unsigned going_on = 0;
    };

    void know(std::size_t region, value what)
    {
        regions_[region].possible = {what};
        regions_[region].current = what;
        regions_[region].known = true;
    }

    std::array<region_memory, fuzz_regions> regions_;
    value last_ = 0;
    std::uint64_t begun_ = 0;
    bool honest_ = true;
    bool mixed_ = false;
};

}  // namespace cimrep::test
