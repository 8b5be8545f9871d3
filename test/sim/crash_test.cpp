// test/sim/crash_test.cpp -- mirrors live, crash and recover; what was acknowledged must be there.
// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "mirror_life.hpp"
#include <cstdlib>
#include <string>

using namespace cimrep;
using namespace cimrep::test;

namespace {

#if defined(CIMREP_ADDRESS_SANITIZER)
constexpr std::uint64_t every = 10;
#else
constexpr std::uint64_t every = 1;
#endif

std::uint64_t number_of(const char* name, std::uint64_t otherwise)
{
    const char* text = std::getenv(name);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// The command that lives this life again.
std::string replay(const life_options& o)
{
    return "CIMREP_SIM_FIRST=" + std::to_string(o.seed) +
           " CIMREP_SIM_COUNT=1 CIMREP_SIM_TARGETS=" + std::to_string(o.targets) +
           " CIMREP_SIM_CRASHES=" + std::to_string(o.crashes) +
           " CIMREP_SIM_COPIES=" + std::to_string(o.copies) +
           " CIMREP_SIM_FAULTS=" + std::to_string(o.faults) +
           " CIMREP_SIM_LARGE=" + std::to_string(o.large) + " test_sim \"[nightly]\"";
}

void live(std::uint64_t first, std::uint64_t count, life_options options)
{
    std::uint64_t crashes = 0, requests = 0, recovered = 0, lost = 0;
    for (std::uint64_t seed = first; seed < first + count; seed += every) {
        CAPTURE(seed);
        options.seed = seed;
        const life_report report = mirror_life(options).run();
        INFO(report.wrong << "\nagain: " << replay(options));
        REQUIRE(report.wrong.empty());
        crashes += report.crashes;
        requests += report.requests;
        recovered += report.recovered;
        lost += report.legs_lost;
    }
    // A test whose lives miss what they are for does not show it.
    INFO(crashes << " crashes, " << requests << " requests, " << recovered << " recovered, " << lost
                 << " legs lost");
    CHECK(crashes >= count / every);
    CHECK(requests > 0);
    if (count / every > 10) CHECK(recovered > count / every / 2);
    if (options.faults && count / every > 10) CHECK(lost > 0);
}

}  // namespace

TEST_CASE("what a host was told of a mirror holds after each crash", "[sim]")
{
    live(1, 60, {});
}

TEST_CASE("two targets and two copies of the repository come through crashes", "[sim]")
{
    live(1001, 40, {.targets = 2, .copies = 2});
}

TEST_CASE("legs that fail come through crashes too", "[sim]")
{
    live(2001, 40, {.targets = 2, .faults = true});
}

TEST_CASE("maps outlive a process whose hot set was too small for its host", "[sim]")
{
    live(3001, 25, {.large = true});
    live(3101, 15, {.targets = 2, .faults = true, .large = true});
}

TEST_CASE("the same seed is the same life", "[sim]")
{
    const auto once = mirror_life({.seed = 7}).run();
    const auto again = mirror_life({.seed = 7}).run();
    CHECK(once.trace_hash == again.trace_hash);
    CHECK(once.trace_hash != mirror_life({.seed = 8}).run().trace_hash);
}

// Hidden: as many as the environment asks for.
TEST_CASE("lives by the number", "[.][nightly]")
{
    live(number_of("CIMREP_SIM_FIRST", 1), number_of("CIMREP_SIM_COUNT", 1000),
         {.targets = static_cast<unsigned>(number_of("CIMREP_SIM_TARGETS", 1)),
          .crashes = static_cast<unsigned>(number_of("CIMREP_SIM_CRASHES", 3)),
          .copies = static_cast<unsigned>(number_of("CIMREP_SIM_COPIES", 1)),
          .faults = number_of("CIMREP_SIM_FAULTS", 0) != 0,
          .large = number_of("CIMREP_SIM_LARGE", 0) != 0});
}
