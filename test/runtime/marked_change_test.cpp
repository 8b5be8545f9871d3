// test/runtime/marked_change_test.cpp -- every way in which legs may come to differ leaves a mark.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("a change that a target apart does not get is marked, of whatever kind",
          "[runtime][mark]")
{
    owned_op op;
    const std::vector<std::byte> expected = filled(block_bytes, 0x11),
                                 wanted = filled(block_bytes, 0x33);
    leg_rig r;
    REQUIRE_FALSE(r.put(0, mib, 0x11));
    REQUIRE(r.rig.request(*r.pairs["t"], operation::fracture) == "");
    REQUIRE(r.leg("t").statistics.different_bytes == 0);
    switch (GENERATE(0, 1, 2, 3)) {
    case 0: op.prepare_write(0, std::span<const std::byte>(wanted)); break;
    case 1: op.prepare_write_zeroes(0, block_bytes); break;
    case 2: op.prepare_discard(0, block_bytes); break;
    case 3: op.prepare_compare_and_write(0, expected, wanted); break;
    }
    REQUIRE_FALSE(r.rig.run(*r.front, op));
    CHECK(r.leg("t").statistics.different_bytes == region_bytes);
    CHECK(r.holds("t", 0, mib, 0x11));
    CHECK(r.resync("t"));
}

TEST_CASE("a write that fails on a target is marked there", "[runtime][mark]")
{
    const fault_action how = GENERATE(fault_action::fail, fault_action::fail_late);
    leg_rig r;
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    r.fail_next("t", io_kind::write, how);
    REQUIRE_FALSE(r.put(hot_extent_bytes, block_bytes, 0x22));
    CHECK(r.leg("t").statistics.different_bytes != 0);
    CHECK(r.resync("t"));
    CHECK(r.holds("t", hot_extent_bytes, block_bytes, 0x22));
}

TEST_CASE("a write that fails on the only current leg is marked where it succeeded",
          "[runtime][mark]")
{
    owned_op write(block_bytes, 0x22);
    leg_rig r({}, {});
    REQUIRE_FALSE(r.put(0, region_bytes, 0x11));
    REQUIRE_FALSE(r.put(hot_extent_bytes, mib, 0x11));
    // The first region is on the target by now, the last is on its way there.
    r.rig.elements.faults("t").add(
        {.kind = io_kind::write, .extent = {hot_extent_bytes, mib}, .action = fault_action::hold});
    r.pairs["t"] = &r.rig.mirror("s", "t");
    r.rig.run_until([&] { return r.rig.elements["t"].device->held() == 1; });
    REQUIRE(r.holds("t", 0, region_bytes, 0x11));
    REQUIRE(r.state("t") == copy_state::unsynchronized);
    r.fail_next("s", io_kind::write);
    r.write(write, 0);
    r.rig.run_until([&] { return write.over; });
    CHECK(write.error == errc::injected);
    CHECK(r.holds("s", 0, block_bytes, 0x11));
    CHECK(r.holds("t", 0, block_bytes, 0x22));
    r.let_go("t");
    r.rig.wait_for(*r.pairs["t"], copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", r.size));
    CHECK(r.holds("t", 0, block_bytes, 0x11));
}

TEST_CASE("a write that fails on every leg is marked on all but the one that is left",
          "[runtime][mark]")
{
    leg_rig r({}, {"t", "u"});
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    r.fail_next("s", io_kind::write, fault_action::fail_late);
    r.fail_next("t", io_kind::write);
    r.fail_next("u", io_kind::write);
    CHECK(r.put(0, block_bytes, 0x22) == errc::injected);
    unsigned current = 0;
    for (const char* name : {"s", "t", "u"}) {
        current += r.current(name) ? 1 : 0;
        CHECK((r.leg(name).statistics.different_bytes != 0) == !r.current(name));
    }
    CHECK(current == 1);
    REQUIRE(r.current("u"));
    CHECK(r.restore("u"));
    CHECK(r.resync("t", true));
    CHECK(r.rig.equal("s", "u", r.size));
}

TEST_CASE("what is on its way when a target is attached is marked on it", "[runtime][mark]")
{
    owned_op write(block_bytes, 0x11);
    leg_rig r({}, {});
    r.hang("s", io_kind::write);
    r.write(write, hot_extent_bytes);
    r.rig.settle();
    waited_op op;
    auto made =
        r.rig.opened->create_mirror({.source = element_path("s"), .target = element_path("t")}, op);
    REQUIRE(made.has_value());
    r.pairs["t"] = made.value();
    r.advance(milliseconds(10));
    CHECK(r.state("t") == copy_state::unsynchronized);
    r.let_go("s");
    r.rig.wait_for(*r.pairs["t"], copy_state::synchronized);
    CHECK(write.over);
    CHECK(r.holds("t", hot_extent_bytes, block_bytes, 0x11));
    CHECK(r.rig.equal("s", "t", r.size));
}

TEST_CASE("a host's write to a target apart is marked before it is sent", "[runtime][mark]")
{
    owned_op write(block_bytes, 0x22);
    leg_rig r;
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    REQUIRE(r.rig.request(*r.pairs["t"], operation::fracture) == "");
    block_device* target = r.rig.opened->front(element_path("t")).value();
    r.hang("t", io_kind::write, fault_action::hold_done);
    write.prepare_write(0, std::span<const std::byte>(write.data));
    target->submit(write);
    CHECK(r.leg("t").statistics.different_bytes == region_bytes);
    r.let_go("t");
    CHECK(write.over);
    CHECK(r.holds("t", 0, block_bytes, 0x22));
    CHECK(r.resync("t"));
    CHECK(r.holds("t", 0, block_bytes, 0x11));
}
