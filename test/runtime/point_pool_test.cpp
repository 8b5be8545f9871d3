// test/runtime/point_pool_test.cpp -- what several volumes, and several changes, have of one pool.
// SPDX-License-Identifier: BSL-1.0
#include "scripted_points.hpp"
#include <list>

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("a flush of a pool that fails is heard by every volume that shares it",
          "[runtime][point]")
{
    scripted_points r;
    block_device& other = r.rig.opened->volume(element_path("u")).value()->front();
    REQUIRE_FALSE(r.put(0, 64 * kib, 0x11));
    REQUIRE_FALSE(r.rig.write(other, 0, 64 * kib, 0x11));
    (void)r.take();
    (void)r.take("u");
    // Both have copied; the flush of one loses what both have written.
    r.rig.elements.faults("p").add(
        {.kind = io_kind::flush, .action = fault_action::delay, .delay = milliseconds(5)});
    r.rig.elements.faults("p").add(
        {.kind = io_kind::flush, .nth = 2, .action = fault_action::lose_cache});
    owned_op first(4 * kib, 0x22), mine(4 * kib, 0x22), theirs(4 * kib, 0x22);
    r.write(first, 32 * kib);
    r.advance(milliseconds(1));
    theirs.prepare_write(0, std::span<const std::byte>(theirs.data));
    other.submit(theirs);
    r.write(mine, 0);
    r.rig.run_until([&] { return first.over && mine.over && theirs.over; });
    CHECK_FALSE(mine.error);
    CHECK_FALSE(theirs.error);
    CHECK(r.points().at(0).broken);
    CHECK(r.rig.opened->points(element_path("u")).at(0).broken);
    CHECK(r.used_bytes() == 0);
}

TEST_CASE("what was copied before a flush that failed is not on record after it",
          "[runtime][point]")
{
    scripted_points r;
    REQUIRE_FALSE(r.put(0, 128 * kib, 0x11));
    const std::uint64_t number = r.take();
    r.fail_next("p", io_kind::flush, fault_action::lose_cache);
    r.store.fails = {record_kind::points_in_time};
    std::list<owned_op> writes;
    for (unsigned i = 0; i < 12; ++i) {
        r.write(writes.emplace_back(4 * kib, 0x22), i * 8 * kib);
        r.rig.loop.run_once(duration{0});
    }
    for (owned_op& each : writes) r.rig.run_until([&] { return each.over; });
    r.store.fails.clear();
    REQUIRE_FALSE(r.points().at(0).broken);
    CHECK(r.point_reads_as(number, 0, 128 * kib, 0x11));
}

TEST_CASE("a pool that is known is looked at for each volume", "[runtime][point]")
{
    scripted_points r;
    r.rig.elements.add("long", {.size_bytes = 8 * mib, .logical_block_bytes = 4096});
    r.rig.elements.add("p", {.size_bytes = 8 * mib, .logical_block_bytes = 4096});
    (void)r.take("long");
    waited_point op;
    const auto second =
        r.rig.opened->take_point({.source = element_path("s"), .pool = element_path("p")}, op);
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().code == errc::geometry_mismatch);
}

TEST_CASE("a point that is being dropped takes no more reads", "[runtime][point]")
{
    scripted_points r;
    REQUIRE_FALSE(r.put(0, 64 * kib, 0x11));
    const std::uint64_t number = r.take();
    block_device& front = r.point(number);
    r.hang("s", io_kind::read);
    owned_op early(4 * kib), late(4 * kib);
    early.prepare_read(0, std::span<std::byte>(early.data));
    late.prepare_read(0, std::span<std::byte>(late.data));
    front.submit(early);
    waited_point drop;
    drop.number = number;
    REQUIRE(r.rig.opened->drop_point(element_path("s"), drop).has_value());
    front.submit(late);
    r.advance(milliseconds(1));
    CHECK(late.error == errc::stale_reference);
    CHECK_FALSE(drop.over);
    r.let_go("s");
    CHECK(drop.over);
    CHECK_FALSE(early.error);
    CHECK(all_are(early.data, 0x11));
}
