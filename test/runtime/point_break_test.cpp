// test/runtime/point_break_test.cpp -- points in time break: what waits for that goes on, or fails.
// SPDX-License-Identifier: BSL-1.0
#include "scripted_points.hpp"

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("a change of which one copy is lost fails where that is not on record",
          "[runtime][point]")
{
    scripted_points r;
    REQUIRE_FALSE(r.put(0, 128 * kib, 0x11));
    const std::uint64_t number = r.take();
    r.store.fails = {record_kind::points_in_time};
    // The break fails while the other copy is still on its way.
    r.fail_next("p", io_kind::write);
    r.rig.elements.faults("p").add(
        {.kind = io_kind::write, .nth = 2, .action = fault_action::hold});
    owned_op op(128 * kib, 0x22);
    r.write(op, 0);
    r.advance(milliseconds(5));
    r.let_go("p");
    r.rig.run_until([&] { return op.over; });
    CHECK(op.error == errc::injected);
    CHECK_FALSE(r.points().at(0).broken);
    CHECK(r.point_reads_as(number, 0, 128 * kib, 0x11));
}
