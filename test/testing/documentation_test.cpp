// test/testing/documentation_test.cpp -- the snippets of docs/testing.md that no example has.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/testing/crash_states.hpp>
#include <cimrep/testing/recorder_device.hpp>
#include <cimrep/testing/simulated_machine.hpp>
#include <cimrep/testing/stamped_host.hpp>

#include "catch.hpp"
#include <cstdio>
#include <utility>

using namespace cimrep;

TEST_CASE("the documented ways to make a disk fail compile and do what is said")
{
    simulated_machine machine({.seed = 5});
    simulated_disk& disk = machine.add({.name = "log", .size_bytes = 1 * mib});
    content_oracle oracle(1, 1 * mib / stamp_sector_bytes);
    // By a script: the second flush fails and loses the cache; block 7 cannot be read.
    disk.add({.fault = disk_fault::flush_loses_cache, .nth = 2});
    disk.make_unreadable(7);
    // By rates: a swarm of the faults that an honest disk may have.
    disk.use(fault_plan_of(5));
    auto device = std::move(disk.open(machine.loop())).value();
    stamped_host host(*device, oracle, 5);
    host.start();
    run_report report = machine.loop().run_until([&] { return host.finished(); }, seconds(60));
    // A stuck operation stays: `report` says which, and the test decides when it is answered.
    if (!report) std::puts(report.queued.c_str());
    while (!report) {
        disk.release_stuck();
        report = machine.loop().run_until([&] { return host.finished(); }, seconds(60));
    }
    REQUIRE(disk.violations().empty());
    REQUIRE_FALSE(host.violation());
    // An earlier content, as of a restored backup or a mirror's forgotten leg.
    const sparse_image yesterday = disk.durable_image();
    disk.come_back_as(yesterday);
    REQUIRE_FALSE(device->alive());
    REQUIRE(disk.statistics().struck_by(disk_fault::flush_loses_cache) >= 1);
}

TEST_CASE("the documented enumeration of crash states compiles and visits")
{
    simulated_machine machine({.seed = 6});
    simulated_disk& disk = machine.add({.size_bytes = 64 * kib});
    auto device = std::move(disk.open(machine.loop())).value();
    const auto my_stack_recovers = [](const sparse_image& image) {
        return image.size_bytes() == 64 * kib;
    };
    const sparse_image before = disk.image();
    power_domain power;
    recorder_device recorder(*device, power);
    content_oracle oracle(1, 64 * kib / stamp_sector_bytes);
    stamped_host host(recorder, oracle, 6, {.operations = 50});
    host.start();
    REQUIRE(machine.loop().run_until([&] { return host.finished(); }));
    recorder.finish();
    const recorded_device recorded{&recorder.log(), &before};
    const auto count =
        for_each_crash_state(std::span(&recorded, 1), {}, [&](const crash_state& state) {
            if (my_stack_recovers(state.images[0])) return true;
            std::puts(state.what.c_str());
            return false;
        });
    REQUIRE(count.visited > 100);
    REQUIRE_FALSE(count.stopped);
}

TEST_CASE("the documented way to find where two runs part compiles")
{
    simulated_loop loop;
    loop.trace().observe(
        [](void*, const trace_event& event) {
            if (event.outcome)
                std::printf(
                    "%lld ns, disk %llu: %s\n", static_cast<long long>(event.time.nanoseconds),
                    static_cast<unsigned long long>(event.device), event.outcome.message().c_str());
        },
        nullptr);
    REQUIRE(loop.trace_hash() == simulated_loop().trace_hash());
}
