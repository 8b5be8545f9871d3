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
           " CIMREP_TORTURE_LOOP=" + std::to_string(o.loop_devices) + " test_torture \"[nightly]\"";
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
    if (const auto missing = loop_device::missing(); !missing.empty()) CIMREP_SKIP(missing);
    const auto rounds = static_cast<unsigned>(number_of("CIMREP_TORTURE_ROUNDS", rounds_default));
    const torture_report report =
        torment({.seed = 2, .rounds = rounds, .targets = 2, .copies = 2, .loop_devices = true});
    CHECK(report.operations > 0);
    CHECK(report.recovered > 0);
    CHECK(report.comparisons > 0);
}

// Hidden: as many as the environment asks for.
TEST_CASE("tortures by the number", "[.][nightly]")
{
    const bool loop_devices = number_of("CIMREP_TORTURE_LOOP", 0) != 0;
    if (const auto missing = loop_device::missing(); loop_devices && !missing.empty())
        CIMREP_SKIP(missing);
    const std::uint64_t first = number_of("CIMREP_TORTURE_FIRST", 1);
    const std::uint64_t count = number_of("CIMREP_TORTURE_COUNT", 10);
    for (std::uint64_t seed = first; seed < first + count; ++seed)
        torment({.seed = seed,
                 .rounds = static_cast<unsigned>(number_of("CIMREP_TORTURE_ROUNDS", 100)),
                 .targets = static_cast<unsigned>(number_of("CIMREP_TORTURE_TARGETS", 2)),
                 .copies = static_cast<unsigned>(number_of("CIMREP_TORTURE_COPIES", 2)),
                 .loop_devices = loop_devices});
}
