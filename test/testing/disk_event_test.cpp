// test/testing/disk_event_test.cpp -- disks that vanish, return changed, and outlive a process.
// SPDX-License-Identifier: BSL-1.0
#include "disk_bench.hpp"
#include <deque>
#include <set>

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("a disk that vanishes ends what is in flight, and a returned one needs a new device")
{
    disk_bench bench;
    REQUIRE_FALSE(bench.write(0, 1));
    REQUIRE_FALSE(bench.flush());
    const auto data = filled(1, 2);
    ended_op op;
    op.prepare_write(1 * block, std::span(data));
    bench.device->submit(op);
    bench.disk.vanish();
    REQUIRE(op.ended == 0);
    bench.settle();
    REQUIRE(op.ended == 1);
    REQUIRE(op.error == gone);
    REQUIRE_FALSE(bench.disk.present());
    REQUIRE(bench.write(0, 3) == gone);
    REQUIRE(bench.flush() == gone);
    REQUIRE(bench.disk.open(bench.loop).error() == gone);
    bench.disk.come_back();
    REQUIRE(bench.write(0, 3) == gone);
    REQUIRE_FALSE(bench.device->alive());
    bench.reopen();
    REQUIRE(bench.read(0) == 1);
}

TEST_CASE("a disk comes back older, blank, smaller or as another one")
{
    disk_bench bench;
    REQUIRE_FALSE(bench.write(0, 1));
    const sparse_image old = bench.disk.image();
    REQUIRE_FALSE(bench.write(0, 2));
    REQUIRE_FALSE(bench.flush());
    bench.disk.come_back_as(old);
    bench.reopen();
    REQUIRE(bench.read(0) == 1);
    REQUIRE(bench.disk.identity() == "disk");

    bench.disk.resize(32 * block);
    bench.reopen();
    REQUIRE(bench.device->shape().size_bytes == 32 * block);
    REQUIRE(bench.write(32, 1) == errc::out_of_bounds);
    REQUIRE(bench.read(0) == 1);

    bench.disk.come_back_blank("another");
    bench.reopen();
    REQUIRE(bench.read(0) == 0);
    REQUIRE(bench.disk.identity() == "another");
    REQUIRE(bench.disk.name() == "disk");

    simulated_disk other({.name = "other", .size_bytes = 64 * block});
    auto device = std::move(other.open(bench.loop)).value();
    const auto data = filled(1, 7);
    ended_op op;
    op.prepare_write(0, std::span(data));
    device->submit(op);
    REQUIRE(bench.loop.run_until([&] { return op.ended > 0; }));
    ended_op flush;
    flush.prepare_flush();
    device->submit(flush);
    REQUIRE(bench.loop.run_until([&] { return flush.ended > 0; }));
    swap_media(bench.disk, other);
    REQUIRE_FALSE(device->alive());
    bench.reopen();
    REQUIRE(bench.read(0) == 7);
    REQUIRE(bench.disk.identity() == "other");
    REQUIRE(other.identity() == "another");
    // What is acknowledged on the exchanged medium is covered by the next flush as ever.
    REQUIRE_FALSE(bench.write(1, 8));
    REQUIRE_FALSE(bench.flush());
    REQUIRE(bench.durable(1) == 8);
}

TEST_CASE("a flush on an exchanged medium covers no write that completes after its submission")
{
    disk_bench bench;
    for (int i = 0; i < 10; ++i) REQUIRE_FALSE(bench.write(0, 1));
    simulated_disk other({.size_bytes = 64 * block});
    swap_media(bench.disk, other);
    bench.reopen();
    fault_plan plan;
    plan.destage = 0.0;
    plan.late_completion = 0.0;
    bench.disk.use(plan);
    for (std::uint64_t at = 1; at < 4; ++at) {
        const auto data = filled(1, 2);
        ended_op late;
        late.prepare_write(at * block, std::span(data));
        ended_op flush;
        flush.prepare_flush();
        bench.device->submit(late);
        bench.device->submit(flush);
        REQUIRE(bench.loop.run_until([&] { return flush.ended && late.ended; }));
        REQUIRE(bench.durable(at) == 0);
    }
}

TEST_CASE("after a kill the cache is kept, and a write in flight lands now, later or never")
{
    std::set<int> seen;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        disk_bench bench({.size_bytes = 64 * block}, seed);
        REQUIRE_FALSE(bench.write(0, 1));
        const auto data = filled(2, 2);
        ended_op op;
        op.prepare_write(4 * block, std::span(data));
        bench.device->submit(op);
        bench.disk.process_kill({});
        REQUIRE(bench.holds(0) == 1);
        bench.settle();
        REQUIRE(op.ended == 1);
        REQUIRE(op.error == gone);
        const bool now = bench.holds(4) == 2;
        const bool zombie = bench.disk.zombies() == 1;
        REQUIRE_FALSE((now && zombie));
        REQUIRE(bench.disk.statistics().zombies_made == (zombie ? 1u : 0u));
        bench.reopen();
        // The next process has begun to read when the zombie arrives.
        const bool before = bench.read(4) == 2;
        bench.settle();
        const bool after = bench.read(4) == 2;
        REQUIRE(bench.disk.zombies() == 0);
        REQUIRE(after == (now || zombie));
        if (now) REQUIRE(before);
        // For the disk it has ended like any other.
        REQUIRE_FALSE(bench.flush());
        REQUIRE(bench.durable(4) == (after ? 2 : 0));
        seen.insert(now ? 0 : !zombie ? 1 : before ? 2 : 3);
    }
    REQUIRE(seen.count(0) == 1);  // done before it was killed
    REQUIRE(seen.count(1) == 1);  // never
    REQUIRE(seen.count(3) == 1);  // after the next process had read the old content
}

