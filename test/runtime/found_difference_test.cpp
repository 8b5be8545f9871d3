// test/runtime/found_difference_test.cpp -- a difference that was found is not forgotten.
// SPDX-License-Identifier: BSL-1.0
#include "late_set_rig.hpp"
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// A mirror of which "t" holds something else at 5 MiB.
struct damaged_rig : late_set_rig {
    waited_verify op;

    damaged_rig()
    {
        mirror_and_open_again();
        rig.elements["t"].memory->memory()[5 * mib] = std::byte{0x55};
    }
    void verify() { REQUIRE(pair().verify(op).has_value()); }
};

/// And a comparison has found it.
struct different_rig : damaged_rig {
    different_rig()
    {
        verify();
        rig.run_until([&] { return op.over; });
        REQUIRE_FALSE(op.error);
        REQUIRE(op.different_bytes != 0);
    }
};

}  // namespace

TEST_CASE("where one that was found to differ is opened alone, the others lack what it holds",
          "[runtime][record]")
{
    different_rig r;
    r.close();
    r.rig.elements["s"].refuse = true;
    r.open_below();
    r.rig.recover();
    r.rig.settle(512);
    CHECK(r.in_sync("t"));
    r.close();
    r.rig.elements["s"].refuse = false;
    r.open_below();
    r.rig.recover();
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", device_bytes));
}

TEST_CASE("where one that was found to differ is left alone, the others lack what it holds",
          "[runtime][record]")
{
    different_rig r;
    r.rig.elements.faults("s").add({.kind = io_kind::write});
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x22));
    r.rig.wait_for(r.pair(), copy_state::broken);
    REQUIRE(r.in_sync("t"));
    r.rig.elements.faults("s").clear();
    REQUIRE(r.rig.opened->element_returned(element_path("s")).has_value());
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", device_bytes));
    CHECK(r.rig.elements["s"].memory->memory()[5 * mib] == std::byte{0x55});
}

TEST_CASE("what was found to differ is on record when its comparison ends", "[runtime][record]")
{
    different_rig r;
    r.lose_power();
    CHECK_FALSE(r.in_sync("t"));
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", device_bytes));
}

TEST_CASE("a comparison ends when what it found is on record, or cannot be", "[runtime][record]")
{
    damaged_rig r;
    r.set.holds = {record_kind::map_page};
    r.verify();
    r.rig.run_until([&] { return !r.set.held.empty(); });
    r.rig.settle(64);
    CHECK_FALSE(r.op.over);
    const auto busy = r.rig.request(r.pair(), operation::split);
    CHECK(busy != "");
    r.set.fails = {record_kind::map_page};
    r.set.let_go();
    r.rig.run_until([&] { return r.op.over; });
    REQUIRE(r.op.error);
    CHECK(r.op.error->code == errc::injected);
    CHECK(r.op.different_bytes != 0);
    r.set.fails.clear();
}

TEST_CASE("what was found to differ is copied where both read zeros once", "[runtime][record]")
{
    const char* damaged = GENERATE("s", "t");
    leg_rig r;
    r.bytes(damaged, 5 * mib, 1)[0] = std::byte{0x55};
    waited_verify op;
    REQUIRE(r.pairs["t"]->verify(op).has_value());
    r.rig.run_until([&] { return op.over; });
    REQUIRE(op.different_bytes != 0);
    const bool from_source = damaged == std::string("t");
    REQUIRE(r.rig.request(*r.pairs["t"], operation::split).empty());
    REQUIRE(r.rig
                .request(*r.pairs["t"],
                         from_source ? operation::resync_replica : operation::restore_from_replica,
                         !from_source)
                .empty());
    r.rig.wait_for(*r.pairs["t"], copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", r.size));
}
