// test/runtime/point_room_test.cpp -- how many points and parts there may be, now and at opening.
// SPDX-License-Identifier: BSL-1.0
#include "scripted_points.hpp"
#include <list>

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("more points on record than there may be now break whole", "[runtime][point]")
{
    point_rig r;
    REQUIRE_FALSE(r.put(0, 512 * kib, 0x11));
    for (int i = 0; i < 9; ++i) (void)r.take();
    r.rig.options.points_max = 1;
    r.reopen();
    r.rig.elements.faults("p").add({.kind = io_kind::write});
    REQUIRE_FALSE(r.put(0, 4 * kib, 0x22));
    const auto before = r.rig.opened->points(element_path("s"));
    for (const point_info& each : before) CHECK(each.broken);
    r.reopen();
    CHECK(r.rig.opened->points(element_path("s")) == before);
}

TEST_CASE("parts of runs that a dropped point leaves have room beside what is under way",
          "[runtime][point]")
{
    shard_options options;
    options.exceptions_max = 64;
    scripted_points r({}, options);
    REQUIRE_FALSE(r.put(0, 4 * mib, 0x11));
    const std::uint64_t first = r.take();
    for (unsigned i = 0; i < 20; ++i) REQUIRE_FALSE(r.put(i * 64 * kib + 20 * kib, 4 * kib, 0x22));
    const std::uint64_t second = r.take();
    for (unsigned i = 0; i < 20; ++i) REQUIRE_FALSE(r.put(i * 64 * kib, 64 * kib, 0x33));
    r.store.holds = {record_kind::exceptions};
    std::list<owned_op> writes;
    for (unsigned i = 0; i < 20; ++i)
        r.write(writes.emplace_back(4 * kib, 0x44), (30 + i) * 64 * kib);
    r.rig.settle();
    r.drop(second);
    r.store.let_go();
    for (owned_op& each : writes) r.rig.run_until([&] { return each.over; });
    for (unsigned i = 0; i < 20; ++i) CHECK(r.point_reads_as(first, i * 64 * kib, 64 * kib, 0x11));
}

TEST_CASE("what a shard has left of points it opens with the same options", "[runtime][point]")
{
    point_rig r(4 * mib, 8 * mib);
    r.rig.options.exceptions_max = 64;
    r.reopen();
    REQUIRE_FALSE(r.put(0, 4 * mib, 0x11));
    (void)r.take();
    for (unsigned i = 0; i < 31; ++i) REQUIRE_FALSE(r.put(i * 64 * kib + 20 * kib, 4 * kib, 0x22));
    (void)r.take();
    for (unsigned i = 0; i < 31; ++i) REQUIRE_FALSE(r.put(i * 64 * kib, 64 * kib, 0x33));
    REQUIRE_FALSE(r.rig.opened->points(element_path("s")).at(0).broken);
    r.drop(2);
    r.check();
    r.reopen();
    r.check();
    // There are more parts than there may be: what needs another one breaks the points.
    REQUIRE_FALSE(r.put(3 * mib, 4 * kib, 0x44));
    CHECK(r.rig.opened->points(element_path("s")).at(0).broken);
}

TEST_CASE("what points keep, block by block, does not fill the repository", "[runtime][point]")
{
    point_rig r(64 * mib, 80 * mib, false);
    (void)r.take();
    for (std::uint64_t at = 0; at < 64 * mib; at += 4 * kib)
        REQUIRE_FALSE(r.put(at, 4 * kib, 0x22));
    CHECK_FALSE(r.rig.opened->points(element_path("s")).at(0).broken);
    CHECK(r.r.store->statistics().records < 4096);
    r.reopen();
    r.check();
}

TEST_CASE("nor does what they keep of many blocks at a time", "[runtime][point]")
{
    point_rig r(64 * mib, 80 * mib, false);
    (void)r.take();
    std::vector<owned_op> ops(8);
    for (std::uint64_t at = 0; at < 64 * mib;) {
        for (owned_op& op : ops) {
            op.over = false;
            op.data = filled(4 * kib, 0x22);
            op.prepare_write(at, std::span<const std::byte>(op.data));
            r.front().submit(op);
            at += 4 * kib;
        }
        r.rig.run_until([&] { return std::ranges::all_of(ops, &owned_op::over); });
    }
    std::ranges::fill(r.now, std::byte{0x22});
    CHECK(r.r.store->statistics().records < 600);
    r.reopen();
    r.check();
}

TEST_CASE("what a batch that was not recorded took of the pool comes back", "[runtime][point]")
{
    scripted_points r;
    REQUIRE_FALSE(r.put(0, 64 * kib, 0x11));
    const std::uint64_t number = r.take();
    r.store.fails = {record_kind::exceptions};
    for (unsigned i = 0; i < 3; ++i) CHECK(r.put(0, 64 * kib, 0x22));
    CHECK(r.used_bytes() == 3 * 64 * kib);
    r.store.fails.clear();
    REQUIRE_FALSE(r.put(0, 64 * kib, 0x22));
    CHECK(r.point_reads_as(number, 0, 64 * kib, 0x11));
    r.rig.settle();
    CHECK(r.used_bytes() == 64 * kib);
    r.drop(number);
    CHECK(r.used_bytes() == 0);
}