TEST_CASE("what a killed process had in flight is durable after a flush of the next one")
{
    const bool zombie = GENERATE(false, true);
    const bool lands_by_itself = GENERATE(false, true);
    const double late = GENERATE(0.0, 1.0);
    disk_bench bench;
    fault_plan plan;
    plan.late_completion = late;
    plan.destage = 0.0;
    bench.disk.use(plan);
    const auto data = filled(1, 2);
    ended_op op;
    op.prepare_write(4 * block, std::span(data));
    bench.device->submit(op);
    if (late != 0.0) REQUIRE(bench.loop.run_until([&] { return bench.holds(4) == 2; }));
    REQUIRE(op.ended == 0);
    bench.disk.process_kill({.zombie_probability = zombie ? 1.0 : 0.0, .never_probability = 0.0});
    bench.settle();
    if (!lands_by_itself) bench.disk.land_zombies();
    bench.reopen();
    bench.settle();
    REQUIRE(bench.read(4) == 2);
    REQUIRE(bench.durable(4) == 0);
    REQUIRE_FALSE(bench.flush());
    REQUIRE(bench.durable(4) == 2);
}

TEST_CASE("a zombie waits for the next open, can be made to land, and dies with the power")
{
    const process_kill_options always{.zombie_probability = 1.0};
    disk_bench bench;
    const auto data = filled(1, 2);
    const auto killed_write = [&](std::uint64_t at) {
        ended_op op;
        op.prepare_write(at * block, std::span(data));
        bench.device->submit(op);
        bench.disk.process_kill(always);
        bench.settle();
        REQUIRE(op.error == gone);
    };
    killed_write(0);
    bench.loop.run_for(seconds(10));
    REQUIRE(bench.disk.zombies() == 1);
    REQUIRE(bench.holds(0) == 0);
    bench.disk.land_zombies();
    REQUIRE(bench.disk.zombies() == 0);
    REQUIRE(bench.holds(0) == 2);
    REQUIRE(bench.disk.statistics().zombies_landed == 1);

    bench.reopen();
    killed_write(1);
    bench.disk.power_loss({.torn_new_probability = 0.0});
    REQUIRE(bench.disk.zombies() == 0);
    bench.reopen();
    bench.settle();
    REQUIRE(bench.read(1) == 0);
}

TEST_CASE("a zombie lives through several processes, one of which never waits for it")
{
    disk_bench bench;
    const auto data = filled(1, 2);
    ended_op op;
    op.prepare_write(0, std::span(data));
    bench.device->submit(op);
    bench.disk.process_kill({.zombie_probability = 1.0, .zombie_delay_greatest = seconds(50)});
    bench.settle();
    for (int i = 0; i < 3; ++i) {
        bench.reopen();
        bench.disk.process_kill({});
        REQUIRE(bench.disk.zombies() == 1);
    }
    bench.device.reset();
    {
        simulated_loop another;
        auto device = std::move(bench.disk.open(another)).value();
        REQUIRE(another.next_deadline().has_value());
        device.reset();
        REQUIRE_FALSE(another.next_deadline().has_value());
    }
    bench.reopen();
    bench.settle();
    REQUIRE(bench.holds(0) == 2);
}

TEST_CASE("a stuck operation of a killed process does not keep its caller")
{
    disk_bench bench;
    bench.disk.add({.fault = disk_fault::stuck});
    const auto data = filled(1, 2);
    ended_op op;
    op.prepare_write(0, std::span(data));
    bench.device->submit(op);
    bench.disk.process_kill({.zombie_probability = 1.0});
    bench.settle();
    REQUIRE(op.error == gone);
    REQUIRE(bench.disk.stuck() == 0);
    REQUIRE(bench.disk.zombies() == 1);
    bench.disk.land_zombies();
    REQUIRE(bench.holds(0) == 2);
}

TEST_CASE("two devices of one disk see one content, and both end with it")
{
    disk_bench bench;
    auto second = std::move(bench.disk.open(bench.loop)).value();
    REQUIRE_FALSE(bench.write(0, 4));
    std::vector<std::byte> into(block);
    ended_op op;
    op.prepare_read(0, std::span(into));
    second->submit(op);
    REQUIRE(bench.loop.run_until([&] { return op.ended > 0; }));
    REQUIRE(into == filled(1, 4));
    bench.disk.power_loss({});
    REQUIRE_FALSE(second->alive());
    REQUIRE_FALSE(bench.device->alive());
}

TEST_CASE("what another machine scribbles is durable and known to nobody")
{
    disk_bench bench;
    REQUIRE_FALSE(bench.write(0, filled(2, 1)));
    bench.disk.scribble(0, filled(1, 9));
    REQUIRE(bench.read(0) == 9);
    bench.disk.power_loss({.survival = cache_survival::all});
    REQUIRE(bench.holds(0) == 9);
    REQUIRE(bench.holds(1) == 1);
}
