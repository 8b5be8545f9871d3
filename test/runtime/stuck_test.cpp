// test/runtime/stuck_test.cpp -- a leg that hangs takes nobody with it.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

}  // namespace

TEST_CASE("a read that was answered by another leg makes room although the first one hangs",
          "[runtime][late]")
{
    owned_op first(block_bytes), second(block_bytes);
    leg_rig r({.requests_max = 1, .leg_deadline = seconds(1)});
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    r.hang("s", io_kind::read);
    r.hang("t", io_kind::read);
    r.read(first, 0);
    r.rig.settle();
    REQUIRE(r.rig.elements["s"].device->held() == 1);
    // The record of the departure is there before the other leg answers.
    r.advance(milliseconds(1500));
    REQUIRE_FALSE(r.current("s"));
    r.let_go("t");
    CHECK(first.over);
    CHECK_FALSE(first.error);
    r.read(second, 0);
    r.advance(seconds(5));
    CHECK(second.over);
    CHECK(all_are(second.data, 0x11));
    r.let_go("s");
}

TEST_CASE("a verification gives its ranges back when the leg that it reads hangs",
          "[runtime][verify]")
{
    waited_verify verify;
    owned_op write(block_bytes, 0x22);
    leg_rig r({.leg_deadline = seconds(1)});
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    r.hang("t", io_kind::read);
    REQUIRE(r.pairs["t"]->verify(verify).has_value());
    r.rig.settle();
    r.write(write, 0);
    r.advance(seconds(5));
    CHECK(r.state("t") == copy_state::broken);
    CHECK(write.over);
    CHECK_FALSE(write.error);
    r.let_go("t");
    CHECK(verify.over);
    CHECK(verify.error);
    CHECK(r.resync("t"));
}

TEST_CASE("a repair that hangs is marked", "[runtime][verify]")
{
    waited_verify verify;
    verify.repair = true;
    owned_op write(block_bytes, 0x22);
    leg_rig r({.leg_deadline = seconds(1)});
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    r.bytes("t", mib, 1)[0] = std::byte{0xee};
    r.hang("t", io_kind::write);
    REQUIRE(r.pairs["t"]->verify(verify).has_value());
    r.rig.run_until([&] { return r.rig.elements["t"].device->held() != 0; });
    r.write(write, mib);
    r.advance(seconds(5));
    CHECK(write.over);
    CHECK_FALSE(write.error);
    CHECK(r.leg("t").statistics.different_bytes != 0);
    r.let_go("t");
    CHECK(verify.over);
    CHECK(verify.error);
    CHECK(r.resync("t"));
}
