// test/engine/region_map_test.cpp -- what is known of a leg, and what a lost cache takes back.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/engine/region_map.hpp>

#include "catch.hpp"

using namespace cimrep;

namespace {

constexpr std::uint64_t region = 64 * kib;

struct small_map : region_map {
    small_map() : region_map(16 * region, region, std::pmr::get_default_resource()) {}
    static byte_extent at(std::uint64_t index, std::uint64_t count = 1)
    {
        return {index * region, count * region};
    }
};

}  // namespace

TEST_CASE("what was copied is clean only after a flush", "[engine][region_map]")
{
    small_map map;
    map.differs(map.at(2, 3));
    CHECK(map.state_of(map.at(3)) == region_state::need_sync);
    map.copied(map.at(2, 3));
    CHECK(map.state_of(map.at(3)) == region_state::syncing);
    map.flushed();
    CHECK(map.state_of(map.at(3)) == region_state::clean);
}

TEST_CASE("a failed flush makes all differ that no flush covered, and nothing else",
          "[engine][region_map]")
{
    small_map map;
    map.differs(map.at(0, 8));
    map.copied(map.at(0, 4));
    map.flushed();
    map.copied(map.at(4, 2));
    map.not_flushed(map.at(10));
    map.flush_failed();
    CHECK_FALSE(map.different().any(map.at(0, 4)));
    CHECK(map.different().all(map.at(4, 4)));
    CHECK(map.different().all(map.at(10)));
    CHECK(map.different().marked_regions() == 5);
    CHECK(map.unflushed().none());
    // A flush that comes later covers none of it.
    map.flushed();
    CHECK(map.different().marked_regions() == 5);
}

TEST_CASE("a leg that becomes current differs nowhere, and has flushed nothing of it",
          "[engine][region_map]")
{
    small_map map;
    map.differs(map.at(1));
    map.not_flushed(map.at(2));
    map.became_current();
    CHECK(map.different().none());
    CHECK(map.unflushed().all(map.at(1, 2)));
    map.flush_failed();
    CHECK(map.different().all(map.at(1, 2)));
}

TEST_CASE("who follows another's content differs where that one did and where it had not flushed",
          "[engine][region_map]")
{
    small_map other, map;
    other.differs(map.at(1));
    other.not_flushed(map.at(2));
    map.differs(map.at(3));
    map.differs_where(other);
    CHECK(map.different().all(map.at(1, 3)));
    CHECK(map.different().marked_regions() == 3);
}

TEST_CASE("zeros are known until something is written, and only in whole regions",
          "[engine][region_map]")
{
    small_map map;
    map.reads_zeros({512, 4 * region});
    CHECK_FALSE(map.known_zero(map.at(0)));
    CHECK(map.known_zero(map.at(1, 3)));
    CHECK_FALSE(map.known_zero(map.at(4)));
    CHECK(map.state_of(map.at(1)) == region_state::unwritten);
    map.written({2 * region + 512, 512});
    CHECK(map.known_zero(map.at(1)));
    CHECK_FALSE(map.known_zero(map.at(2)));
    CHECK(map.state_of(map.at(2)) == region_state::clean);
}
