// test/base/units_test.cpp -- extents touch what they touch, and instants have an order.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/units.hpp>

#include "catch.hpp"

using namespace cimrep;

TEST_CASE("extents that only meet at an end do not overlap", "[base]")
{
    const byte_extent middle{100, 50};
    CHECK(middle.overlaps({149, 1}));
    CHECK(middle.overlaps({0, 101}));
    CHECK(middle.overlaps({110, 10}));
    CHECK_FALSE(middle.overlaps({150, 10}));
    CHECK_FALSE(middle.overlaps({0, 100}));
}

TEST_CASE("an empty extent overlaps nothing, wherever it is", "[base]")
{
    const byte_extent middle{100, 50};
    CHECK_FALSE(middle.overlaps({120, 0}));
    CHECK_FALSE(byte_extent{120, 0}.overlaps(middle));
    CHECK_FALSE(byte_extent{120, 0}.overlaps({120, 0}));
}

TEST_CASE("an extent contains itself, its parts and its empty ends", "[base]")
{
    const byte_extent middle{100, 50};
    CHECK(middle.contains(middle));
    CHECK(middle.contains({149, 1}));
    CHECK(middle.contains({150, 0}));
    CHECK_FALSE(middle.contains({149, 2}));
    CHECK_FALSE(middle.contains({99, 1}));
}

TEST_CASE("a duration added to an instant is the difference to the new one", "[base]")
{
    const monotonic_time start{5};
    const monotonic_time end = start + milliseconds(3);
    CHECK(end > start);
    CHECK(end - start == milliseconds(3));
    CHECK(start - end == duration{-3'000'000});
    CHECK(seconds(2) == milliseconds(2000));
}

TEST_CASE("a wall time is never, until it is set", "[base]")
{
    CHECK_FALSE(wall_time{}.is_set());
    CHECK(wall_time{1}.is_set());
}
