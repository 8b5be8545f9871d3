// test/engine/region_bitmap_test.cpp -- the bitmap and the map of regions against naive ones.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/engine/region_map.hpp>

#include "catch.hpp"
#include <random>
#include <set>
#include <vector>

using namespace cimrep;

namespace {

constexpr std::uint64_t region = 4 * kib;

struct naive_bitmap {
    std::uint64_t size;
    std::vector<bool> bits;
    byte_extent of(std::size_t i) const
    {
        return {i * region, std::min(region, size - i * region)};
    }
    void change(byte_extent e, bool to, bool whole)
    {
        for (std::size_t i = 0; i < bits.size(); ++i)
            if (!e.empty() && (whole ? e.contains(of(i)) : e.overlaps(of(i)))) bits[i] = to;
    }
    std::uint64_t bytes() const
    {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < bits.size(); ++i) sum += bits[i] ? of(i).length_bytes : 0;
        return sum;
    }
    std::optional<byte_extent> next(std::uint64_t from, std::uint64_t max) const
    {
        for (std::size_t i = from / region; i < bits.size(); ++i) {
            if (!bits[i]) continue;
            std::size_t end = i + 1;
            while (end < bits.size() && bits[end] && (end - i + 1) * region <= max) ++end;
            return byte_extent{i * region, of(end - 1).end_bytes() - i * region};
        }
        return std::nullopt;
    }
};

}  // namespace

TEST_CASE("marking rounds out and clearing rounds in, whatever the size", "[engine][region_bitmap]")
{
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        std::mt19937_64 random(seed);
        const std::uint64_t size = 512 * (1 + random() % 3000);
        region_bitmap map(size, region, std::pmr::get_default_resource());
        naive_bitmap naive{size, std::vector<bool>((size + region - 1) / region)};
        for (unsigned step = 0; step < 300; ++step) {
            const std::uint64_t from = 512 * (random() % (size / 512));
            const byte_extent e{
                from, 512 * (random() % std::min<std::uint64_t>(200, (size - from) / 512 + 1))};
            const auto dice = random() % 4;
            if (dice == 0) map.mark(e), naive.change(e, true, false);
            if (dice == 1) map.clear(e), naive.change(e, false, true);
            if (dice == 2) map.mark_inner(e), naive.change(e, true, true);
            if (dice == 3) map.clear_outer(e), naive.change(e, false, false);
            REQUIRE(map.marked_bytes() == naive.bytes());
            const std::uint64_t max = region * (random() % 5);
            const auto expected = naive.next(from, max);
            REQUIRE(map.next_marked(from, max) == expected);
            bool any = false, all = true;
            for (std::size_t i = 0; i < naive.bits.size(); ++i) {
                if (e.empty() || !e.overlaps(naive.of(i))) continue;
                any |= naive.bits[i];
                all &= naive.bits[i];
            }
            REQUIRE(map.any(e) == any);
            REQUIRE(map.all(e) == all);
        }
    }
}

TEST_CASE("each page whose bits changed is handed out once", "[engine][region_bitmap]")
{
    constexpr std::uint64_t page = region_bitmap::page_bytes * 8 * region;
    region_bitmap map(3 * page, region, std::pmr::get_default_resource());
    CHECK_FALSE(map.take_changed_page());
    map.mark({2 * page - region, 2 * region});
    std::set<std::size_t> pages;
    while (const auto at = map.take_changed_page()) pages.insert(*at);
    CHECK(pages == std::set<std::size_t>{1, 2});
    map.mark({2 * page, region});  // marked already
    CHECK_FALSE(map.take_changed_page());
    map.clear({2 * page, region});
    CHECK(map.take_changed_page() == std::size_t{2});
    CHECK((map.page(1).back() >> 63) == 1);
}

TEST_CASE("a region is clean only after a copy and a flush", "[engine][region_map]")
{
    region_map map(1 * mib, region, std::pmr::get_default_resource());
    const byte_extent whole{8 * kib, region};
    map.differs({9 * kib, 512});
    CHECK(map.state_of(whole) == region_state::need_sync);
    map.copied({9 * kib, 512});  // not the whole region
    CHECK(map.state_of(whole) == region_state::need_sync);
    map.copied(whole);
    CHECK(map.state_of(whole) == region_state::syncing);
    map.flush_failed();
    CHECK(map.state_of(whole) == region_state::need_sync);
    map.copied(whole);
    map.flushed();
    CHECK(map.state_of(whole) == region_state::clean);
    map.not_flushed(whole);
    map.flush_failed();
    CHECK(map.state_of(whole) == region_state::need_sync);
}

TEST_CASE("a leg that becomes current may still lose what it had not flushed",
          "[engine][region_map]")
{
    region_map map(1 * mib, region, std::pmr::get_default_resource());
    map.differs({0, region});
    map.became_current();
    CHECK(map.different().none());
    map.flush_failed();
    CHECK(map.different().any({0, region}));
}

TEST_CASE("zeros are known of whole regions, until anything is written", "[engine][region_map]")
{
    region_map map(1 * mib, region, std::pmr::get_default_resource());
    map.reads_zeros({512, 3 * region});
    CHECK_FALSE(map.known_zero({0, region}));
    CHECK(map.known_zero({region, 2 * region}));
    map.written({2 * region + 512, 512});
    CHECK(map.known_zero({region, region}));
    CHECK_FALSE(map.known_zero({2 * region, region}));
}

TEST_CASE("what another leg lacks or may lose differs as well", "[engine][region_map]")
{
    region_map a(1 * mib, region, std::pmr::get_default_resource());
    region_map b(1 * mib, region, std::pmr::get_default_resource());
    a.differs({0, region});
    a.not_flushed({region, region});
    b.differs_where(a);
    CHECK(b.different().marked_bytes() == 2 * region);
}
