// test/sim/crash_test.cpp -- mirrors live, crash and recover; what was acknowledged must be there.
// SPDX-License-Identifier: BSL-1.0
#include "campaign.hpp"
#include "catch.hpp"
#include "environment.hpp"
#include "scarce_memory.hpp"
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

using namespace cimrep;
using namespace cimrep::test;

namespace {

constexpr std::uint64_t lives = 550;

/// As the environment says.
campaign_options asked_for()
{
    const char* const more = std::getenv("CIMREP_SIM_WITH");
    return {.first = number_of("CIMREP_SIM_FIRST", 1),
            .count = number_of("CIMREP_SIM_COUNT", UINT64_MAX),
            .step = number_of("CIMREP_SIM_STEP", 1),
            .seconds = static_cast<double>(number_of("CIMREP_SIM_SECONDS", 60)),
            .floor = number_of("CIMREP_SIM_FLOOR", 0),
            .older_legs = number_of("CIMREP_SIM_OLDER_LEGS", 0) != 0,
            .allocation_failures = number_of("CIMREP_SIM_ALLOCATION_FAILURES", 0) != 0,
            .more = more != nullptr ? more : ""};
}

}  // namespace

TEST_CASE("what hosts and operators were told holds through crashes and faults", "[sim]")
{
    const campaign_report report = run({.first = 1, .count = lives});
    INFO(summary(report));
    REQUIRE(report.wrong.empty());
    // Lives that miss what they are for do not show it.
    CHECK(report.crashed > lives * 9 / 10);
    CHECK(report.seen.recovered > lives);
    CHECK(report.seen.requests > lives);
    CHECK(report.seen.legs_lost > 0);
    CHECK(report.seen.restores > 0);
    CHECK(report.seen.jobs > 0);
    CHECK(report.seen.returns > 0);
    CHECK(report.seen.canceled > lives);
    CHECK(report.seen.late > lives);
    CHECK(report.seen.by_hand > 0);
    CHECK(report.seen.damaged > 0);
    CHECK(report.seen.damage_found > 0);
    CHECK(report.seen.verified > report.seen.different);
    CHECK(report.seen.different > 0);
    CHECK(report.seen.held > 0);
}

TEST_CASE("it holds as well where memory runs out at random", "[sim][memory]")
{
    if (!memory_can_fail()) CIMREP_SKIP("an operator new that fails");
    const campaign_report report =
        run({.first = 1, .count = lives / 2, .allocation_failures = true});
    INFO(summary(report));
    REQUIRE(report.wrong.empty());
    CHECK(report.seen.starved > lives);
}

TEST_CASE("lives that once went wrong", "[sim]")
{
    std::ifstream file(CIMREP_SIM_SEEDS);
    REQUIRE(file.is_open());
    std::uint64_t count = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line.front() == '#') continue;
        CAPTURE(line);
        const auto life = read_life(line.substr(0, line.find('|')));
        REQUIRE(life.has_value());
        INFO(replay(*life));
        CHECK(live(*life).wrong == "");
        ++count;
    }
    CHECK(count > 0);
}

TEST_CASE("the same seed is the same life", "[sim]")
{
    for (std::uint64_t seed = 5001; seed < 5051; ++seed) {
        CAPTURE(seed);
        const std::uint64_t once = live(draw_life(seed)).trace_hash;
        CHECK(once == live(draw_life(seed)).trace_hash);
        CHECK(once != live(draw_life(seed + 1000)).trace_hash);
    }
}

TEST_CASE("a life as text is the same life", "[sim]")
{
    for (std::uint64_t seed = 1; seed < 500; ++seed) {
        const life_options life = draw_life(seed);
        CAPTURE(to_text(life));
        CHECK(read_life(to_text(life)) == life);
    }
    CHECK_FALSE(read_life("seed=x").has_value());
    CHECK_FALSE(read_life("hazards=rain").has_value());
}

TEST_CASE("what fails is made smaller as long as it fails", "[sim]")
{
    life_options life = draw_life(3);
    life.hazards.set(hazard::stuck);
    life.activities.set(activity::restores);
    const life_options small = shrink(
        life, [](const life_options& each) { return each.has(hazard::stuck) && each.crashes > 0; });
    life_options expected = small;
    expected.hazards = {};
    expected.hazards.set(hazard::stuck);
    expected.activities = {};
    expected.crashes = 1;
    CHECK(small == expected);
    CHECK(small.operations < 2);
}

// Hidden: as many as the environment asks for, or as long.
TEST_CASE("lives by the number", "[.][nightly]")
{
    const campaign_report report = run(asked_for());
    std::printf("%s\n%s", summary(report).c_str(), marks().c_str());
    CHECK(report.wrong.empty());
}

// Hidden: the one that CIMREP_SIM_LIFE describes.
TEST_CASE("one life", "[.][life]")
{
    const char* text = std::getenv("CIMREP_SIM_LIFE");
    REQUIRE(text != nullptr);
    const std::string_view line(text);
    const auto life = read_life(line.substr(0, line.find('|')));
    if (!life)
        FAIL(
            "CIMREP_SIM_LIFE is to be a line as the runs print them, or one of test/sim/seeds.txt, "
            "with the names of docs/verification.md; this is none: "
            << line);
    life_world::tells = number_of("CIMREP_SIM_TELL", 0) != 0;
    CHECK(live(*life).wrong == "");
}
