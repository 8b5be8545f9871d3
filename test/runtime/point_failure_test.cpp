// test/runtime/point_failure_test.cpp -- points in time where a leg, the pool or a record fails.
// SPDX-License-Identifier: BSL-1.0
#include "late_set_rig.hpp"
#include "scripted_points.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// Records that may be late, in a repository that outlives the shard.
struct late_points : late_set_holder, point_rig {
    late_points()
    {
        r.close();
        r.open_store();
        set.below = r.store.get();
        set.loop = &rig.loop;
        rig.options.repository = &set;
        rig.open();
        rig.recover();
    }
};

}  // namespace

TEST_CASE("a point whose flush or record fails is none, and leaves nothing", "[runtime][point]")
{
    scripted_points r;
    REQUIRE_FALSE(r.put(0, 64 * kib, 0x11));
    waited_point op;
    r.store.fails = {record_kind::points_in_time};
    CHECK(r.take(op) == errc::injected);
    CHECK(op.number == 0);
    CHECK(r.points().empty());
    // It may be on record: until it is erased for sure its content is kept.
    REQUIRE_FALSE(r.put(0, 4 * kib, 0x22));
    CHECK(r.used_bytes() == 4 * kib);
    r.store.fails.clear();
    CHECK(r.take() == 2);
    r.rig.settle();
    REQUIRE_FALSE(r.put(0, 4 * kib, 0x33));
    CHECK(r.used_bytes() == 4 * kib);
    CHECK(r.point_reads_as(2, 0, 4 * kib, 0x22));
    CHECK(r.point_reads_as(2, 4 * kib, 60 * kib, 0x11));

    scripted_points other;
    waited_point unflushed;
    other.fail_next("s", io_kind::flush);
    CHECK(other.take(unflushed));
    CHECK(other.points().empty());
}

TEST_CASE("a write whose batch is not durable fails, and overwrites nothing", "[runtime][point]")
{
    scripted_points r;
    REQUIRE_FALSE(r.put(0, 64 * kib, 0x11));
    const std::uint64_t number = r.take();
    r.store.fails = {record_kind::exceptions};
    CHECK(r.put(0, 4 * kib, 0x22) == errc::injected);
    CHECK(r.reads_as(0, 4 * kib, 0x11));
    r.store.fails.clear();
    REQUIRE_FALSE(r.put(0, 4 * kib, 0x33));
    CHECK(r.point_reads_as(number, 0, 64 * kib, 0x11));
    CHECK_FALSE(r.points().at(0).broken);
}

TEST_CASE("points that cannot be broken on record hold the write up no longer than that",
          "[runtime][point]")
{
    scripted_points r;
    REQUIRE_FALSE(r.put(0, 64 * kib, 0x11));
    const std::uint64_t number = r.take();
    r.store.fails = {record_kind::points_in_time};
    r.fail_next("p", io_kind::write);
    CHECK(r.put(0, 4 * kib, 0x22) == errc::injected);
    CHECK(r.reads_as(0, 4 * kib, 0x11));
    CHECK_FALSE(r.points().at(0).broken);
    CHECK(r.point_reads_as(number, 0, 64 * kib, 0x11));
    r.store.fails.clear();
    REQUIRE_FALSE(r.put(0, 4 * kib, 0x33));
    CHECK(r.point_reads_as(number, 0, 64 * kib, 0x11));
}

TEST_CASE("old content that one leg cannot read comes from another", "[runtime][point]")
{
    scripted_points r({"t"});
    REQUIRE_FALSE(r.put(0, 64 * kib, 0x11));
    const std::uint64_t number = r.take();
    r.fail_next("s", io_kind::read);
    REQUIRE_FALSE(r.put(0, 4 * kib, 0x22));
    CHECK_FALSE(r.points().at(0).broken);
    CHECK(r.point_reads_as(number, 0, 64 * kib, 0x11));
    CHECK_FALSE(r.current("s"));
    r.fail_next("t", io_kind::read);
    REQUIRE_FALSE(r.put(8 * kib, 4 * kib, 0x33));
    CHECK(r.points().at(0).broken);
    CHECK(r.reads_as(8 * kib, 4 * kib, 0x33));
}

TEST_CASE("a read of a point that its pool cannot serve fails alone", "[runtime][point]")
{
    scripted_points r;
    REQUIRE_FALSE(r.put(0, 64 * kib, 0x11));
    const std::uint64_t number = r.take();
    REQUIRE_FALSE(r.put(0, 4 * kib, 0x22));
    r.fail_next("p", io_kind::read);
    std::vector<std::byte> data(4 * kib);
    auto& point = *r.rig.opened->point(element_path("s"), number).value();
    CHECK(r.rig.read(point, 0, data) == errc::injected);
    CHECK(r.point_reads_as(number, 0, 64 * kib, 0x11));
}

TEST_CASE("a leg that hangs while old content is read is left behind", "[runtime][point]")
{
    leg_rig r(impatient, {"t"}, true);
    r.rig.elements.add("p", {.size_bytes = 2 * mib, .volatile_cache = true});
    REQUIRE_FALSE(r.put(0, 64 * kib, 0x11));
    waited_point op;
    REQUIRE(r.rig.opened->take_point({.source = element_path("s"), .pool = element_path("p")}, op)
                .has_value());
    r.rig.run_until([&] { return op.over; });
    r.hang("s", io_kind::read);
    REQUIRE_FALSE(r.put(0, 4 * kib, 0x22));
    CHECK_FALSE(r.current("s"));
    CHECK_FALSE(r.rig.opened->points(element_path("s")).at(0).broken);
    std::vector<std::byte> data(4 * kib);
    REQUIRE_FALSE(r.rig.read(*r.rig.opened->point(element_path("s"), op.number).value(), 0, data));
    CHECK(all_are(data, 0x11));
}

