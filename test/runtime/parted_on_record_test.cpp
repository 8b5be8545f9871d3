// test/runtime/parted_on_record_test.cpp -- a state on record counts where the set is behind it.
// SPDX-License-Identifier: BSL-1.0
#include "late_set_rig.hpp"
#include <utility>
#include <vector>

using namespace cimrep;
using namespace cimrep::test;

namespace {

struct apart_rig : late_set_rig {
    void check_apart(copy_state state)
    {
        CHECK(pair().info().copy_state == state);
        CHECK(in_sync("s"));
        CHECK_FALSE(in_sync("t"));
        REQUIRE_FALSE(rig.write(front(), 0, 4096, 0x22));
        CHECK(rig.elements["s"].memory->memory()[0] == std::byte{0x22});
        CHECK(rig.elements["t"].memory->memory()[0] == std::byte{0x11});
        CHECK(pair().info().different_bytes != 0);
    }
};

/// Two targets, and the source fails by a read: the record that it has left the set is durable, and
/// nobody has heard of that yet.
struct untold_rig : late_set_rig {
    untold_rig()
    {
        legs = {"s", "t", "u"};
        rig.elements.add("u", {.size_bytes = device_bytes});
        for (const char* name : {"t", "u"})
            rig.wait_for(rig.mirror("s", name), copy_state::synchronized);
        REQUIRE_FALSE(rig.write(front(), 0, 4096, 0x11));
        open_again();
        rig.recover();
        for (relationship* each : pairs()) rig.wait_for(*each, copy_state::synchronized);
    }

    std::vector<relationship*> pairs()
    {
        std::vector<relationship*> all;
        rig.opened->for_each_relationship([&](relationship& each) { all.push_back(&each); });
        return all;
    }
    void lose_the_source()
    {
        set.holds = {record_kind::leg_state};
        rig.elements.faults("s").add({.kind = io_kind::read});
        // Whoever reads the source finds it failed.
        for (unsigned i = 0; i < 4 && set.held.empty(); ++i) {
            std::vector<std::byte> memory(4096);
            host_op read;
            read.prepare_read(0, std::span(memory));
            rig.run(front(), read);
        }
        REQUIRE(set.held.size() == 1);
    }
    /// The record of the source is in the repository, and the one that follows is not.
    void record_the_loss()
    {
        set.holds = {record_kind::leg_state, record_kind::relationship_state};
        commit_op* const loss = set.held.front();
        set.held.clear();
        store->commit(*loss);
        rig.run_until([&] { return !set.held.empty(); });
    }
};

/// What parts a target, and what it is then.
const std::vector<std::pair<operation, copy_state>> partings = {
    {operation::fracture, copy_state::fractured},
    {operation::split, copy_state::split},
    {operation::suspend, copy_state::suspended},
    {operation::deactivate, copy_state::inactive},
};

}  // namespace

TEST_CASE("a target whose state on record says that it is apart gets no writes after a crash",
          "[runtime][record]")
{
    const auto [what, state] = GENERATE(from_range(partings));
    CAPTURE(to_name(what));
    apart_rig r;
    r.mirror_and_open_again();
    r.ask(what);
    r.lose_power();
    r.check_apart(state);
}

TEST_CASE("nor does one whose copy was aborted while its end was being recorded",
          "[runtime][record]")
{
    apart_rig r;
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x11));
    r.open_again();
    const std::size_t sets = r.set.sets;
    r.rig.mirror("s", "t");
    r.rig.run_until([&] { return r.set.sets != sets; });
    REQUIRE(r.pair().info().copy_state == copy_state::unsynchronized);
    r.ask(operation::abort);
    r.lose_power();
    r.check_apart(copy_state::aborted);
}

TEST_CASE("nor does one that failed when it was parted and is there again", "[runtime][record]")
{
    apart_rig r;
    r.mirror_and_open_again();
    // A read that the target refuses hangs with the source: the failure counts at its end.
    r.rig.elements.faults("s").add(
        {.kind = io_kind::read, .times = fault::always, .action = fault_action::hold});
    r.rig.elements.faults("t").add({.kind = io_kind::read});
    std::vector<std::byte> memory(2 * 4096);
    host_op first, refused;
    first.prepare_read(0, std::span(memory).first(4096));
    refused.prepare_read(0, std::span(memory).last(4096));
    r.front().submit(first);
    r.front().submit(refused);
    r.rig.settle();
    REQUIRE(r.rig.elements["s"].device->held() == 2);
    r.set.holds = {record_kind::leg_state, record_kind::relationship_state};
    waited_op parting;
    REQUIRE(r.pair().request(operation::fracture, false, parting).has_value());
    r.rig.settle();
    r.rig.elements.faults("s").clear();
    r.rig.elements["s"].device->release();
    r.rig.run_until([&] { return first.over && refused.over; });
    r.set.let_go({record_kind::leg_state});
    r.rig.run_until([&] { return parting.over; });
    CHECK(parting.error.has_value());
    REQUIRE(r.pair().info().copy_state == copy_state::broken);
    REQUIRE_FALSE(r.set.held.empty());
    r.lose_power();
    r.check_apart(copy_state::fractured);
}

TEST_CASE("nor does one that was parted while the loss of the source was recorded",
          "[runtime][record]")
{
    const auto [what, state] = GENERATE(from_range(partings));
    CAPTURE(to_name(what));
    untold_rig r;
    r.lose_the_source();
    REQUIRE(r.rig.request(*r.pairs().back(), what) == "");
    r.record_the_loss();
    r.lose_power();
    CHECK(r.pairs().back()->info().copy_state == state);
    CHECK(r.in_sync("t"));
    CHECK_FALSE(r.in_sync("u"));
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x22));
    CHECK(r.first_of("t") == std::byte{0x22});
    CHECK(r.first_of("u") == std::byte{0x11});
}
