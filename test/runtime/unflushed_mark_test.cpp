// test/runtime/unflushed_mark_test.cpp -- what a leg was given and may lose is not taken for kept.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

// The flush of the others covers the extents that were hot; only the leg's own map still knows.
TEST_CASE("a leg whose flush fails after it has left is marked, though the others have flushed",
          "[runtime][mark]")
{
    owned_op busy(block_bytes), also(block_bytes);
    waited_op op;
    leg_rig r({}, {"t"}, true);
    REQUIRE_FALSE(r.put(hot_extent_bytes, block_bytes, 0x11));
    REQUIRE_FALSE(r.flush());
    REQUIRE_FALSE(r.put(hot_extent_bytes, block_bytes, 0x22));
    // The fracture waits for a read that the target has; meanwhile the source is flushed.
    r.hang("s", io_kind::read);
    r.hang("t", io_kind::read);
    r.read(busy, 0);
    r.read(also, 0);
    REQUIRE(r.pairs["t"]->request(operation::fracture, false, op).has_value());
    r.rig.settle();
    REQUIRE_FALSE(op.over);
    const std::uint64_t before = r.sent("t", io_kind::flush);
    REQUIRE_FALSE(r.flush());
    CHECK(r.sent("t", io_kind::flush) == before);
    r.fail_next("t", io_kind::flush, fault_action::lose_cache);
    r.rig.elements["t"].device->release();
    r.rig.elements["s"].device->release();
    r.rig.run_until([&] { return op.over; });
    CHECK(op.error.has_value());
    r.let_go("t");
    r.let_go("s");
    CHECK(r.holds("t", hot_extent_bytes, block_bytes, 0x11));
    CHECK(r.leg("t").statistics.different_bytes == hot_extent_bytes);
    CHECK(r.state("t") == copy_state::broken);
    CHECK(r.resync("t"));
    CHECK(r.holds("t", hot_extent_bytes, block_bytes, 0x22));
}

TEST_CASE("a leg whose copy is stopped keeps in mind what it was given and does not flush",
          "[runtime][mark]")
{
    leg_rig r({}, {}, true);
    REQUIRE_FALSE(r.put(0, region_bytes, 0x11));
    REQUIRE_FALSE(r.put(hot_extent_bytes, region_bytes, 0x11));
    REQUIRE_FALSE(r.flush());
    r.rig.elements.faults("t").add({.kind = io_kind::write,
                                    .times = fault::always,
                                    .extent = {hot_extent_bytes, region_bytes},
                                    .action = fault_action::hold});
    r.pairs["t"] = &r.rig.mirror("s", "t");
    r.rig.run_until([&] { return r.rig.elements["t"].device->held() == 1; });
    // To a part that is equal already: the target gets it, and does not flush it.
    REQUIRE_FALSE(r.put(0, block_bytes, 0x22));
    REQUIRE(r.holds("t", 0, block_bytes, 0x22));
    waited_op op;
    REQUIRE(r.pairs["t"]->request(operation::suspend, false, op).has_value());
    r.rig.elements.faults("t").clear();
    r.fail_next("t", io_kind::flush, fault_action::lose_cache);
    while (r.rig.elements["t"].device->release() != 0) r.rig.settle();
    REQUIRE(op.over);
    r.rig.wait_for(*r.pairs["t"], copy_state::broken);
    REQUIRE_FALSE(r.holds("t", 0, block_bytes, 0x22));
    CHECK(r.resync("t"));
    CHECK(r.holds("t", 0, block_bytes, 0x22));
}

TEST_CASE("what was copied to a leg differs again when the leg's flush fails", "[runtime][mark]")
{
    leg_rig r({}, {}, true);
    REQUIRE_FALSE(r.put(0, region_bytes, 0x11));
    REQUIRE_FALSE(r.put(hot_extent_bytes, 2 * region_bytes, 0x11));
    REQUIRE_FALSE(r.flush());
    r.fail_next("t", io_kind::flush, fault_action::lose_cache);
    r.pairs["t"] = &r.rig.mirror("s", "t");
    r.rig.wait_for(*r.pairs["t"], copy_state::broken);
    CHECK(r.holds("t", 0, region_bytes, 0));
    CHECK(r.leg("t").statistics.different_bytes >= 3 * region_bytes);
    CHECK(r.resync("t"));
    CHECK(r.holds("t", hot_extent_bytes, 2 * region_bytes, 0x11));
}

TEST_CASE("what was copied to a leg differs again when the leg fails before its flush",
          "[runtime][mark]")
{
    leg_rig r({}, {}, true);
    REQUIRE_FALSE(r.put(0, region_bytes, 0x11));
    REQUIRE_FALSE(r.put(hot_extent_bytes, region_bytes, 0x11));
    REQUIRE_FALSE(r.flush());
    // Writes to the cache, then the power is cut, then the device fails.
    r.rig.elements.faults("t").add(
        {.kind = io_kind::write, .extent = {hot_extent_bytes, region_bytes}});
    r.pairs["t"] = &r.rig.mirror("s", "t");
    r.rig.wait_for(*r.pairs["t"], copy_state::broken);
    r.rig.settle();
    REQUIRE(r.rig.elements["t"].device->lose_unflushed().has_value());
    CHECK(r.holds("t", 0, region_bytes, 0));
    CHECK(r.leg("t").statistics.different_bytes >= 2 * region_bytes);
    CHECK(r.resync("t"));
    CHECK(r.holds("t", 0, region_bytes, 0x11));
}

TEST_CASE("what a host wrote to a target apart differs still when the target loses it",
          "[runtime][mark]")
{
    leg_rig r({}, {"t"}, true);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    REQUIRE_FALSE(r.flush());
    REQUIRE(r.rig.request(*r.pairs["t"], operation::fracture) == "");
    block_device* target = r.rig.opened->front(element_path("t")).value();
    REQUIRE_FALSE(r.rig.write(*target, 0, block_bytes, 0x22));
    r.fail_next("t", io_kind::flush, fault_action::lose_cache);
    CHECK(r.rig.flush(*target) == errc::injected);
    r.rig.wait_for(*r.pairs["t"], copy_state::broken);
    CHECK(r.leg("t").statistics.different_bytes == region_bytes);
    CHECK(r.resync("t"));
    CHECK(r.holds("t", 0, block_bytes, 0x11));
}
