// mutants/hunt_test.cpp -- life after life until one goes wrong, for test/mutants/run to read.
// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "environment.hpp"
#include "sim/life.hpp"
#include <cstdio>
#include <cstdlib>
#include <string>

using namespace cimrep;
using namespace cimrep::test;

// Hidden. CIMREP_SIM_WITH is added to each life that is drawn. A life is told before it begins, for
// it may be one that does not end, or ends all.
TEST_CASE("lives of a mutant", "[.][hunt]")
{
    const std::uint64_t first = number_of("CIMREP_SIM_FIRST", 0);
    const std::uint64_t end = first + number_of("CIMREP_SIM_COUNT", 0);
    REQUIRE(first != end);
    const char* const more = std::getenv("CIMREP_SIM_WITH");
    const std::string with = more != nullptr ? more : "";
    for (std::uint64_t seed = first; seed < end; ++seed) {
        const auto drawn = read_life(to_text(draw_life(seed)) + ' ' + with);
        REQUIRE(drawn.has_value());
        const life_options& life = *drawn;
        std::printf("life %s\n", to_text(life).c_str());
        std::fflush(stdout);
        REQUIRE(live(life).wrong == "");
    }
}
