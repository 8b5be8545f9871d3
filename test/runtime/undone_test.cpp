// test/runtime/undone_test.cpp -- a request that came to nothing leaves no copy standing.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// Something in every window of the volume.
void fill(leg_rig& r, unsigned value)
{
    for (std::uint64_t at = 0; at < r.size; at += mib) REQUIRE_FALSE(r.put(at, block_bytes, value));
}

}  // namespace

TEST_CASE("a copy goes on when the record of what was to end it fails", "[runtime][record]")
{
    const auto what =
        GENERATE(operation::suspend, operation::deactivate, operation::abort, operation::fracture);
    const bool force = what == operation::fracture;
    leg_rig r({}, {});
    fill(r, 0x11);
    r.hang("t", io_kind::write);
    r.pairs["t"] = &r.rig.mirror("s", "t");
    r.rig.run_until([&] { return r.rig.elements["t"].device->held() != 0; });
    r.store.fails = {record_kind::relationship_state};
    waited_op op;
    REQUIRE(r.pairs["t"]->request(what, force, op).has_value());
    r.let_go("t");
    r.rig.run_until([&] { return op.over; });
    REQUIRE(op.error);
    CHECK(op.error->code == errc::injected);
    r.store.fails.clear();
    r.rig.wait_for(*r.pairs["t"], copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", r.size));
}

TEST_CASE("a restore goes on when the detach that was to end it comes to nothing",
          "[runtime][detach]")
{
    owned_op late(block_bytes, 0x33);
    leg_rig r;
    r.fail_next("s", io_kind::write);
    fill(r, 0x11);
    r.rig.wait_for(*r.pairs["t"], copy_state::broken);
    r.hang("s", io_kind::write);
    REQUIRE(r.rig.opened->element_returned(element_path("s")).has_value());
    r.rig.run_until([&] { return r.rig.elements["s"].device->held() != 0; });
    r.hang("t", io_kind::write);
    r.write(late, 7 * mib);
    waited_op op;
    REQUIRE(r.pairs["t"]->request(operation::detach, true, op).has_value());
    r.let_go("s");
    // The detach holds writes until those in flight are done; this one is not, in its time.
    r.advance(seconds(40));
    REQUIRE(op.over);
    REQUIRE(op.error);
    CHECK(r.state("t") == copy_state::unsynchronized);
    r.let_go("t");
    CHECK(late.over);
    r.rig.wait_for(*r.pairs["t"], copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", r.size));
}