TEST_CASE("what replaces the content of a volume with points is refused", "[runtime][point]")
{
    scripted_points r({"t"});
    (void)r.take();
    REQUIRE(r.rig.request(*r.pairs["t"], operation::split).empty());
    CHECK(r.rig.request(*r.pairs["t"], operation::restore_from_replica, true)
              .find("drop the points in time first") != std::string::npos);
    CHECK_FALSE(r.points().at(0).broken);
    REQUIRE(r.rig.request(*r.pairs["t"], operation::resync_replica).empty());
}

TEST_CASE("a resync that gives up what a target alone holds is refused too", "[runtime][point]")
{
    scripted_points r({"t"});
    (void)r.take();
    r.fail_next("s", io_kind::write);
    REQUIRE_FALSE(r.put(0, 4 * kib, 0x22));
    REQUIRE(r.rig.opened->element_returned(element_path("s")).has_value());
    CHECK(r.rig.request(*r.pairs["t"], operation::resync_replica, true)
              .find("drop the points in time first") != std::string::npos);
    CHECK_FALSE(r.points().at(0).broken);
}

TEST_CASE("without its pool a volume is opened, and its points are not read", "[runtime][point]")
{
    point_rig r;
    REQUIRE_FALSE(r.put(0, 64 * kib, 0x11));
    (void)r.take();
    REQUIRE_FALSE(r.put(0, 4 * kib, 0x22));
    r.r.close();
    r.rig.elements["p"].present = false;
    r.r.open();
    r.rig.recover();
    std::vector<std::byte> data(4 * kib);
    CHECK(r.rig.read(r.point(1), 0, data) == errc::stale_reference);
    CHECK(r.holds(r.point(1), r.then[1], 8 * kib, 4 * kib));
    r.r.close();
    r.rig.elements["p"].present = true;
    r.r.open();
    r.rig.recover();
    r.check();
    r.r.close();
    r.rig.elements["p"].present = false;
    r.r.open();
    r.rig.recover();
    REQUIRE_FALSE(r.put(8 * kib, 4 * kib, 0x33));
    CHECK(r.rig.opened->points(element_path("s")).at(0).broken);
}

TEST_CASE("points that break while one is dropped or taken are on record as they are",
          "[runtime][point]")
{
    late_points r;
    REQUIRE_FALSE(r.put(0, 64 * kib, 0x11));
    const std::uint64_t first = r.take(), second = r.take();
    waited_point dropped, taken;
    dropped.number = first;
    r.set.holds = {record_kind::points_in_time};
    r.start_taking(taken);
    r.rig.settle();
    REQUIRE(r.rig.opened->drop_point(element_path("s"), dropped).has_value());
    r.rig.elements.faults("p").add({.kind = io_kind::write});
    owned_op write(4 * kib, 0x22);
    write.prepare_write(0, std::span<const std::byte>(write.data));
    r.front().submit(write);
    r.rig.settle();
    CHECK_FALSE(write.over);
    r.set.let_go();
    r.rig.run_until([&] { return write.over && dropped.over && taken.over; });
    CHECK_FALSE(write.error);
    CHECK_FALSE(dropped.error);
    const auto before = r.rig.opened->points(element_path("s"));
    r.reopen();
    CHECK(r.rig.opened->points(element_path("s")) == before);
    CHECK(before.at(0).number == second);
    for (const point_info& each : before) CHECK(each.broken);
}

TEST_CASE("the number of a point is not used again by the next process", "[runtime][point]")
{
    point_rig r;
    REQUIRE_FALSE(r.put(0, 64 * kib, 0x11));
    r.rig.wait_for(r.rig.mirror("s", "t"), copy_state::synchronized);
    const std::uint64_t number = r.take();
    REQUIRE_FALSE(r.put(0, 4 * kib, 0x22));
    r.drop(number);
    r.reopen();
    CHECK(r.take() == number + 1);
    r.check();
}

TEST_CASE("a pool is neither mirrored nor opened as a volume", "[runtime][point]")
{
    point_rig r;
    (void)r.take();
    waited_op op;
    CHECK(
        r.rig.opened->create_mirror({.source = element_path("s"), .target = element_path("p")}, op)
            .error()
            .code == errc::element_in_use);
    CHECK(r.rig.opened->volume(element_path("p")).error().code == errc::element_in_use);
}

TEST_CASE("a content that is replaced leaves no point that can be read", "[runtime][point]")
{
    scripted_points r({"t"});
    REQUIRE_FALSE(r.put(0, 64 * kib, 0x11));
    REQUIRE(r.rig.request(*r.pairs["t"], operation::split).empty());
    REQUIRE_FALSE(r.put(0, 64 * kib, 0x22));
    // The restore was allowed while there was no point; one is taken before it is on record.
    r.store.holds = {record_kind::relationship_state};
    waited_op restore;
    REQUIRE(r.pairs["t"]->request(operation::restore_from_replica, true, restore).has_value());
    r.rig.settle();
    const std::uint64_t number = r.take();
    r.store.fails = {record_kind::points_in_time};
    r.store.let_go();
    r.rig.run_until([&] { return restore.over; });
    r.rig.settle();
    std::vector<std::byte> data(64 * kib);
    CHECK(r.rig.read(r.point(number), 0, data) == errc::element_not_accessible);
    r.store.fails.clear();
    r.advance(milliseconds(50));
    CHECK(r.points().at(0).broken);
    CHECK(r.reads_as(0, 64 * kib, 0x11));
}
