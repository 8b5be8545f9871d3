// mutants/hunt_test.cpp -- life after life until one goes wrong; test/mutants/run reads what it says.
// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "sim/life.hpp"
#include <cstdio>
#include <cstdlib>

using namespace cimrep;
using namespace cimrep::test;

namespace {

std::uint64_t number_of(const char* name)
{
    const char* text = std::getenv(name);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : 0;
}

}  // namespace

// Hidden. Each life is told before it begins, for it may be one that does not end, or ends all.
TEST_CASE("lives of a mutant", "[.][hunt]")
{
    const std::uint64_t first = number_of("CIMREP_SIM_FIRST");
    const std::uint64_t end = first + number_of("CIMREP_SIM_COUNT");
    REQUIRE(first != end);
    for (std::uint64_t seed = first; seed < end; ++seed) {
        life_options life = draw_life(seed);
        life.hazards.set(hazard::older_legs, number_of("CIMREP_SIM_OLDER_LEGS") != 0);
        std::printf("life %s\n", to_text(life).c_str());
        std::fflush(stdout);
        REQUIRE(live(life).wrong == "");
    }
}
