// test/runtime/short_transfer_test.cpp -- what a transfer that was cut short has left undone.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

void cut_next(leg_rig& r, const char* name, io_kind kind)
{
    r.rig.elements.faults(name).add(
        {.kind = kind, .action = fault_action::cut_short, .short_bytes = 512});
}

}  // namespace

TEST_CASE("a leg that takes a part of a write leaves the set, and the whole write is marked",
          "[runtime][short]")
{
    leg_rig r;
    REQUIRE_FALSE(r.put(0, region_bytes, 0x11));
    const char* which = GENERATE("s", "t");
    CAPTURE(which);
    cut_next(r, which, io_kind::write);
    CHECK_FALSE(r.put(0, region_bytes, 0x22));
    CHECK_FALSE(r.current(which));
    CHECK(r.leg(which).error == errc::short_transfer);
    CHECK(r.leg(which).statistics.different_bytes >= region_bytes);
    CHECK(r.state("t") == copy_state::broken);
    CHECK(r.reads_as(0, region_bytes, 0x22));
    CHECK((r.current("t") ? r.restore("t") : r.resync("t")));
    CHECK(r.holds("s", 0, region_bytes, 0x22));
}

TEST_CASE("a read that was cut short is answered by another leg, or with an error",
          "[runtime][short]")
{
    leg_rig r;
    REQUIRE_FALSE(r.put(0, region_bytes, 0x11));
    cut_next(r, "s", io_kind::read);
    CHECK(r.reads_as(0, region_bytes, 0x11));
    CHECK_FALSE(r.current("s"));
    cut_next(r, "t", io_kind::read);
    std::vector<std::byte> data(region_bytes);
    CHECK(r.rig.read(*r.front, 0, data) == errc::short_transfer);
}

TEST_CASE("a copy whose write was cut short has copied nothing", "[runtime][short]")
{
    leg_rig r({}, {});
    REQUIRE_FALSE(r.put(0, region_bytes, 0x11));
    cut_next(r, "t", io_kind::write);
    r.pairs["t"] = &r.rig.mirror("s", "t");
    r.rig.wait_for(*r.pairs["t"], copy_state::broken);
    CHECK(r.leg("t").statistics.different_bytes >= region_bytes);
    CHECK(r.resync("t"));
    CHECK(r.holds("t", 0, region_bytes, 0x11));
}
