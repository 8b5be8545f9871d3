// test/testing/simulated_machine_test.cpp -- crashes at any I/O, of all disks at one instant.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/testing/simulated_machine.hpp>

#include "disk_bench.hpp"
#include <array>
#include <deque>
#include <memory>

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// Two disks, each with an open device.
struct two_disks {
    simulated_machine machine{{.seed = 9}};
    simulated_disk& a = machine.add({.name = "a", .size_bytes = 64 * block});
    simulated_disk& b = machine.add({.name = "b", .size_bytes = 64 * block});
    std::array<std::unique_ptr<simulated_device>, 2> devices;
    std::deque<ended_op> ops;
    std::vector<std::byte> data = filled(1, 5);

    two_disks() { open(); }
    void open()
    {
        devices = {std::move(a.open(machine.loop())).value(),
                   std::move(b.open(machine.loop())).value()};
    }
    ended_op& write(std::size_t disk, std::uint64_t at)
    {
        ended_op& op = ops.emplace_back();
        op.prepare_write(at * block, std::span(std::as_const(data)));
        devices[disk]->submit(op);
        return op;
    }
    void settle()
    {
        while (machine.loop().next_deadline()) machine.loop().run_once();
    }
};

}  // namespace

TEST_CASE("a machine crashes at the nth I/O over all disks, before that one has any effect")
{
    for (const crash_kind kind : {crash_kind::power_loss, crash_kind::process_kill}) {
        for (std::uint64_t nth = 1; nth <= 6; ++nth) {
            two_disks two;
            fault_plan plan;
            plan.power_loss = {.torn_new_probability = 1.0};
            plan.process_kill = {.zombie_probability = 0.0, .never_probability = 0.0};
            two.machine.use(plan);
            two.machine.crash_at(nth, kind);
            for (std::uint64_t i = 0; i < 6; ++i) {
                two.write(i % 2, i);
                REQUIRE(two.machine.crashed() == (i + 1 >= nth));
            }
            REQUIRE(two.machine.io_count() == nth);
            REQUIRE(two.machine.loop().run_once() == 0);  // halted
            for (const ended_op& op : two.ops) REQUIRE(op.ended == 0);
            two.machine.loop().resume();
            two.settle();
            for (std::uint64_t i = 0; i < 6; ++i) {
                REQUIRE(two.ops[i].ended == 1);
                REQUIRE(two.ops[i].error == gone);
                const auto content = (i % 2 == 0 ? two.a : two.b).image().block(i);
                REQUIRE((content[0] == std::byte{5}) == (i + 1 < nth));
            }
        }
    }
}

TEST_CASE("an I/O that is refused at once is not counted, and a crash can be called off")
{
    two_disks two;
    two.machine.crash_at(2, crash_kind::power_loss);
    two.write(0, 64);  // out of bounds
    two.write(0, 1);
    two.machine.do_not_crash();
    two.write(1, 1);
    REQUIRE(two.machine.io_count() == 2);
    REQUIRE_FALSE(two.machine.crashed());
    two.settle();
    REQUIRE(two.ops[0].error == errc::out_of_bounds);
    REQUIRE_FALSE(two.ops[2].error);
}

TEST_CASE("the next process has a loop of its own, on which time and trace go on from the crash")
{
    two_disks two;
    two.write(0, 1);
    two.settle();
    two.machine.loop().run_for(seconds(5));
    const monotonic_time at = two.machine.loop().now();
    const duration wall_gap = {two.machine.loop().wall_now().nanoseconds - at.nanoseconds};
    two.write(0, 2);
    two.machine.crash(crash_kind::power_loss);
    const std::uint64_t hash = two.machine.trace_hash();
    two.machine.loop().resume();
    two.machine.loop().run_for(seconds(100));  // taking it apart is seen by nobody
    two.devices = {};
    simulated_loop& next = two.machine.restart();
    REQUIRE(&next == &two.machine.loop());
    REQUIRE(next.now() == at);
    REQUIRE(next.wall_now().nanoseconds - next.now().nanoseconds == wall_gap.nanoseconds);
    REQUIRE_FALSE(two.machine.crashed());
    REQUIRE_FALSE(next.halted());
    REQUIRE(two.machine.trace_hash() != hash);
    two.open();
    two.machine.crash_at(1, crash_kind::process_kill);
    two.write(1, 3);
    REQUIRE(two.machine.crashed());
    next.resume();
    two.settle();
}

TEST_CASE("a disk that has vanished takes no part in a crash, and its neighbour does")
{
    two_disks two;
    two.a.vanish();
    two.write(0, 1);
    ended_op& op = two.write(1, 1);
    two.machine.crash(crash_kind::power_loss);
    two.machine.loop().resume();
    two.settle();
    REQUIRE(op.error == gone);
    REQUIRE_FALSE(two.a.present());
    REQUIRE(two.b.present());
    two.devices = {};
    two.machine.restart();
    two.a.come_back();
    two.open();
    ended_op& again = two.write(0, 1);
    two.settle();
    REQUIRE_FALSE(again.error);
}
