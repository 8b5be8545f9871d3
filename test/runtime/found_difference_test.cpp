// test/runtime/found_difference_test.cpp -- a difference that was found is not forgotten.
// SPDX-License-Identifier: BSL-1.0
#include "late_set_rig.hpp"
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

constexpr std::uint64_t size_bytes = 24 * mib;

/// A mirror of which "t" holds something else at 5 MiB.
struct damaged_rig : late_set_rig {
    waited_verify op;

    damaged_rig() : late_set_rig(size_bytes)
    {
        mirror_and_open_again();
        rig.elements["t"].memory->memory()[5 * mib] = std::byte{0x55};
    }
    void verify() { REQUIRE(pair().verify(op).has_value()); }
    /// Of "t", when nothing on record says any more that it differed.
    void is_known_after_a_power_loss()
    {
        REQUIRE_FALSE(rig.flush(front()));
        for (const std::uint64_t at : {9 * mib, 13 * mib, 17 * mib, 21 * mib})
            REQUIRE_FALSE(rig.write(front(), at, 4096, 0x33));
        lose_power();
        const leg_info found = rig.opened->volume(element_path("s")).value()->legs()[1];
        CHECK(found.remark == "");
        CHECK_FALSE(found.error);
        CHECK(found.role == leg_role::current);
    }
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
    CHECK(r.rig.equal("s", "t", size_bytes));
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
    CHECK(r.rig.equal("s", "t", size_bytes));
    CHECK(r.rig.elements["s"].memory->memory()[5 * mib] == std::byte{0x55});
}

TEST_CASE("where one that was found to differ is opened alone, what it holds there is right",
          "[runtime][record][recognition]")
{
    // Written, so that the last close has sampled it, on the source.
    different_rig r;
    REQUIRE_FALSE(r.rig.write(r.front(), 5 * mib + 32 * kib, 4096, 0x22));
    r.close();
    r.rig.elements["s"].refuse = true;
    r.open_below();
    r.rig.recover();
    REQUIRE(r.in_sync("t"));
    r.is_known_after_a_power_loss();
}

TEST_CASE("where one that was found to differ is left alone, what it holds there is right",
          "[runtime][record][recognition]")
{
    damaged_rig r;
    r.rig.elements["t"].memory->memory()[5 * mib] = std::byte{};
    REQUIRE_FALSE(r.rig.write(r.front(), 5 * mib + 32 * kib, 4096, 0x22));
    // An extent that makes room for another leaves the maps on record as they are then.
    r.rig.options.hot_extents_max = 4;
    r.open_again();
    r.rig.recover();
    r.rig.elements["t"].memory->memory()[5 * mib] = std::byte{0x55};
    // Or it is alone when it is found.
    const bool found_late = GENERATE(false, true);
    CAPTURE(found_late);
    if (found_late)
        r.rig.elements.faults("t").add(
            {.kind = io_kind::read, .extent = {5 * mib, 4096}, .action = fault_action::hold_done});
    r.verify();
    r.rig.settle(512);
    REQUIRE(r.op.over == !found_late);
    r.rig.elements.faults("s").add({.kind = io_kind::write});
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x33));
    r.rig.wait_for(r.pair(), copy_state::broken);
    r.rig.elements["s"].refuse = true;
    r.let_legs_go();
    r.rig.run_until([&] { return r.op.over; });
    REQUIRE(r.op.different_bytes != 0);
    r.is_known_after_a_power_loss();
}

TEST_CASE("what was found to differ is on record when its comparison ends", "[runtime][record]")
{
    different_rig r;
    r.lose_power();
    CHECK_FALSE(r.in_sync("t"));
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", size_bytes));
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
