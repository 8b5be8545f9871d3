// test/runtime/point_test.cpp -- points in time: taken beside a host, read, dropped, found again.
// SPDX-License-Identifier: BSL-1.0
#include "point_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("a point in time keeps what is overwritten after it", "[runtime][point]")
{
    point_rig r;
    REQUIRE_FALSE(r.put(0, 256 * kib, 0x11));
    const std::uint64_t first = r.take();
    CHECK(first == 1);
    CHECK(r.used_bytes() == 0);
    REQUIRE_FALSE(r.put(4 * kib, 4 * kib, 0x22));
    CHECK(r.used_bytes() == 4 * kib);
    REQUIRE_FALSE(r.put(4 * kib, 4 * kib, 0x33));
    CHECK(r.used_bytes() == 4 * kib);
    REQUIRE_FALSE(r.put(60 * kib, 8 * kib, 0x44));
    r.check();
    const std::uint64_t second = r.take();
    REQUIRE_FALSE(r.put(0, 64 * kib, 0x55));
    r.check();
    CHECK(r.used_bytes() == 12 * kib + 64 * kib);
    r.drop(first);
    r.check();
    CHECK(r.used_bytes() == 64 * kib);
    r.drop(second);
    CHECK(r.used_bytes() == 0);
    CHECK(r.rig.opened->points(element_path("s")).empty());
}

TEST_CASE("blocks shorter than what is kept at a time are kept whole", "[runtime][point]")
{
    point_rig r;
    REQUIRE_FALSE(r.put(0, 64 * kib, 0x11));
    (void)r.take();
    REQUIRE_FALSE(r.put(512, 512, 0x22));
    REQUIRE_FALSE(r.put(4 * kib - 512, 1024, 0x33));
    CHECK(r.used_bytes() == 8 * kib);
    r.check();
    CHECK(r.holds(r.point(1), r.then[1], 512, 512));
    CHECK(r.holds(r.point(1), r.then[1], 3584, 9 * kib));
}

TEST_CASE("zeroes and discards keep what they overwrite", "[runtime][point]")
{
    point_rig r;
    REQUIRE_FALSE(r.put(0, 512 * kib, 0x11));
    (void)r.take();
    REQUIRE_FALSE(r.zero(io_kind::write_zeroes, 8 * kib, 200 * kib));
    REQUIRE_FALSE(r.zero(io_kind::discard, 256 * kib, 128 * kib));
    CHECK(r.holds(r.point(1), r.then[1], 0, r.size));
}

TEST_CASE("points in time and what they keep are found again", "[runtime][point]")
{
    point_rig r;
    REQUIRE_FALSE(r.put(0, 512 * kib, 0x11));
    const std::uint64_t first = r.take();
    REQUIRE_FALSE(r.put(0, 64 * kib, 0x22));
    const std::uint64_t second = r.take();
    REQUIRE_FALSE(r.put(32 * kib, 64 * kib, 0x33));
    const std::uint64_t used = r.used_bytes();
    r.reopen();
    CHECK(r.used_bytes() == used);
    const auto all = r.rig.opened->points(element_path("s"));
    REQUIRE(all.size() == 2);
    CHECK(all[0].number == first);
    CHECK_FALSE(all[0].broken);
    r.check();
    REQUIRE_FALSE(r.put(0, 512 * kib, 0x44));
    r.check();
    CHECK(r.take() == 3);
    r.drop(second);
    r.reopen();
    r.check();
    r.drop(first);
    r.drop(3);
    r.reopen();
    CHECK(r.used_bytes() == 0);
}

