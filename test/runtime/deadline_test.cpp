// test/runtime/deadline_test.cpp -- a late read of a target ends.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("a read of a target that is apart ends at its deadline", "[runtime][late]")
{
    owned_op read(block_bytes), passed(block_bytes);
    leg_rig r;
    REQUIRE(r.rig.request(*r.pairs["t"], operation::fracture) == "");
    block_device* target = r.rig.opened->front(element_path("t")).value();
    r.rig.elements.faults("t").add(
        {.kind = io_kind::read, .action = fault_action::hold, .cancelable = true});
    r.taps.deaf = false;
    r.advance(seconds(1));
    read.deadline = r.now() + seconds(1);
    read.prepare_read(0, std::span<std::byte>(read.data));
    target->submit(read);
    passed.deadline = r.now();
    passed.prepare_read(0, std::span<std::byte>(passed.data));
    target->submit(passed);
    r.advance(seconds(2));
    CHECK(read.over);
    CHECK(read.error == errc::deadline_exceeded);
    CHECK(passed.error == errc::deadline_exceeded);
    CHECK(r.state("t") == copy_state::fractured);
}
