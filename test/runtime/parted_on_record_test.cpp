// test/runtime/parted_on_record_test.cpp -- a state on record counts where the set is behind it.
// SPDX-License-Identifier: BSL-1.0
#include "durable_rig.hpp"
#include <algorithm>
#include <set>
#include <utility>
#include <vector>

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// Passes everything to another repository, the set as soon as it may: as if a record of it were
/// under way already, after which comes the one that says who has left.
struct late_set final : repository {
    repository* below = nullptr;
    std::set<record_kind> holds;
    std::size_t sets = 0;  ///< passed on
    std::vector<commit_op*> held;

    bool durable() const noexcept override { return below->durable(); }
    repository_features features() const noexcept override { return below->features(); }
    std::uint64_t commit_bytes_max() const noexcept override { return below->commit_bytes_max(); }
    void commit(commit_op& op) noexcept override
    {
        const record_kind kind = op.changes.front().key.kind;
        if (holds.count(kind) != 0) return held.push_back(&op);
        sets += kind == record_kind::leg_state ? 1 : 0;
        below->commit(op);
    }
    std::optional<std::span<const std::byte>> find(const record_key& key) const override
    {
        return below->find(key);
    }
    void for_each(record_kind kind, const record_visitor& visit) const override
    {
        below->for_each(kind, visit);
    }
    void for_each(record_kind kind, std::uint64_t owner, const record_visitor& visit) const override
    {
        below->for_each(kind, owner, visit);
    }
    void let_go(std::set<record_kind> but = {})
    {
        holds = std::move(but);
        for (commit_op* op : std::exchange(held, {})) commit(*op);
    }
};

/// Outlives the shard.
struct late_set_holder {
    late_set set;
};

/// A mirror that loses power when a request has been answered and the set is not on record.
struct late_set_rig : late_set_holder, durable_rig {
    ~late_set_rig() { set.let_go(); }

    void open_again()
    {
        close();
        open_below();
    }
    void mirror_and_open_again()
    {
        rig.wait_for(rig.mirror("s", "t"), copy_state::synchronized);
        REQUIRE_FALSE(rig.write(front(), 0, 4096, 0x11));
        open_again();
        rig.recover();
        rig.wait_for(pair(), copy_state::synchronized);
    }
    void ask(operation what)
    {
        set.holds = {record_kind::leg_state};
        REQUIRE(rig.request(pair(), what) == "");
        REQUIRE_FALSE(set.held.empty());
    }
    void lose_power()
    {
        const auto now = disk.memory();
        const std::vector<std::byte> left(now.begin(), now.end());
        set.let_go();
        close();
        std::ranges::copy(left, disk.memory().begin());
        open_below();
        rig.recover();
    }
    bool in_sync(const char* name)
    {
        for (const leg_info& each : rig.opened->volume(element_path("s")).value()->legs())
            if (each.element == element_path(name)) return each.role == leg_role::current;
        return false;
    }
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

private:
    void open_below()
    {
        open_store();
        set.below = store.get();
        rig.options.repository = &set;
        rig.open();
    }
};

}  // namespace

TEST_CASE("a target whose state on record says that it is apart gets no writes after a crash",
          "[runtime][record]")
{
    const auto [what, state] = GENERATE(std::pair(operation::fracture, copy_state::fractured),
                                        std::pair(operation::split, copy_state::split),
                                        std::pair(operation::suspend, copy_state::suspended),
                                        std::pair(operation::deactivate, copy_state::inactive));
    CAPTURE(to_name(what));
    late_set_rig r;
    r.mirror_and_open_again();
    r.ask(what);
    r.lose_power();
    r.check_apart(state);
}

TEST_CASE("nor does one whose copy was aborted while its end was being recorded",
          "[runtime][record]")
{
    late_set_rig r;
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
    late_set_rig r;
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
