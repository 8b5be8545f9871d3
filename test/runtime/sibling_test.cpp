// test/runtime/sibling_test.cpp -- two targets of one source, the one half done with the other's.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("a source that is restored anew joins by the later restore, not by the first one",
          "[runtime][sibling]")
{
    leg_rig r({}, {"t", "u"});
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    for (const char* name : {"t", "u"})
        REQUIRE(r.rig.request(*r.pairs[name], operation::split).empty());
    REQUIRE_FALSE(r.put(0, block_bytes, 0x22));

    // The copy from "t" has ended, and that the source is in the set again is being recorded.
    r.hang("s", io_kind::write);
    waited_op first, second;
    REQUIRE(r.pairs["t"]->request(operation::restore_from_replica, true, first).has_value());
    r.rig.run_until([&] { return first.over; });
    r.rig.settle();
    r.store.holds = {record_kind::leg_state};
    r.let_go("s");
    r.rig.run_until([&] { return r.store.held() != 0; });

    r.hang("s", io_kind::write);
    REQUIRE(r.pairs["u"]->request(operation::restore_from_replica, true, second).has_value());
    r.rig.settle();
    r.store.let_go();
    r.rig.run_until([&] { return second.over; });
    r.rig.settle();
    CHECK_FALSE(r.current("s"));
    r.let_go("s");
    r.rig.wait_for(*r.pairs["u"], copy_state::synchronized);
    r.rig.settle();
    CHECK(r.current("s"));
    CHECK(r.state("u") == copy_state::synchronized);
    CHECK(r.rig.equal("s", "u", r.size));
    CHECK(r.reads_as(0, block_bytes, 0x11));
}

TEST_CASE("a target that becomes whole after the source was lost is not given up without Force",
          "[runtime][sibling]")
{
    leg_rig r({}, {"t", "u"});
    r.fail_next("t", io_kind::write);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    r.rig.wait_for(*r.pairs["t"], copy_state::broken);

    r.hang("t", io_kind::write);
    REQUIRE(r.rig.request(*r.pairs["t"], operation::resync_replica).empty());
    r.rig.settle();
    r.fail_next("s", io_kind::read);
    REQUIRE(r.reads_as(4 * mib, block_bytes, 0));
    REQUIRE_FALSE(r.current("s"));
    r.rig.wait_for(*r.pairs["t"], copy_state::broken);
    r.let_go("t");
    r.rig.run_until([&] { return r.current("t"); });
    r.rig.settle();
    CHECK(r.state("t") == copy_state::broken);

    // Now it alone holds what the host was told.
    r.fail_next("u", io_kind::write);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x33));
    REQUIRE_FALSE(r.current("u"));
    CHECK_FALSE(r.rig.request(*r.pairs["t"], operation::detach).empty());
    CHECK_FALSE(r.rig.request(*r.pairs["t"], operation::resync_replica).empty());
    CHECK(r.restore("t"));
    CHECK(r.reads_as(0, block_bytes, 0x33));
}

TEST_CASE("nor one that became whole by the Restore of another, before the source followed",
          "[runtime][sibling]")
{
    leg_rig r(impatient, {"t", "u"}, true);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    REQUIRE(r.rig.request(*r.pairs["t"], operation::split).empty());
    REQUIRE_FALSE(r.put(0, block_bytes, 0x22));
    r.hang("s", io_kind::flush);
    REQUIRE(r.rig.request(*r.pairs["t"], operation::restore_from_replica, true).empty());
    r.rig.run_until([&] { return r.current("u"); });
    REQUIRE(r.leg("s").role == leg_role::syncing);
    r.advance(milliseconds(30));
    REQUIRE(r.leg("s").error == errc::deadline_exceeded);
    r.rig.wait_for(*r.pairs["u"], copy_state::broken);
    r.fail_next("t", io_kind::write);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x33));
    REQUIRE_FALSE(r.current("t"));
    r.let_go("s");
    REQUIRE_FALSE(r.rig.request(*r.pairs["u"], operation::detach).empty());
    CHECK(r.restore("u"));
    CHECK(r.reads_as(0, block_bytes, 0x33));
}

TEST_CASE("a Restore is done once: a target that was away later follows like any other",
          "[runtime][sibling]")
{
    leg_rig r({}, {"t", "u"});
    // Both targets hold the volume's content when a Restore from one of them begins: nothing takes
    // its place, the source follows.
    r.fail_next("s", io_kind::write);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    r.rig.wait_for(*r.pairs["t"], copy_state::broken);
    REQUIRE(r.rig.request(*r.pairs["t"], operation::restore_from_replica, true) == "");
    r.rig.wait_for(*r.pairs["t"], copy_state::synchronized);

    // Again the source is copied to, and now the target is away while the host writes.
    r.fail_next("s", io_kind::write);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x22));
    r.rig.wait_for(*r.pairs["u"], copy_state::broken);
    r.hang("s", io_kind::write);
    REQUIRE(r.rig.request(*r.pairs["u"], operation::restore_from_replica, true) == "");
    r.rig.settle();
    r.fail_next("t", io_kind::write);
    owned_op write(block_bytes, 0x33);
    r.write(write, 4 * mib);
    r.rig.settle();
    r.let_go("s");
    r.rig.run_until([&] { return write.over && r.state("u") == copy_state::synchronized; });
    REQUIRE_FALSE(r.current("t"));
    REQUIRE(r.rig.opened->element_returned(element_path("t")));
    r.rig.run_until([&] { return r.current("t"); });
    CHECK(r.current("u"));
    CHECK(r.reads_as(4 * mib, block_bytes, 0x33));
    CHECK(r.rig.equal("s", "t", r.size));
}

TEST_CASE("a target left alone with a source that follows is not given up without Force",
          "[runtime][sibling]")
{
    leg_rig r({}, {"t", "u"}, true);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    REQUIRE(r.rig.request(*r.pairs["u"], operation::split) == "");
    REQUIRE_FALSE(r.put(0, block_bytes, 0x22));
    // The copy to the target ends before that to the source.
    r.hang("s", io_kind::flush);
    REQUIRE(r.rig.request(*r.pairs["u"], operation::restore_from_replica, true) == "");
    r.rig.run_until([&] { return r.current("t"); });
    r.rig.settle();
    REQUIRE(r.state("t") == copy_state::unsynchronized);
    r.fail_next("u", io_kind::write);
    REQUIRE_FALSE(r.put(mib, block_bytes, 0x33));
    r.rig.settle();
    CHECK(r.pairs["t"]->info().copies_to_source);
    REQUIRE_FALSE(r.current("u"));
    CHECK(r.rig.request(*r.pairs["t"], operation::suspend) != "");
    CHECK(r.rig.request(*r.pairs["t"], operation::detach) != "");
    r.let_go("s");
    r.rig.wait_for(*r.pairs["t"], copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", r.size));
    CHECK(r.reads_as(0, block_bytes, 0x11));
    CHECK(r.reads_as(mib, block_bytes, 0x33));
}
