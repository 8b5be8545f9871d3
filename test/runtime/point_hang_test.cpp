// test/runtime/point_hang_test.cpp -- a leg or a pool that hangs does not hold the host up.
// SPDX-License-Identifier: BSL-1.0
#include "scripted_points.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

shard_options impatient_with(std::size_t preservations_max)
{
    shard_options options = impatient;
    options.preservations_max = preservations_max;
    return options;
}

void check_that_the_host_goes_on_alone(scripted_points& r)
{
    owned_op op(4 * kib, 0x22);
    r.write(op, 0);
    r.advance(milliseconds(500));
    REQUIRE(op.over);
    CHECK_FALSE(op.error);
    CHECK(r.points().at(0).broken);
}

}  // namespace

TEST_CASE("a leg that hangs with every copy is left behind by all of them", "[runtime][point]")
{
    scripted_points r({"t"}, impatient_with(1));
    REQUIRE_FALSE(r.put(0, 64 * kib, 0x11));
    const std::uint64_t number = r.take();
    r.hang("s", io_kind::read);
    owned_op op(4 * kib, 0x22);
    r.write(op, 0);
    r.advance(milliseconds(500));
    CHECK_FALSE(r.current("s"));
    CHECK(op.over);
    CHECK_FALSE(op.error);
    CHECK_FALSE(r.points().at(0).broken);
    CHECK(r.point_reads_as(number, 0, 64 * kib, 0x11));
    r.let_go("s");
    REQUIRE_FALSE(r.put(4 * kib, 4 * kib, 0x33));
    CHECK(r.point_reads_as(number, 0, 64 * kib, 0x11));
}

TEST_CASE("points break where legs that hang have all memory for copies", "[runtime][point]")
{
    scripted_points r({"t", "u"}, impatient_with(1));
    REQUIRE_FALSE(r.put(0, 64 * kib, 0x11));
    (void)r.take();
    r.hang("s", io_kind::read);
    r.hang("t", io_kind::read);
    check_that_the_host_goes_on_alone(r);
    r.let_go("s");
    r.let_go("t");
    CHECK(r.used_bytes() == 0);
}

TEST_CASE("a pool that hangs breaks the points and lets the host go on", "[runtime][point]")
{
    for (const io_kind kind : {io_kind::write, io_kind::flush}) {
        CAPTURE(static_cast<int>(kind));
        scripted_points r({}, impatient);
        REQUIRE_FALSE(r.put(0, 64 * kib, 0x11));
        (void)r.take();
        r.hang("p", kind);
        check_that_the_host_goes_on_alone(r);
        // What the device may still write to is nobody else's.
        CHECK(r.used_bytes() == (kind == io_kind::write ? 4 * kib : 0));
        r.let_go("p");
        CHECK(r.used_bytes() == 0);
        const std::uint64_t next = r.take();
        REQUIRE_FALSE(r.put(0, 4 * kib, 0x33));
        CHECK(r.point_reads_as(next, 0, 4 * kib, 0x22));
    }
}

TEST_CASE("points taken while a pool hangs break after the same wait", "[runtime][point]")
{
    for (const io_kind kind : {io_kind::write, io_kind::flush}) {
        CAPTURE(static_cast<int>(kind));
        scripted_points r({}, impatient_with(1));
        REQUIRE_FALSE(r.put(0, 64 * kib, 0x11));
        (void)r.take();
        r.hang("p", kind);
        owned_op first(4 * kib, 0x22), second(4 * kib, 0x33);
        r.write(first, 0);
        r.advance(milliseconds(500));
        REQUIRE(first.over);
        (void)r.take();
        r.write(second, 0);
        r.advance(milliseconds(500));
        CHECK(second.over);
        CHECK_FALSE(second.error);
        for (const point_info& each : r.points()) CHECK(each.broken);
        r.let_go("p");
    }
}
