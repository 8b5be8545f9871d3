// test/runtime/replaced_on_record_test.cpp -- one content takes the place of another, or not.
// SPDX-License-Identifier: BSL-1.0
#include "late_set_rig.hpp"
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// A target that is apart with 0x11, which a client wants back; the volume goes on with 0x22.
struct restore_rig : late_set_rig {
    waited_op restore;

    restore_rig()
    {
        mirror_and_open_again();
        REQUIRE(rig.request(pair(), operation::split) == "");
        REQUIRE_FALSE(rig.write(front(), 0, 4096, 0x22));
        REQUIRE(holds("t", 0x11));
    }
    void ask_for_a_restore(std::set<record_kind> holding)
    {
        set.holds = std::move(holding);
        REQUIRE(pair().request(operation::restore_from_replica, true, restore).has_value());
        rig.run_until([&] { return !set.held.empty(); });
    }
    bool holds(const char* name, unsigned value)
    {
        return all_are(rig.elements[name].memory->memory().first(4096), value);
    }
    void check_nothing_was_replaced()
    {
        CHECK(pair().info().copy_state == copy_state::split);
        CHECK(in_sync("s"));
        CHECK(holds("s", 0x22));
        CHECK(holds("t", 0x11));
        REQUIRE(rig.request(pair(), operation::restore_from_replica, true) == "");
        rig.wait_for(pair(), copy_state::synchronized);
        CHECK(holds("s", 0x11));
        CHECK(holds("t", 0x11));
    }
};

}  // namespace

TEST_CASE("a target that was to be restored from keeps its content where a crash came first",
          "[runtime][record]")
{
    restore_rig r;
    r.ask_for_a_restore({record_kind::leg_state});
    CHECK(r.pair().info().copy_state == copy_state::unsynchronized);
    REQUIRE_FALSE(r.restore.over);
    r.lose_power();
    r.check_nothing_was_replaced();
}

TEST_CASE("and where its shard was closed first, and the client hears so", "[runtime][record]")
{
    restore_rig r;
    r.ask_for_a_restore({record_kind::relationship_state});
    waited_op closing;
    r.rig.opened->close(closing);
    r.set.let_go();
    r.rig.run_until([&] { return closing.over; });
    REQUIRE(r.restore.over);
    REQUIRE(r.restore.error.has_value());
    CHECK(r.restore.error->code == errc::closed);
    r.rig.opened.reset();
    r.close();
    r.open_below();
    r.rig.recover();
    r.check_nothing_was_replaced();
}

TEST_CASE("a restore whose content is on record goes on after a crash", "[runtime][record]")
{
    restore_rig r;
    r.ask_for_a_restore({record_kind::leg_state});
    r.set.let_go({record_kind::relationship_state});
    r.rig.run_until([&] { return !r.set.held.empty(); });
    r.lose_power();
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    CHECK(r.holds("s", 0x11));
    CHECK(r.holds("t", 0x11));
}

TEST_CASE("a target that is lost after its restore is not taken for one that is apart",
          "[runtime][record]")
{
    restore_rig r;
    r.ask_for_a_restore({record_kind::leg_state});
    r.set.let_go();
    r.rig.run_until([&] { return r.restore.over; });
    REQUIRE_FALSE(r.restore.error.has_value());
    // From here on the states that follow are late.
    r.set.holds = {record_kind::relationship_state};
    r.rig.run_until([&] { return r.in_sync("s"); });
    r.rig.elements.faults("t").add({.kind = io_kind::write});
    host_op write;
    const std::vector<std::byte> data(4096, std::byte{0x33});
    write.prepare_write(0, std::span(data));
    r.front().submit(write);
    const std::size_t sets = r.set.sets;
    r.rig.run_until([&] { return r.set.sets != sets; });
    r.rig.settle();
    REQUIRE_FALSE(r.in_sync("t"));
    r.rig.elements.faults("t").clear();
    r.lose_power();
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    CHECK(r.holds("s", 0x33));
    CHECK(r.holds("t", 0x33));
}

TEST_CASE("a forced resync that a crash undoes leaves it known that the source is behind",
          "[runtime][record]")
{
    late_set_rig r;
    r.mirror_and_open_again();
    r.rig.elements.faults("s").add({.kind = io_kind::write});
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x22));
    r.rig.wait_for(r.pair(), copy_state::broken);
    r.set.holds = {record_kind::leg_state};
    waited_op resync;
    REQUIRE(r.pair().request(operation::resync_replica, true, resync).has_value());
    r.rig.run_until([&] { return !r.set.held.empty(); });
    r.lose_power();
    CHECK(r.pair().info().progress_status == progress_status::restoring);
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    CHECK(r.rig.elements["s"].memory->memory()[0] == std::byte{0x22});
}

TEST_CASE("what a target alone holds is not given up without Force after a crash",
          "[runtime][record]")
{
    late_set_rig r;
    r.mirror_and_open_again();
    // The set without the source is on record; that its relationship is Broken is not.
    r.set.holds = {record_kind::relationship_state};
    r.rig.elements.faults("s").add({.kind = io_kind::write});
    host_op write;
    const std::vector<std::byte> data(4096, std::byte{0x22});
    write.prepare_write(0, std::span(data));
    r.front().submit(write);
    const std::size_t sets = r.set.sets;
    r.rig.run_until([&] { return r.set.sets != sets; });
    r.rig.settle();
    REQUIRE_FALSE(r.in_sync("s"));
    // Nor can the source be written in the next process.
    r.rig.elements.faults("s").add({.kind = io_kind::write, .times = fault::always});
    r.lose_power(true);
    r.rig.wait_for(r.pair(), copy_state::broken);
    REQUIRE_FALSE(r.in_sync("s"));
    CHECK(r.rig.request(r.pair(), operation::detach) != "");
    r.rig.elements.faults("s").clear();
    REQUIRE(r.rig.opened->element_returned(element_path("s")).has_value());
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    CHECK(r.rig.elements["s"].memory->memory()[0] == std::byte{0x22});
}

TEST_CASE("a target keeps its content where the source is lost while its restore is recorded",
          "[runtime][sibling]")
{
    leg_rig r({}, {"t", "u"});
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    REQUIRE(r.rig.request(*r.pairs["t"], operation::split) == "");
    REQUIRE_FALSE(r.put(0, block_bytes, 0x22));
    r.store.holds = {record_kind::relationship_state};
    waited_op restore;
    REQUIRE(r.pairs["t"]->request(operation::restore_from_replica, true, restore).has_value());
    r.rig.run_until([&] { return r.store.held() != 0; });
    r.fail_next("s", io_kind::read);
    owned_op read(block_bytes);
    r.read(read, 4 * mib);
    r.rig.settle();
    REQUIRE_FALSE(r.current("s"));
    r.store.let_go();
    r.rig.run_until([&] { return restore.over; });
    REQUIRE(restore.error.has_value());
    CHECK(r.state("t") == copy_state::broken);
    REQUIRE(r.rig.opened->element_returned(element_path("s")).has_value());
    r.rig.run_until([&] { return r.current("s"); });
    r.rig.settle();
    CHECK(r.state("t") == copy_state::fractured);
    CHECK(r.holds("t", 0, block_bytes, 0x11));
    CHECK(r.restore("t"));
    CHECK(r.reads_as(0, block_bytes, 0x11));
}
