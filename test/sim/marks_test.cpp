// test/sim/marks_test.cpp -- each rare path of the library is walked by a life that is kept.
// SPDX-License-Identifier: BSL-1.0
#include "campaign.hpp"
#include "catch.hpp"
#include "environment.hpp"
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// Of each mark the life that is kept for it, or `- and why no life comes there`.
std::map<std::string, std::string> kept_lives()
{
    std::ifstream file(CIMREP_SIM_MARKS);
    REQUIRE(file.is_open());
    std::map<std::string, std::string> all;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line.front() == '#') continue;
        const std::size_t at = line.find(' ');
        REQUIRE(at != std::string::npos);
        CAPTURE(line);
        CHECK(all.emplace(line.substr(0, at), line.substr(at + 1)).second);
    }
    return all;
}

bool is_a_life(const std::string& text)
{
    return text.front() != '-';
}

std::uint64_t hits_of(const std::string& mark)
{
    const auto all = hits_of_marks();
    const auto found = all.find(mark);
    return found == all.end() ? 0 : found->second;
}

}  // namespace

TEST_CASE("each rare path is walked by the life that is kept for it", "[sim]")
{
    if (hits_of_marks().empty()) CIMREP_SKIP("a library that counts which rare paths it walks");
    const auto kept = kept_lives();
    for (const auto& [mark, hits] : hits_of_marks()) {
        INFO(mark << " has no line in test/sim/marks.txt; `test_sim \"[marks]\"` looks for one");
        CHECK(kept.contains(mark));
    }
    for (const auto& [mark, text] : kept) {
        CAPTURE(mark, text);
        CHECK(hits_of_marks().contains(mark));
        if (!is_a_life(text)) continue;
        const auto life = read_life(text);
        REQUIRE(life.has_value());
        const std::uint64_t before = hits_of(mark);
        CHECK(live(*life).wrong == "");
        CHECK(hits_of(mark) > before);
    }
}

// Hidden: prints the file anew, from the lives in it and the seeds that the environment names.
TEST_CASE("a life for each rare path", "[.][marks]")
{
    auto kept = kept_lives();
    const std::uint64_t first = number_of("CIMREP_SIM_FIRST", 1);
    const std::uint64_t count = number_of("CIMREP_SIM_COUNT", 10'000);
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        const auto before = hits_of_marks();
        const life_options life = draw_life(seed);
        REQUIRE(live(life).wrong == "");
        for (const auto& [mark, hits] : hits_of_marks()) {
            const auto known = kept.find(mark);
            const bool has_one = known != kept.end() && is_a_life(known->second);
            if (hits != before.at(mark) && !has_one) kept[mark] = to_text(life);
        }
    }
    for (const auto& [mark, hits] : hits_of_marks())
        kept.emplace(mark, "- no life of " + std::to_string(count) + " comes there");
    for (const auto& [mark, text] : kept) std::printf("%s %s\n", mark.c_str(), text.c_str());
}
