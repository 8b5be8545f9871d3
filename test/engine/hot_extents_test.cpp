// test/engine/hot_extents_test.cpp -- an extent stays hot until a later flush covers its writes.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/engine/hot_extents.hpp>

#include "catch.hpp"
#include <map>
#include <random>
#include <set>
#include <vector>

using namespace cimrep;
using admission = hot_extents::admission;

namespace {

constexpr std::uint64_t extent = hot_extents::extent_bytes;

std::set<std::uint64_t> uncovered(const hot_extents& hot)
{
    std::set<std::uint64_t> all;
    hot.for_each_uncovered([&](byte_extent e) { all.insert(e.offset_bytes / extent); });
    return all;
}

}  // namespace

TEST_CASE("what no flush covers is hot, and nothing is hot twice", "[engine][hot_extents]")
{
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        std::mt19937_64 random(seed);
        constexpr std::size_t maximum = 12;
        hot_extents hot(maximum, std::pmr::get_default_resource());
        struct state {
            unsigned in_flight = 0;
            bool dirty = false;
        };
        std::map<std::uint64_t, state> naive;
        std::vector<byte_extent> writes;
        for (unsigned step = 0; step < 600; ++step) {
            const auto dice = random() % 8;
            const byte_extent e{(random() % 40) * extent * 1000 + extent - 512,
                                random() % 4 == 0 ? 1024u : 512u};
            const std::uint64_t first = e.offset_bytes / extent;
            const std::uint64_t last = (e.end_bytes() - 1) / extent;
            if (dice < 4) {
                const auto before = uncovered(hot);
                const admission how = hot.admit(e);
                if (how == admission::full) {
                    // Only what must stay may be in the way.
                    std::set<std::uint64_t> needed = before;
                    needed.insert({first, last});
                    REQUIRE(needed.size() + (last - first + 1) > maximum);
                    REQUIRE(uncovered(hot) == before);
                    continue;
                }
                for (std::uint64_t i = first; i <= last; ++i) {
                    if (naive[i].dirty) continue;
                    naive[i].dirty = true;
                }
                for (std::uint64_t i = first; i <= last; ++i) ++naive[i].in_flight;
                if (how == admission::cold) hot.marked_durable(e);
                REQUIRE(hot.size() <= maximum);
                writes.push_back(e);
            } else if (dice < 7 && !writes.empty()) {
                const std::size_t at = random() % writes.size();
                const byte_extent done = writes[at];
                writes.erase(writes.begin() + static_cast<long>(at));
                hot.write_done(done);
                for (std::uint64_t i = done.offset_bytes / extent;
                     i <= (done.end_bytes() - 1) / extent; ++i)
                    --naive[i].in_flight;
            } else if (dice == 7) {
                const auto ticket = hot.begin_flush();
                // A write that ends after the flush began is not covered by it.
                std::uint64_t late = ~std::uint64_t{0};
                if (!writes.empty() && random() % 2 == 0) {
                    late = writes.back().offset_bytes / extent;
                    hot.write_done(writes.back());
                    for (std::uint64_t i = late; i <= (writes.back().end_bytes() - 1) / extent; ++i)
                        --naive[i].in_flight;
                    writes.pop_back();
                }
                hot.flush_done(ticket);
                REQUIRE((late == ~std::uint64_t{0} || uncovered(hot).count(late) == 1));
                for (auto& [index, each] : naive)
                    if (uncovered(hot).count(index) == 0) {
                        REQUIRE(each.in_flight == 0);
                        each.dirty = false;
                    }
            }
            std::set<std::uint64_t> dirty;
            for (const auto& [index, each] : naive)
                if (each.dirty) dirty.insert(index);
            REQUIRE(uncovered(hot) == dirty);
        }
    }
}

TEST_CASE("a flush covers what ended before it began", "[engine][hot_extents]")
{
    hot_extents hot(4, std::pmr::get_default_resource());
    CHECK(hot.admit({0, 512}) == admission::cold);
    CHECK(hot.admit({512, 512}) == admission::cold);  // the first mark is not durable yet
    hot.marked_durable({0, 512});
    CHECK(hot.admit({1024, 512}) == admission::hot);
    hot.write_done({0, 512});
    hot.write_done({512, 512});
    hot.flush_done(hot.begin_flush());
    CHECK(uncovered(hot).size() == 1);  // one is in flight
    const auto ticket = hot.begin_flush();
    hot.write_done({1024, 512});
    hot.flush_done(ticket);
    CHECK(uncovered(hot).size() == 1);  // ended too late
    hot.flush_done(hot.begin_flush());
    CHECK(uncovered(hot).empty());
    CHECK(hot.admit({0, 512}) == admission::hot);
    CHECK(uncovered(hot).size() == 1);
    hot.write_done({0, 512});
}

TEST_CASE("a flush makes room only where something has ended that none covers",
          "[engine][hot_extents]")
{
    hot_extents hot(4, std::pmr::get_default_resource());
    CHECK_FALSE(hot.flush_makes_room());
    CHECK(hot.admit({0, 512}) == admission::cold);
    CHECK(hot.admit({extent, 512}) == admission::cold);
    CHECK_FALSE(hot.flush_makes_room());
    hot.write_done({0, 512});
    CHECK(hot.flush_makes_room());
    hot.flush_done(hot.begin_flush());
    CHECK_FALSE(hot.flush_makes_room());
    hot.write_done({extent, 512});
    CHECK(hot.flush_makes_room());
}
