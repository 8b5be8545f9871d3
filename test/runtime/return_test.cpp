// test/runtime/return_test.cpp -- every relationship hears that the source is back.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("every relationship that waits for its client hears that the source is back",
          "[runtime][return]")
{
    leg_rig r({}, {});
    for (const char* name : {"t", "u"}) {
        waited_op op;
        mirror_request wanted{.source = element_path("s"), .target = element_path(name)};
        wanted.settings.copy_recovery_mode = desired_copy_recovery_mode::manual;
        auto made = r.rig.opened->create_mirror(wanted, op);
        REQUIRE(made.has_value());
        r.rig.run_until([&] { return op.over; });
        r.rig.wait_for(*made.value(), copy_state::synchronized);
        r.pairs[name] = made.value();
    }
    r.fail_next("s", io_kind::write);
    REQUIRE_FALSE(r.put(0, 4096, 0x11));
    for (const char* name : {"t", "u"}) r.rig.wait_for(*r.pairs[name], copy_state::broken);
    REQUIRE(r.rig.opened->element_returned(element_path("s")).has_value());
    for (const char* name : {"t", "u"}) r.rig.wait_for(*r.pairs[name], copy_state::suspended);
    REQUIRE(r.rig.request(*r.pairs["t"], operation::resume) == "");
    r.rig.wait_for(*r.pairs["t"], copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", r.size));
    CHECK(r.rig.equal("s", "u", r.size));
}
