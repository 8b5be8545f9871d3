// test/runtime/replaced_again_test.cpp -- what comes between a Restore and the record of its set.
// SPDX-License-Identifier: BSL-1.0
#include "late_set_rig.hpp"
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// The volume "s" with the targets "t" and "u".
struct sibling_rig : late_set_rig {
    sibling_rig()
    {
        legs.push_back("u");
        rig.elements.add("u", {.size_bytes = device_bytes});
        open_again();
        rig.recover();
        for (const char* name : {"t", "u"})
            rig.wait_for(rig.mirror("s", name), copy_state::synchronized);
    }
    ~sibling_rig() { let_legs_go(); }

    relationship& with(const char* target)
    {
        relationship* found = nullptr;
        rig.opened->for_each_relationship([&](relationship& each) {
            if (each.info().synced_element == element_path(target)) found = &each;
        });
        REQUIRE(found != nullptr);
        return *found;
    }
    copy_state state(const char* target) { return with(target).info().copy_state; }
};

/// "t" is Aborted and lacks what is at 1 MiB; "u" alone serves, and "s" is behind it.
struct aborted_rig : sibling_rig {
    aborted_rig()
    {
        rig.elements.faults("s").add({.kind = io_kind::write});
        REQUIRE_FALSE(rig.write(front(), 0, 4096, 0x22));
        for (const char* name : {"t", "u"}) rig.wait_for(with(name), copy_state::broken);
        hang_source();
        REQUIRE(rig.opened->element_returned(element_path("s")).has_value());
        rig.wait_for(with("t"), copy_state::unsynchronized);
        rig.settle(256);
        waited_op op;
        REQUIRE(with("t").request(operation::abort, true, op).has_value());
        rig.elements.faults("s").clear();
        while (!op.over) {
            rig.elements["s"].device->release();
            rig.loop.run_once(milliseconds(1));
        }
        REQUIRE_FALSE(op.error);
        rig.settle(512);
        REQUIRE_FALSE(rig.write(front(), mib, 4096, 0x33));
        REQUIRE(at_mib("t") == std::byte{});
    }

    void hang_source()
    {
        rig.elements.faults("s").add(
            {.kind = io_kind::write, .times = fault::always, .action = fault_action::hold});
    }
    std::byte at_mib(const char* name) { return rig.elements[name].memory->memory()[mib]; }
};

/// What "t" holds since its Split, 0x11 at first, is to replace 0x22, and no set on record says so.
struct unrecorded_rig : late_set_rig {
    unrecorded_rig()
    {
        mirror_and_open_again();
        REQUIRE(rig.request(pair(), operation::split) == "");
        REQUIRE_FALSE(rig.write(front(), 0, 4096, 0x22));
        set.fails = {record_kind::leg_state};
        REQUIRE(rig.request(pair(), operation::restore_from_replica, true) != "");
        rig.settle(512);
        set.fails.clear();
    }
};

}  // namespace

TEST_CASE("a Restore asked for again after its set could not be recorded is answered with the set",
          "[runtime][record]")
{
    unrecorded_rig r;
    const bool crashes = GENERATE(true, false);
    CAPTURE(crashes);
    if (crashes) r.set.holds = {record_kind::leg_state};
    waited_op again;
    REQUIRE(r.pair().request(operation::restore_from_replica, true, again).has_value());
    if (crashes) {
        r.rig.settle(512);
        CHECK_FALSE(again.over);
        r.lose_power();
        CHECK(r.pair().info().copy_state == copy_state::split);
        CHECK(r.first_of("t") == std::byte{0x11});
        CHECK(r.first_of("s") == std::byte{0x22});
        return;
    }
    r.rig.run_until([&] { return again.over; });
    CHECK_FALSE(again.error);
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    CHECK(r.first_of("s") == std::byte{0x11});
}

TEST_CASE("what a crash has undone is not done by what a sibling does later", "[runtime][record]")
{
    aborted_rig r;
    r.set.holds = {record_kind::leg_state};
    waited_op resync;
    REQUIRE(r.with("t").request(operation::resync_replica, true, resync).has_value());
    r.rig.run_until([&] { return !r.set.held.empty(); });
    // What has been undone is told by the record of the pair, or by that of the set alone.
    const bool told_alone = GENERATE(true, false);
    CAPTURE(told_alone);
    if (!told_alone) r.set.fails = {record_kind::relationship_state};
    r.lose_power();
    r.rig.wait_for(r.with("u"), copy_state::synchronized);
    r.rig.settle(512);
    CHECK(r.state("t") == copy_state::aborted);
    r.lose_power();
    r.set.fails.clear();
    r.rig.settle(512);
    CHECK(r.state("t") == copy_state::aborted);
    CHECK(r.at_mib("t") == std::byte{});
}

