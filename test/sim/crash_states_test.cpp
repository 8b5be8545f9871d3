// test/sim/crash_states_test.cpp -- each state that a power loss may leave of a few operations.
// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "recorded_life.hpp"
#include <cstdio>
#include <cstdlib>

using namespace cimrep;
using namespace cimrep::test;

namespace {

std::uint64_t number_of(const char* name, std::uint64_t otherwise)
{
    const char* text = std::getenv(name);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// The nth sequence of one to three steps.
std::vector<recorded_step> sequence(std::uint64_t n)
{
    std::vector<recorded_step> steps;
    std::uint64_t count = step_count;
    std::size_t length = 1;
    while (n >= count && length < 3) {
        n -= count;
        count *= step_count;
        ++length;
    }
    for (; length > 0; --length) {
        steps.push_back(static_cast<recorded_step>(n % step_count));
        n /= step_count;
    }
    return steps;
}
constexpr std::uint64_t sequence_count = 10 + 100 + 1000;

/// Sequences on a single volume and on a mirror, in an order that mixes them, until there were so
/// many states.
state_enumeration go_through(std::uint64_t states_max)
{
    state_enumeration all;
    // A step that has no common divisor with the number of sequences.
    constexpr std::uint64_t stride = 397;
    for (std::uint64_t i = 0; i < 4 * sequence_count && all.states < states_max; ++i) {
        const std::vector<recorded_step> steps = sequence(i * stride % sequence_count);
        const bool related = i % 4 != 0;
        const bool together = i % 2 != 0;
        recorded_life life(i + 1, related);
        if (life.wrong().empty()) life.record(steps, together);
        if (life.wrong().empty()) life.enumerate(all, states_max);
        if (!life.wrong().empty()) all.wrong = life.wrong();
        if (all.wrong.empty()) continue;
        all.wrong = "sequence " + std::to_string(i) + (related ? ", related: " : ": ") +
                    to_text(steps) + (together ? ", together" : "") + "\n" + all.wrong;
        break;
    }
    return all;
}

}  // namespace

TEST_CASE("each state that a power loss leaves of a few operations is recovered from", "[states]")
{
#if defined(CIMREP_ADDRESS_SANITIZER)
    const std::uint64_t states = number_of("CIMREP_SIM_STATES", 500);
#else
    const std::uint64_t states = number_of("CIMREP_SIM_STATES", 6000);
#endif
    const state_enumeration all = go_through(states);
    if (std::getenv("CIMREP_SIM_STATES") != nullptr)
        std::printf("%llu states of %llu cuts in %llu sequences, %llu crashed again in recovery\n",
                    static_cast<unsigned long long>(all.states),
                    static_cast<unsigned long long>(all.cuts),
                    static_cast<unsigned long long>(all.sequences),
                    static_cast<unsigned long long>(all.crashed_again));
    INFO(all.wrong);
    CHECK(all.wrong.empty());
    CHECK(all.states >= states);
    CHECK(all.crashed_again > 0);
}
