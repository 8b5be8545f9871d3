// test/runtime/late_copy_test.cpp -- what a copy left on a stuck device does no harm when it comes.
// SPDX-License-Identifier: BSL-1.0
#include "counting_memory.hpp"
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

relationship& copy_to(leg_rig& r, const char* name)
{
    r.pairs[name] = &r.rig.mirror("s", name);
    return *r.pairs[name];
}

}  // namespace

TEST_CASE("a copy's late write carries what was read for it", "[runtime][late]")
{
    leg_rig r(impatient, {"u"});
    REQUIRE_FALSE(r.put(0, region_bytes, 0x11));
    r.hang("t", io_kind::write);
    relationship& pair = copy_to(r, "t");
    r.advance(milliseconds(20));
    REQUIRE(pair.info().copy_state == copy_state::broken);
    CHECK(r.leg("t").statistics.stuck == 1);
    CHECK_THAT(r.rig.request(pair, operation::resync_replica),
               Catch::Matchers::ContainsSubstring("1 requests outstanding"));

    // The library's memory goes round: other windows, other content.
    REQUIRE(r.rig.request(*r.pairs["u"], operation::fracture) == "");
    for (unsigned i = 0; i < 16; ++i)
        REQUIRE_FALSE(r.put(i * region_bytes * 2, region_bytes, 0x22 + i));
    CHECK(r.resync("u"));
    r.let_go("t");
    CHECK(r.holds("t", 0, region_bytes, 0x11));
    CHECK(r.resync("t"));
    CHECK(r.holds("t", 0, region_bytes, 0x22));
}

TEST_CASE("a copy's late read does not reach what another leg delivered", "[runtime][late]")
{
    leg_rig r(impatient);
    REQUIRE_FALSE(r.put(0, region_bytes, 0x11));
    r.hang("s", io_kind::read);
    relationship& pair = copy_to(r, "u");
    r.advance(milliseconds(20));
    CHECK_FALSE(r.current("s"));
    // While the old read is out, the stretch is copied from the other leg, and written over.
    REQUIRE_FALSE(r.put(0, 4096, 0x22));
    CHECK(r.holds("u", 4096, region_bytes - 4096, 0x11));
    r.let_go("s");
    r.rig.run_until([&] { return r.current("u"); });
    CHECK(r.rig.equal("t", "u", r.size));
    CHECK(r.holds("u", 0, 4096, 0x22));
    CHECK(pair.info().copy_state != copy_state::synchronized);
    CHECK(r.restore("t"));
    CHECK(r.rig.equal("s", "u", r.size));
}

TEST_CASE("a leg whose copy's flush hangs is not in sync, however late the flush ends",
          "[runtime][late]")
{
    leg_rig r(impatient, {}, true);
    REQUIRE_FALSE(r.put(0, region_bytes, 0x11));
    r.hang("t", io_kind::flush);
    relationship& pair = copy_to(r, "t");
    r.advance(milliseconds(40));
    CHECK(pair.info().copy_state == copy_state::broken);
    CHECK(r.leg("t").statistics.different_bytes != 0);
    r.let_go("t");
    r.advance(milliseconds(40));
    CHECK(pair.info().copy_state == copy_state::broken);
    CHECK(r.leg("t").statistics.different_bytes != 0);
    CHECK(r.resync("t"));
}

TEST_CASE("a stuck target does not keep another target's copy from going on", "[runtime][late]")
{
    leg_rig r(impatient, {"u"});
    for (unsigned i = 0; i < 8; ++i) REQUIRE_FALSE(r.put(i * mib, mib, 0x11));
    REQUIRE(r.rig.request(*r.pairs["u"], operation::fracture) == "");
    REQUIRE_FALSE(r.put(0, region_bytes, 0x22));
    r.hang("t", io_kind::write);
    relationship& pair = copy_to(r, "t");
    r.rig.settle();
    SECTION("which waits for a window when it hangs")
    {
        REQUIRE(r.rig.request(*r.pairs["u"], operation::resync_replica) == "");
        r.rig.settle();
        CHECK(r.state("u") == copy_state::unsynchronized);
        r.advance(milliseconds(20));
        CHECK(r.state("u") == copy_state::synchronized);
        CHECK(r.rig.equal("s", "u", r.size));
    }
    SECTION("which begins later")
    {
        r.advance(milliseconds(20));
        CHECK(r.resync("u"));
    }
    CHECK(pair.info().copy_state == copy_state::broken);
    CHECK(r.leg("t").statistics.stuck == 4);
    r.let_go("t");
    CHECK(r.resync("t"));
}

TEST_CASE("a copy ends although a device that was read from does not answer", "[runtime][late]")
{
    leg_rig r(impatient);
    for (unsigned i = 0; i < 8; ++i) REQUIRE_FALSE(r.put(i * mib, mib, 0x11));
    r.hang("s", io_kind::read);
    relationship& pair = copy_to(r, "u");
    r.advance(milliseconds(20));
    CHECK(r.leg("s").statistics.stuck != 0);
    CHECK(r.current("u"));
    CHECK(r.rig.equal("t", "u", r.size));
    // Two copies are left; now either may fail.
    r.fail_next("t", io_kind::write);
    REQUIRE_FALSE(r.put(0, 4096, 0x22));
    CHECK(r.reads_as(0, 4096, 0x22));
    CHECK(r.holds("u", 0, 4096, 0x22));
    r.let_go("s");
    CHECK(r.holds("u", 0, 4096, 0x22));
    CHECK(pair.info().copy_state == copy_state::broken);
}

TEST_CASE("windows that stuck devices keep are replaced no more often than needed",
          "[runtime][late][memory]")
{
    counting_memory memory;
    {
        leg_rig r({.memory = &memory, .leg_deadline = milliseconds(20)});
        for (unsigned i = 0; i < 8; ++i) REQUIRE_FALSE(r.put(i * mib, mib, 0x11));
        std::uint64_t after_first = 0;
        for (unsigned round = 0; round < 4; ++round) {
            CAPTURE(round);
            REQUIRE(r.rig.request(*r.pairs["t"], operation::fracture) == "");
            REQUIRE_FALSE(r.put(0, 8 * mib, 0x22 + round));
            r.hang("t", io_kind::write);
            REQUIRE(r.rig.request(*r.pairs["t"], operation::resync_replica) == "");
            r.advance(milliseconds(20));
            REQUIRE(r.state("t") == copy_state::broken);
            r.let_go("t");
            CHECK(r.resync("t"));
            if (round == 0) after_first = memory.bytes();
            CHECK(memory.bytes() == after_first);
        }
    }
    CHECK(memory.bytes() == 0);
}
