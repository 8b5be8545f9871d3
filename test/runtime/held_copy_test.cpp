// test/runtime/held_copy_test.cpp -- a relationship that is held copies nothing until it is let go.
// SPDX-License-Identifier: BSL-1.0
#include "durable_rig.hpp"
#include <algorithm>

using namespace cimrep;
using namespace cimrep::test;

namespace {

struct held_rig : durable_rig {
    held_rig()
    {
        rig.elements.add("u", {.size_bytes = device_bytes});
        std::ranges::fill(rig.elements["s"].memory->memory(), std::byte{1});
    }
    std::uint64_t written_to(const std::string& name)
    {
        const auto all = rig.elements[name].memory->memory();
        return static_cast<std::uint64_t>(std::ranges::count(all, std::byte{1}));
    }
    relationship& pair_of(const std::string& target)
    {
        relationship* found = nullptr;
        rig.opened->for_each_relationship([&](relationship& each) {
            if (each.info().synced_element == element_path(target)) found = &each;
        });
        REQUIRE(found != nullptr);
        return *found;
    }
    /// Begins a mirror of "s", and holds it while all its windows are on their way.
    relationship& mirror_half(const std::string& target)
    {
        const std::size_t windows = rig.options.windows_max;
        rig.elements.faults(target).add(
            {.kind = io_kind::write, .times = windows, .action = fault_action::hold});
        relationship& made = rig.mirror("s", target);
        fault_device& device = *rig.elements[target].device;
        rig.run_until([&] { return device.held() == windows; });
        made.hold_copy(true);
        device.release();
        turn();
        CHECK(written_to(target) == windows * rig.options.window_bytes);
        return made;
    }
    /// Leaves the copies of "s" to "t" and "u" half done; no record says that they were held.
    void begin_copies()
    {
        mirror_half("t");
        mirror_half("u");
        close();
    }
    void turn()
    {
        for (unsigned i = 0; i < 2000; ++i) rig.loop.run_once(milliseconds(1));
    }
};

}  // namespace

TEST_CASE("what was to be copied when a shard was closed waits while it is held", "[runtime][hold]")
{
    held_rig r;
    r.begin_copies();
    const std::uint64_t in_t = r.written_to("t"), in_u = r.written_to("u");
    r.open();
    r.rig.opened->for_each_relationship([](relationship& each) { each.hold_copy(true); });
    r.rig.recover();
    r.turn();
    CHECK(r.pair_of("t").info().copy_state == copy_state::unsynchronized);
    CHECK(r.written_to("t") == in_t);
    CHECK(r.written_to("u") == in_u);

    r.pair_of("t").hold_copy(false);
    r.rig.wait_for(r.pair_of("t"), copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", device_bytes));
    CHECK(r.written_to("u") == in_u);

    // A request ends a copy that is held, and one that waits does not keep the shard open.
    SECTION("a held relationship is detached")
    {
        CHECK(r.rig.request(r.pair_of("u"), operation::detach, true).empty());
        CHECK(r.written_to("u") == in_u);
    }
    SECTION("the shard is closed, and the next one copies unless it is told to hold")
    {
        r.close();
        CHECK(r.written_to("u") == in_u);
        r.open();
        r.rig.wait_for(r.pair_of("u"), copy_state::synchronized);
        CHECK(r.rig.equal("s", "u", device_bytes));
    }
}

TEST_CASE("a copy that is under way stops where it is while it is held", "[runtime][hold]")
{
    held_rig r;
    relationship& t = r.mirror_half("t");
    CHECK(t.info().copy_state == copy_state::unsynchronized);
    t.hold_copy(false);
    r.rig.wait_for(t, copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", device_bytes));
}

TEST_CASE("a restore waits while every relationship of its volume is held", "[runtime][hold]")
{
    held_rig r;
    relationship& t = r.rig.mirror("s", "t");
    r.rig.wait_for(t, copy_state::synchronized);
    CHECK(r.rig.request(t, operation::fracture).empty());
    r.rig.wait_for(t, copy_state::fractured);
    REQUIRE_FALSE(r.rig.write(r.front(), 0, device_bytes / 2, 2));
    REQUIRE(r.written_to("s") == device_bytes / 2);
    t.hold_copy(true);
    CHECK(r.rig.request(t, operation::restore_from_replica, true).empty());
    r.turn();
    CHECK(r.written_to("s") == device_bytes / 2);
    t.hold_copy(false);
    r.rig.wait_for(t, copy_state::synchronized);
    CHECK(r.written_to("s") == device_bytes);
}

TEST_CASE("a restore that was held goes on when a relationship comes that is not", "[runtime]")
{
    durable_rig r;
    r.rig.elements.add("u", {.size_bytes = device_bytes});
    relationship& t = r.rig.mirror("s", "t");
    r.rig.wait_for(t, copy_state::synchronized);
    CHECK(r.rig.request(t, operation::fracture).empty());
    r.rig.wait_for(t, copy_state::fractured);
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 2));
    t.hold_copy(true);
    CHECK(r.rig.request(t, operation::restore_from_replica, true).empty());
    r.rig.settle(512);
    waited_op op;
    auto made = r.rig.opened->create_mirror({.source = element_path("s"),
                                             .target = element_path("u"),
                                             .initial = initial_synchronization::identical,
                                             .check = identity_check::none,
                                             .allow_overwrite = true},
                                            op);
    if (!made) UNSCOPED_INFO(made.error().wrong);
    REQUIRE(made.has_value());
    r.rig.run_until([&] { return op.over; });
    if (op.error) UNSCOPED_INFO(op.error->wrong);
    CHECK_FALSE(op.error);
    for (unsigned i = 0; i < 4000; ++i) r.rig.loop.run_once(milliseconds(1));
    CHECK(t.info().copy_state == copy_state::synchronized);
    t.hold_copy(false);
    for (unsigned i = 0; i < 4000; ++i) r.rig.loop.run_once(milliseconds(1));
    CHECK(t.info().copy_state == copy_state::synchronized);
}