TEST_CASE("a point in time is never written and ends with its name", "[runtime][point]")
{
    point_rig r;
    const std::uint64_t number = r.take();
    CHECK(r.rig.write(r.point(number), 0, 4096, 1) == std::errc::read_only_file_system);
    std::vector<std::byte> data(4096);
    CHECK(r.rig.read(r.point(number), r.size, data) == errc::out_of_bounds);
    CHECK_FALSE(r.rig.flush(r.point(number)));
    r.drop(number);
    CHECK(r.rig.opened->point(element_path("s"), number).error().code == errc::stale_reference);
    waited_point again;
    again.number = number;
    CHECK(r.rig.opened->drop_point(element_path("s"), again).error().code == errc::stale_reference);
    CHECK(r.take() == number + 1);
}

TEST_CASE("a pool that is full breaks the points and lets the host go on", "[runtime][point]")
{
    point_rig r(512 * kib, 64 * kib + 32 * kib);
    REQUIRE_FALSE(r.put(0, 512 * kib, 0x11));
    const std::uint64_t number = r.take();
    REQUIRE_FALSE(r.put(0, 32 * kib, 0x22));
    CHECK(r.used_bytes() == 32 * kib);
    r.check();
    REQUIRE_FALSE(r.put(64 * kib, 4 * kib, 0x33));
    CHECK(r.rig.opened->points(element_path("s")).at(0).broken);
    std::vector<std::byte> data(4096);
    CHECK(r.rig.read(r.point(number), 0, data) == errc::element_not_accessible);
    CHECK(r.holds(r.front(), r.now, 0, r.size));
    CHECK(r.used_bytes() == 0);
    r.then.clear();
    r.reopen();
    CHECK(r.rig.opened->points(element_path("s")).at(0).broken);
    const std::uint64_t next = r.take();
    REQUIRE_FALSE(r.put(0, 32 * kib, 0x44));
    r.check();
    r.drop(next);
    r.drop(number);
    CHECK(r.used_bytes() == 0);
}

TEST_CASE("numbers go on where all points were dropped before a restart", "[runtime][point]")
{
    point_rig r;
    r.rig.wait_for(r.rig.mirror("s", "t"), copy_state::synchronized);
    REQUIRE_FALSE(r.put(0, 512 * kib, 0x11));
    const std::uint64_t number = r.take();
    REQUIRE_FALSE(r.put(0, 4 * kib, 0x22));
    r.drop(number);
    r.reopen();
    CHECK(r.take() > number);
    REQUIRE_FALSE(r.put(0, 8 * kib, 0x33));
    r.reopen();
    r.check();
}

TEST_CASE("a pool that fails breaks the points and lets the host go on", "[runtime][point]")
{
    for (const io_kind kind : {io_kind::write, io_kind::flush}) {
        point_rig r;
        REQUIRE_FALSE(r.put(0, 512 * kib, 0x11));
        (void)r.take();
        r.rig.elements.faults("p").add({.kind = kind});
        REQUIRE_FALSE(r.put(0, 8 * kib, 0x22));
        CHECK(r.rig.opened->points(element_path("s")).at(0).broken);
        CHECK(r.holds(r.front(), r.now, 0, r.size));
        CHECK(r.used_bytes() == 0);
    }
}

TEST_CASE("refusals of points in time change nothing", "[runtime][point]")
{
    point_rig r;
    waited_point op;
    const auto ask = [&](const char* source, const char* pool) {
        return r.rig.opened
            ->take_point({.source = element_path(source), .pool = element_path(pool)}, op)
            .error()
            .code;
    };
    CHECK(ask("s", "s") == errc::element_in_use);
    CHECK(ask("s", "nowhere") == errc::stale_reference);
    r.rig.elements.add("small", {.size_bytes = 64 * kib});
    CHECK(ask("s", "small") == errc::geometry_mismatch);
    r.rig.elements.add("long", {.size_bytes = 1 * mib, .logical_block_bytes = 4096});
    CHECK(ask("s", "long") == errc::geometry_mismatch);
    (void)r.take();
    r.rig.elements.add("other", {.size_bytes = 1 * mib});
    CHECK(ask("s", "other") == errc::invalid_argument);
    CHECK(r.rig.opened->points(element_path("s")).size() == 1);
}
