// torture/torture_test.cpp -- processes are killed; what they had answered is there.
// SPDX-License-Identifier: BSL-1.0
#include "torture.hpp"

#include "catch.hpp"
#include "environment.hpp"
#include <string>

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// The command that does the same again; the moments of the kills are the system's in part.
std::string again(const torture_options& o)
{
    return "CIMREP_TORTURE_FIRST=" + std::to_string(o.seed) +
           " CIMREP_TORTURE_COUNT=20 CIMREP_TORTURE_ROUNDS=" + std::to_string(o.rounds) +
           " CIMREP_TORTURE_TARGETS=" + std::to_string(o.targets) +
           " CIMREP_TORTURE_COPIES=" + std::to_string(o.copies) +
           " CIMREP_TORTURE_LOOP=" + std::to_string(o.loop_devices) +
           " CIMREP_TORTURE_CACHE=" + std::to_string(o.volatile_cache) +
           " test_torture \"[nightly]\"";
}

void tell_of_caches(const torture_report& report)
{
    const auto print = [](const char* what, std::uint64_t count) {
        std::fprintf(stderr, "%u %s", static_cast<unsigned>(count), what);
    };
    print("of the kills with a power loss, ", report.power_losses);
    print("writes unflushed then, ", report.caches.unflushed);
    print("of them unanswered, ", report.caches.held);
    print("lost, ", report.caches.lost);
    print("torn\n", report.caches.torn);
}

/// What this machine lacks for such a torture, or empty.
std::string missing(const torture_options& options)
{
    const std::string lacking = options.loop_devices ? loop_device::missing() : std::string();
    return lacking.empty() && options.volatile_cache ? volatile_disks::missing() : lacking;
}

torture_report torment(const torture_options& options)
{
    const torture_report report = torture(options).run();
    INFO(report.wrong << "\nagain: " << again(options));
    REQUIRE(report.wrong.empty());
    CHECK(report.kills == options.rounds);
    std::fprintf(stderr,
                 "%u kills, %u of them in recovery, %u operations, %u requests, %u recovered, "
                 "%u comparisons, %u found frozen\n",
                 static_cast<unsigned>(report.kills),
                 static_cast<unsigned>(report.kills_in_recovery),
                 static_cast<unsigned>(report.operations), static_cast<unsigned>(report.requests),
                 static_cast<unsigned>(report.recovered), static_cast<unsigned>(report.comparisons),
                 static_cast<unsigned>(report.frozen));
    if (options.volatile_cache) tell_of_caches(report);
    return report;
}

// Instrumented, reading all those stamps takes long.
#if defined(CIMREP_ADDRESS_SANITIZER)
constexpr unsigned rounds_default = 6;
#else
constexpr unsigned rounds_default = 50;
#endif

}  // namespace

TEST_CASE("what a killed process had answered is in its files", "[torture]")
{
    const auto rounds = static_cast<unsigned>(number_of("CIMREP_TORTURE_ROUNDS", rounds_default));
    const torture_report report = torment({.seed = 1, .rounds = rounds});
    // A torture that misses what it is for does not show it.
    CHECK(report.operations > 0);
    CHECK(report.recovered > 0);
    CHECK(report.comparisons > 0);
}

TEST_CASE("two targets and two copies of the repository outlive kills, on devices", "[torture]")
{
    const auto rounds = static_cast<unsigned>(number_of("CIMREP_TORTURE_ROUNDS", rounds_default));
    const torture_options options{
        .seed = 2, .rounds = rounds, .targets = 2, .copies = 2, .loop_devices = true};
    if (const auto lacking = missing(options); !lacking.empty()) CIMREP_SKIP(lacking);
    const torture_report report = torment(options);
    CHECK(report.operations > 0);
    CHECK(report.recovered > 0);
    CHECK(report.comparisons > 0);
}

TEST_CASE("what a process had flushed outlives it and the power", "[torture][volatile]")
{
    const auto rounds = static_cast<unsigned>(number_of("CIMREP_TORTURE_ROUNDS", rounds_default));
    // A file tells apart a write with FUA from a flush; a loop device is a real one.
    const bool loop_devices = GENERATE(false, true);
    const torture_options options{.seed = 3,
                                  .rounds = rounds,
                                  .targets = loop_devices ? 2u : 1u,
                                  .copies = loop_devices ? 2u : 1u,
                                  .loop_devices = loop_devices,
                                  .volatile_cache = true};
    if (const auto lacking = missing(options); !lacking.empty()) CIMREP_SKIP(lacking);
    const torture_report report = torment(options);
    CHECK(report.operations > 0);
    CHECK(report.recovered > 0);
    CHECK(report.comparisons > 0);
    CHECK(report.power_losses > 0);
    // A few of them may all come while nothing is unflushed.
    if (rounds >= 25) CHECK(report.caches.lost > 0);
}

// Hidden: as many as the environment asks for.
TEST_CASE("tortures by the number", "[.][nightly]")
{
    torture_options options;
    options.rounds = static_cast<unsigned>(number_of("CIMREP_TORTURE_ROUNDS", 100));
    options.targets = static_cast<unsigned>(number_of("CIMREP_TORTURE_TARGETS", 2));
    options.copies = static_cast<unsigned>(number_of("CIMREP_TORTURE_COPIES", 2));
    options.loop_devices = number_of("CIMREP_TORTURE_LOOP", 0) != 0;
    options.volatile_cache = number_of("CIMREP_TORTURE_CACHE", 0) != 0;
    if (const auto lacking = missing(options); !lacking.empty()) CIMREP_SKIP(lacking);
    const std::uint64_t first = number_of("CIMREP_TORTURE_FIRST", 1);
    const std::uint64_t count = number_of("CIMREP_TORTURE_COUNT", 10);
    for (options.seed = first; options.seed < first + count; ++options.seed) torment(options);
}
