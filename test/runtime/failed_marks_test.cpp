// test/runtime/failed_marks_test.cpp -- marks that could not be recorded are nobody else's.
// SPDX-License-Identifier: BSL-1.0
#include "late_set_rig.hpp"
#include "room_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("a batch of marks that fails lets no other write go unmarked", "[runtime][record]")
{
    owned_op x(4096, 1), a(4096, 2), b(4096, 3), d(4096, 4), e(4096, 5);
    room_rig r;
    constexpr auto extent = room_rig::extent;
    r.store.holds = {record_kind::hot_extents};
    r.write(x, 0);
    r.rig.settle();
    r.write(a, 1 * extent);
    r.write(b, 2 * extent);
    r.store.let_go();
    r.store.holds = {record_kind::hot_extents};
    r.rig.run_until([&] { return x.over && r.store.held() == 1; });
    r.write(d, 2 * extent + 4096);
    r.write(e, 3 * extent);
    r.store.fails = {record_kind::hot_extents};
    r.store.fails_with = errc::over_budget;
    r.store.let_go();
    r.store.fails.clear();
    r.rig.run_until([&] { return a.over && b.over && d.over && e.over; });
    CHECK(a.error);
    CHECK(b.error);
    CHECK_FALSE(d.error);
    CHECK_FALSE(e.error);
    CHECK(r.store.has_marked({3 * extent, 4096}));
    CHECK(r.store.has_marked({2 * extent + 4096, 4096}));
    CHECK_FALSE(r.put(2 * extent + 8192, 7));
    CHECK(r.store.has_marked({2 * extent + 4096, 4096}));
}

TEST_CASE("after a batch of marks that failed the legs are equal through a crash",
          "[runtime][record]")
{
    owned_op x(4096, 1), a(4096, 2), b(4096, 3), d(4096, 4);
    late_set_rig r;
    r.mirror_and_open_again();
    const auto send = [&](owned_op& op, std::uint64_t at) {
        op.prepare_write(at, std::span<const std::byte>(op.data));
        r.front().submit(op);
        r.rig.settle();
    };
    r.set.holds = {record_kind::hot_extents};
    send(x, 0);
    send(a, 4096);
    send(b, 4 * mib);
    REQUIRE(r.set.held.size() == 1);
    r.set.below->commit(*std::exchange(r.set.held, {}).front());
    r.rig.run_until([&] { return x.over && r.set.held.size() == 1; });
    send(d, 4 * mib + 4096);
    r.rig.elements.faults("t").add(
        {.kind = io_kind::write, .times = fault::always, .action = fault_action::hold});
    commit_op* second = std::exchange(r.set.held, {}).front();
    r.set.holds.clear();
    second->done(*second, errc::over_budget);
    r.rig.run_until([&] { return a.over && b.over; });
    CHECK(a.error);
    CHECK(b.error);
    r.rig.settle(512);
    CHECK_FALSE(d.over);
    r.lose_power();
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    r.rig.settle(512);
    CHECK(r.pair().info().copy_state == copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", device_bytes));
}
