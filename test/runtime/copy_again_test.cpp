// test/runtime/copy_again_test.cpp -- a copy that is asked for while a failed one is still ending.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// A copy to "t" that has failed, while a read that it had begun is still out.
struct ending_rig : leg_rig {
    ending_rig() : leg_rig({}, {})
    {
        for (unsigned i = 0; i < 8; ++i) REQUIRE_FALSE(put(i * mib, mib, 0x11));
        rig.elements.faults("s").add({.kind = io_kind::read,
                                      .nth = 2,
                                      .times = fault::always,
                                      .action = fault_action::delay,
                                      .delay = milliseconds(50)});
        fail_next("t", io_kind::write);
        pairs["t"] = &rig.mirror("s", "t");
        rig.wait_for(*pairs["t"], copy_state::broken);
        REQUIRE(rig.elements["s"].device->in_flight() != 0);
        REQUIRE(rig.elements["t"].device->in_flight() == 0);
    }
};

}  // namespace

TEST_CASE("a resync asked for while the copy that failed is ending comes to its end",
          "[runtime][copy]")
{
    ending_rig r;
    CHECK(r.resync("t"));
    CHECK(r.pairs["t"]->info().copy_total_bytes == r.size);
}

TEST_CASE("a target that is back while the copy that failed is ending is copied to",
          "[runtime][copy]")
{
    ending_rig r;
    REQUIRE(r.rig.opened->element_returned(element_path("t")).has_value());
    r.rig.wait_for(*r.pairs["t"], copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", r.size));
}

TEST_CASE("a resync that is suspended while the copy that failed is ending stays suspended",
          "[runtime][copy]")
{
    ending_rig r;
    REQUIRE(r.rig.request(*r.pairs["t"], operation::resync_replica) == "");
    REQUIRE(r.rig.request(*r.pairs["t"], operation::suspend) == "");
    r.advance(milliseconds(200));
    CHECK(r.state("t") == copy_state::suspended);
    REQUIRE(r.rig.request(*r.pairs["t"], operation::resume) == "");
    r.rig.wait_for(*r.pairs["t"], copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", r.size));
}

TEST_CASE("a target that fails again while the copy that failed is ending is Broken once more",
          "[runtime][copy]")
{
    ending_rig r;
    REQUIRE(r.rig.request(*r.pairs["t"], operation::resync_replica) == "");
    r.fail_next("t", io_kind::write);
    r.rig.wait_for(*r.pairs["t"], copy_state::broken);
    r.advance(milliseconds(1));
    CHECK(r.resync("t"));
}

TEST_CASE("a copy asked for while a failed one is ending is not begun once its relationship waits",
          "[runtime][copy]")
{
    const bool manual = GENERATE(false, true);
    CAPTURE(manual);
    leg_rig r({}, {"u"});
    for (unsigned i = 0; i < 8; ++i) REQUIRE_FALSE(r.put(i * mib, mib, 0x11));
    // What the copy reads from the other target stays out when it has failed.
    r.hang("u", io_kind::read);
    r.fail_next("t", io_kind::write);
    r.pairs["t"] = manual ? &r.rig.mirror_by_hand("s", "t") : &r.rig.mirror("s", "t");
    r.rig.wait_for(*r.pairs["t"], copy_state::broken);
    r.rig.settle();
    REQUIRE(r.rig.elements["u"].device->in_flight() != 0);
    REQUIRE(r.rig.request(*r.pairs["t"], operation::resync_replica) == "");
    REQUIRE(r.state("t") == copy_state::unsynchronized);
    r.fail_next("s", io_kind::write);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x22));
    r.rig.wait_for(*r.pairs["t"], copy_state::broken);
    if (manual) {
        REQUIRE(r.rig.opened->element_returned(element_path("s")).has_value());
        r.rig.wait_for(*r.pairs["t"], copy_state::suspended);
    }
    const std::uint64_t written = r.sent("t", io_kind::write);
    r.let_go("u");
    r.advance(milliseconds(1));
    REQUIRE_FALSE(r.put(0, block_bytes, 0x33));
    CHECK(r.state("t") == (manual ? copy_state::suspended : copy_state::broken));
    CHECK(r.leg("t").role == leg_role::tracking);
    CHECK(r.sent("t", io_kind::write) == written);
    if (manual) {
        REQUIRE(r.rig.request(*r.pairs["t"], operation::resume) == "");
    } else {
        REQUIRE(r.rig.opened->element_returned(element_path("s")).has_value());
    }
    for (const char* name : {"t", "u"}) {
        r.rig.wait_for(*r.pairs[name], copy_state::synchronized);
        CHECK(r.rig.equal("s", name, r.size));
    }
}

TEST_CASE("a copy that outlived its source ends when its relationship waits for its client",
          "[runtime][copy]")
{
    const bool resumed_early = GENERATE(false, true);
    CAPTURE(resumed_early);
    leg_rig r({}, {"u"});
    for (unsigned i = 0; i < 8; ++i) REQUIRE_FALSE(r.put(i * mib, mib, 0x11));
    r.hang("u", io_kind::read);
    r.pairs["t"] = &r.rig.mirror_by_hand("s", "t");
    r.rig.settle();
    REQUIRE(r.rig.elements["u"].device->in_flight() != 0);
    r.fail_next("s", io_kind::write);
    REQUIRE_FALSE(r.put(7 * mib, block_bytes, 0x22));
    r.rig.wait_for(*r.pairs["t"], copy_state::broken);
    REQUIRE(r.leg("t").role == leg_role::syncing);
    REQUIRE(r.rig.opened->element_returned(element_path("s")).has_value());
    r.rig.wait_for(*r.pairs["t"], copy_state::suspended);
    REQUIRE_FALSE(r.put(6 * mib, block_bytes, 0x33));
    CHECK_FALSE(r.holds("t", 6 * mib, block_bytes, 0x33));
    if (!resumed_early) {
        const std::uint64_t written = r.sent("t", io_kind::write);
        r.let_go("u");
        r.advance(milliseconds(1));
        REQUIRE_FALSE(r.put(5 * mib, block_bytes, 0x44));
        CHECK(r.state("t") == copy_state::suspended);
        CHECK(r.leg("t").role == leg_role::tracking);
        CHECK(r.sent("t", io_kind::write) == written);
    }
    REQUIRE(r.rig.request(*r.pairs["t"], operation::resume) == "");
    r.let_go("u");
    for (const char* name : {"t", "u"}) {
        r.rig.wait_for(*r.pairs[name], copy_state::synchronized);
        CHECK(r.rig.equal("s", name, r.size));
    }
}

TEST_CASE("a restore asked for while the one that failed is ending comes to its end",
          "[runtime][copy]")
{
    leg_rig r;
    REQUIRE_FALSE(r.put(0, 8 * mib, 0x11));
    REQUIRE(r.rig.request(*r.pairs["t"], operation::fracture) == "");
    REQUIRE_FALSE(r.put(0, 8 * mib, 0x22));
    r.rig.elements.faults("t").add({.kind = io_kind::read,
                                    .nth = 2,
                                    .times = fault::always,
                                    .action = fault_action::delay,
                                    .delay = milliseconds(50)});
    r.fail_next("s", io_kind::write);
    REQUIRE(r.rig.request(*r.pairs["t"], operation::restore_from_replica, true) == "");
    r.rig.wait_for(*r.pairs["t"], copy_state::broken);
    REQUIRE(r.rig.elements["t"].device->in_flight() != 0);
    CHECK(r.restore("t"));
    CHECK(r.holds("s", 0, 8 * mib, 0x11));
}