TEST_CASE(
    "a forced resync for which a sibling has begun to restore the source goes on after a crash",
    "[runtime][record]")
{
    aborted_rig r;
    r.set.holds_state_of = 1;
    waited_op resync, restore;
    REQUIRE(r.with("t").request(operation::resync_replica, true, resync).has_value());
    r.rig.run_until([&] { return !r.set.held.empty(); });
    r.hang_source();
    REQUIRE(r.with("u").request(operation::restore_from_replica, true, restore).has_value());
    r.rig.run_until([&] { return restore.over; });
    REQUIRE_FALSE(restore.error);
    r.set.let_go();
    r.rig.run_until([&] { return resync.over; });
    REQUIRE_FALSE(resync.error);
    r.lose_power();
    r.rig.wait_for(r.with("t"), copy_state::synchronized);
    CHECK(r.at_mib("t") == std::byte{0x33});
}

TEST_CASE("what only a detached target had in common with its siblings is copied after a crash",
          "[runtime][record]")
{
    sibling_rig r;
    // Both targets have what the source lacks, and nothing is hot any more.
    r.close();
    r.rig.elements["s"].refuse = true;
    r.open_below();
    r.rig.recover();
    REQUIRE_FALSE(r.rig.write(r.front(), 5 * mib, 4096, 0x33));
    r.open_again();
    r.rig.recover();
    r.rig.elements.faults("u").add({.kind = io_kind::write});
    REQUIRE_FALSE(r.rig.write(r.front(), 2 * mib, 4096, 0x44));
    REQUIRE_FALSE(r.in_sync("u"));
    r.rig.elements["s"].refuse = false;

    r.set.holds = {record_kind::relationship_state};
    waited_op detach;
    REQUIRE(r.with("t").request(operation::detach, true, detach).has_value());
    r.rig.run_until([&] { return !r.set.held.empty(); });
    r.set.let_go({record_kind::map_page, record_kind::leg_state});
    r.rig.run_until([&] { return !r.set.held.empty(); });
    r.lose_power();
    r.rig.wait_for(r.with("u"), copy_state::synchronized);
    CHECK(r.rig.equal("s", "u", device_bytes));
}

TEST_CASE("who joins by a record in which the content is another one is not in it",
          "[runtime][record]")
{
    sibling_rig r;
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x11));
    for (const char* name : {"t", "u"})
        REQUIRE(r.rig.request(r.with(name), operation::split) == "");
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x22));
    r.rig.elements.faults("t").add({.kind = io_kind::write, .action = fault_action::hold});
    REQUIRE(r.rig.request(r.with("t"), operation::resync_replica) == "");
    r.rig.run_until([&] { return r.rig.elements["t"].device->held() != 0; });

    // The Restore is about to begin when the copy ends, whose maps are being saved then.
    r.set.holds_state_of = 2;
    waited_op restore;
    REQUIRE(r.with("u").request(operation::restore_from_replica, true, restore).has_value());
    r.rig.run_until([&] { return r.set.held.size() == 1; });
    r.set.holds = {record_kind::map_page};
    r.rig.elements["t"].device->release();
    r.rig.run_until([&] { return r.set.held.size() == 2; });
    commit_op* pages = std::exchange(r.set.held[1], r.set.held[0]);
    r.set.held.erase(r.set.held.begin());
    r.set.let_go({record_kind::map_page});
    r.rig.run_until([&] { return r.in_sync("u"); });
    const std::size_t sets = r.set.sets;
    r.set.let_go();
    r.set.below->commit(*pages);
    r.rig.run_until([&] { return r.set.sets != sets; });
    r.set.holds = {record_kind::leg_state};
    r.rig.settle(512);
    r.lose_power();
    for (const char* name : {"t", "u"}) r.rig.wait_for(r.with(name), copy_state::synchronized);
    for (const char* name : {"s", "t", "u"}) CHECK(r.first_of(name) == std::byte{0x11});
}

TEST_CASE("no second content is made the volume's before the first is on record",
          "[runtime][record]")
{
    unrecorded_rig r;
    r.set.holds = {record_kind::leg_state};
    waited_op resync;
    REQUIRE(r.pair().request(operation::resync_replica, true, resync).has_value());
    r.rig.settle(512);
    r.lose_power();
    REQUIRE(resync.over);
    REQUIRE(resync.error.has_value());
    CHECK(resync.error->code == errc::element_in_use);
    CHECK(r.pair().info().copy_state == copy_state::split);
    CHECK(r.first_of("s") == std::byte{0x22});
    CHECK(r.first_of("t") == std::byte{0x11});
}
