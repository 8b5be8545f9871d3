// test/runtime/return_test.cpp -- every relationship hears that the source is back.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("every relationship that waits for its client hears that the source is back",
          "[runtime][return]")
{
    leg_rig r({}, {});
    for (const char* name : {"t", "u"}) {
        r.pairs[name] = &r.rig.mirror_by_hand("s", name);
        r.rig.wait_for(*r.pairs[name], copy_state::synchronized);
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

TEST_CASE("an element that is said to be back and is not stays out, and nothing else changes",
          "[runtime][return]")
{
    const char* which = GENERATE("s", "t");
    leg_rig r({}, {"t", "u"});
    r.fail_next(which, io_kind::write);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    r.rig.wait_for(*r.pairs["t"], copy_state::broken);
    r.taps.gone.insert(which);
    for (unsigned round = 0; round < 2; ++round) {
        const auto back = r.rig.opened->element_returned(element_path(which));
        REQUIRE_FALSE(back);
        CHECK(back.error().code == std::errc::no_such_device);
        CHECK(r.state("t") == copy_state::broken);
        CHECK_THAT(r.rig.request(*r.pairs["t"], operation::resync_replica, true),
                   ContainsSubstring(which));
        // Those that are there go on, and are flushed, without it.
        REQUIRE_FALSE(r.put(0, block_bytes, 0x22 + round));
        REQUIRE_FALSE(r.flush());
        CHECK_FALSE(r.rig.opened->dump().empty());
    }
    r.taps.gone.clear();
    REQUIRE(r.rig.opened->element_returned(element_path(which)).has_value());
    r.rig.wait_for(*r.pairs["t"], copy_state::synchronized);
    r.rig.wait_for(*r.pairs["u"], copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", r.size));
    CHECK(r.rig.equal("s", "u", r.size));
    CHECK(r.holds("s", 0, block_bytes, 0x23));
}
