// test/space/space_test.cpp -- every state of a mirror of two elements, and every way between them.
// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "environment.hpp"
#include "explorer.hpp"
#include "table_reach.hpp"
#include <algorithm>
#include <cstdio>
#include <iterator>

namespace cimrep::test {

namespace {

constexpr std::size_t states_max = 20000;

using texts = std::vector<std::string>;

template <class Item>
texts missing(const std::set<Item>& wanted, const std::set<Item>& found, auto describe)
{
    texts all;
    for (const Item& each : wanted)
        if (!found.contains(each)) all.push_back(describe(each));
    std::sort(all.begin(), all.end());
    return all;
}

std::string describe(const space_situation& which)
{
    return to_words(which.first, which.second);
}

std::string describe_row(const auto* row, std::string_view name)
{
    std::string text = to_words(row->from, fact::none) + ": " + std::string(name);
    if (row->when != guard::any) text += ", " + std::string(property_of(row->when).name);
    return text;
}

void print(const explorer& all, bool manual)
{
    const explorer::counts& n = all.counted();
    std::printf("%s recovery: %zu states in %zu situations, %llu ways, %llu lives\n",
                manual ? "manual" : "automatic", all.nodes().size(), all.situations().size(),
                static_cast<unsigned long long>(n.edges),
                static_cast<unsigned long long>(n.replays));
    std::printf(
        "  requests: %llu carried out, %llu illegal, %llu not built, %llu refused without "
        "an element, %llu failed with a leg\n",
        static_cast<unsigned long long>(n.accepted), static_cast<unsigned long long>(n.refused),
        static_cast<unsigned long long>(n.not_built), static_cast<unsigned long long>(n.absent),
        static_cast<unsigned long long>(n.failed));
}

/// Explores, and compares what was found with what the table has.
void explore(bool manual, bool each_region)
{
    explorer all(manual, each_region);
    // A sanitizer, which takes many times as long, looks at the beginning only.
    if (const auto few = number_of("CIMREP_SPACE_STATES", 0); few != 0) {
        REQUIRE(all.explore(states_max, static_cast<std::size_t>(few)));
        print(all, manual);
        CHECK(all.wrong() == texts{});
        return;
    }
    REQUIRE(all.explore(states_max));
    CHECK(all.dead_ends([](const view& v) { return v.synchronized(); }) == 0);
    CHECK(all.dead_ends([](const view& v) { return !v.related(); }) == 0);
    all.check_reopening();
    print(all, manual);
    CHECK(all.wrong() == texts{});

    const table_reach table = reach_of_table(manual);
    CHECK(missing(all.situations(), table.situations, describe) == texts{});
    const texts situations = missing(table.situations, all.situations(), describe);
    const texts requests = missing(table.requests, all.request_rows(), [](const request_row* row) {
        return describe_row(row, find_property(row->what)->name);
    });
    const texts events = missing(table.events, all.event_rows(), [](const event_row* row) {
        return describe_row(row, to_name(row->what));
    });
    CHECK(situations == texts{});
    CHECK(requests == texts{});
    CHECK(events == texts{});
}

}  // namespace

TEST_CASE("everything that can happen to a mirror happens as the table says", "[space]")
{
    const bool manual = GENERATE(false, true);
    CAPTURE(manual);
    explore(manual, false);
}

TEST_CASE("the same where hosts write each region", "[.][nightly]")
{
    const bool manual = GENERATE(false, true);
    CAPTURE(manual);
    explore(manual, true);
}

}  // namespace cimrep::test
