// mutants/hunt_test.cpp -- life after life until one goes wrong, for test/mutants/run to read.
// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "environment.hpp"
#include "mutant_table.hpp"
#include "sim/life.hpp"
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// CIMREP_SIM_WITH is added to each life that is drawn.
life_options life_of(std::uint64_t seed)
{
    const char* const more = std::getenv("CIMREP_SIM_WITH");
    const auto drawn = read_life(to_text(draw_life(seed)) + ' ' + (more != nullptr ? more : ""));
    REQUIRE(drawn.has_value());
    return *drawn;
}

/// CIMREP_SIM_COUNT seeds from CIMREP_SIM_FIRST on; of these, where CIMREP_SIM_REACH names what
/// "where each mutant is reached" has printed, the ones in which the chosen mutant is.
std::vector<std::uint64_t> seeds_to_try()
{
    const std::uint64_t first = number_of("CIMREP_SIM_FIRST", 0);
    const std::uint64_t end = first + number_of("CIMREP_SIM_COUNT", 0);
    REQUIRE(first != end);
    std::vector<std::uint64_t> seeds;
    const char* const reach = std::getenv("CIMREP_SIM_REACH");
    if (reach == nullptr || mutants::chosen == 0) {
        for (std::uint64_t seed = first; seed < end; ++seed) seeds.push_back(seed);
        return seeds;
    }
    std::ifstream file(reach);
    REQUIRE(file.is_open());
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string word;
        if (!(words >> word >> word) || word != mutants::table[mutants::chosen - 1].name) continue;
        for (std::uint64_t seed = 0; words >> seed;)
            if (seed >= first && seed < end) seeds.push_back(seed);
    }
    return seeds;
}

}  // namespace

// Hidden. A life is told before it begins, for it may be one that does not end, or ends all.
TEST_CASE("lives of a mutant", "[.][hunt]")
{
    std::uint64_t reached = 0;
    for (const std::uint64_t seed : seeds_to_try()) {
        const life_options life = life_of(seed);
        std::printf("life %s\n", to_text(life).c_str());
        std::fflush(stdout);
        const std::uint64_t before = mutants::reached[mutants::chosen];
        REQUIRE(live(life).wrong == "");
        reached += mutants::reached[mutants::chosen] != before ? 1 : 0;
    }
    std::printf("lives %llu reached %llu\n",
                static_cast<unsigned long long>(number_of("CIMREP_SIM_COUNT", 0)),
                static_cast<unsigned long long>(reached));
}

// Hidden. A line for each mutant: the seeds whose lives come to a place where it would decide. In
// all others it changes nothing, so that nobody needs to live them with it.
TEST_CASE("where each mutant is reached", "[.][reach]")
{
    std::vector<std::vector<std::uint64_t>> seeds(std::size(mutants::table) + 1);
    for (const std::uint64_t seed : seeds_to_try()) {
        std::fill(std::begin(mutants::reached), std::end(mutants::reached), 0);
        const std::string wrong = live(life_of(seed)).wrong;
        if (!wrong.empty())
            std::printf("wrong %s | %s\n", to_text(life_of(seed)).c_str(), wrong.c_str());
        CHECK(wrong.empty());
        for (std::size_t i = 1; i < seeds.size(); ++i)
            if (mutants::reached[i] != 0) seeds[i].push_back(seed);
    }
    for (std::size_t i = 1; i < seeds.size(); ++i) {
        std::printf("reach %s", std::string(mutants::table[i - 1].name).c_str());
        for (const std::uint64_t seed : seeds[i])
            std::printf(" %llu", static_cast<unsigned long long>(seed));
        std::printf("\n");
    }
}
