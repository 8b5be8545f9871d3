// test/runtime/record_first_test.cpp -- what must be on record before anybody hears of it.
// SPDX-License-Identifier: BSL-1.0
#include "runtime_rig.hpp"
#include <vector>

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// Holds the commits of the kinds that a test names until it lets them go.
struct slow_repository final : repository {
    event_loop* loop = nullptr;
    std::vector<record_kind> holds;
    std::vector<commit_op*> held;

    void commit(commit_op& op) noexcept override
    {
        op.run = [](loop_task& task) noexcept {
            auto& self = static_cast<commit_op&>(task);
            self.done(self, {});
        };
        for (const record_kind kind : holds)
            if (kind == op.changes.front().key.kind) return held.push_back(&op);
        loop->defer(op);
    }
    void let_go()
    {
        holds.clear();
        for (commit_op* op : held) loop->defer(*op);
        held.clear();
    }
};

struct record_rig {
    slow_repository store;
    virtual_rig rig;
    block_device* front = nullptr;
    relationship* pair = nullptr;

    record_rig() : rig({.repository = &store})
    {
        store.loop = &rig.loop;
        for (const char* name : {"s", "t"}) rig.elements.add(name, {.size_bytes = 8 * mib});
        rig.open();
        front = &rig.opened->volume(element_path("s")).value()->front();
        pair = &rig.mirror("s", "t");
        rig.wait_for(*pair, copy_state::synchronized);
    }
    std::uint64_t writes_to(const char* name)
    {
        return rig.elements[name].device->statistics().submitted_of(io_kind::write);
    }
};

}  // namespace

TEST_CASE("no leg is written before the mark of its extent is durable", "[runtime][record]")
{
    record_rig r;
    r.store.holds = {record_kind::hot_extents};
    const std::vector<std::byte> data(4096, std::byte{7});
    host_op op;
    op.prepare_write(4 * mib, data);
    r.front->submit(op);
    r.rig.settle();
    CHECK(r.store.held.size() == 1);
    CHECK(r.writes_to("s") == 0);
    CHECK(r.writes_to("t") == 0);
    CHECK_FALSE(op.over);
    r.store.let_go();
    r.rig.run_until([&] { return op.over; });
    CHECK_FALSE(op.error);
    CHECK(r.rig.equal("s", "t", 8 * mib));
}

TEST_CASE("a write that missed a leg is acknowledged after the record of its departure",
          "[runtime][record]")
{
    record_rig r;
    r.rig.elements.faults("t").add({.kind = io_kind::write});
    r.store.holds = {record_kind::leg_state};
    const std::vector<std::byte> data(4096, std::byte{7});
    host_op op, flush;
    op.prepare_write(0, data);
    r.front->submit(op);
    r.rig.settle();
    flush.prepare_flush();
    r.front->submit(flush);
    r.rig.settle();
    CHECK(r.store.held.size() == 1);
    CHECK_FALSE(op.over);
    CHECK_FALSE(flush.over);
    CHECK(r.pair->info().copy_state == copy_state::synchronized);
    r.store.let_go();
    r.rig.run_until([&] { return op.over && flush.over; });
    CHECK_FALSE(op.error);
    CHECK_FALSE(flush.error);
    r.rig.wait_for(*r.pair, copy_state::broken);
    REQUIRE(r.rig.request(*r.pair, operation::resync_replica) == "");
    r.rig.wait_for(*r.pair, copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", 8 * mib));
}

TEST_CASE("a write after a fracture is acknowledged after the record of it", "[runtime][record]")
{
    record_rig r;
    r.store.holds = {record_kind::leg_state};
    waited_op fracture;
    REQUIRE(r.pair->request(operation::fracture, false, fracture).has_value());
    const std::vector<std::byte> data(4096, std::byte{7});
    host_op op;
    op.prepare_write(0, data);
    r.front->submit(op);
    r.rig.settle();
    CHECK(r.writes_to("t") == 0);
    CHECK_FALSE(op.over);
    r.store.let_go();
    r.rig.run_until([&] { return op.over && fracture.over; });
    CHECK_FALSE(op.error);
    CHECK(r.pair->info().copy_state == copy_state::fractured);
}

TEST_CASE("a target is overwritten after the record that it is being copied to",
          "[runtime][record]")
{
    record_rig r;
    const bool back = GENERATE(false, true);
    CAPTURE(back);
    REQUIRE(r.rig.request(*r.pair, operation::split) == "");
    REQUIRE_FALSE(r.rig.write(*r.front, 0, 4096, 1));
    REQUIRE_FALSE(r.rig.write(*r.rig.opened->front(element_path("t")).value(), 0, 4096, 2));
    const char* const overwritten = back ? "s" : "t";
    const std::uint64_t before = r.writes_to(overwritten);
    r.store.holds = {record_kind::relationship_state};
    waited_op copy;
    const operation what = back ? operation::restore_from_replica : operation::resync_replica;
    REQUIRE(r.pair->request(what, back, copy).has_value());
    r.rig.settle(256);
    CHECK(r.store.held.size() == 1);
    CHECK(r.pair->info().copy_state == copy_state::split);
    CHECK(r.writes_to(overwritten) == before);
    r.store.let_go();
    r.rig.wait_for(*r.pair, copy_state::synchronized);
    CHECK(r.writes_to(overwritten) > before);
    CHECK(r.rig.equal("s", "t", 8 * mib));
}
