// test/sim/crash_states_test.cpp -- each state that a power loss may leave of a few operations.
// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "environment.hpp"
#include "recorded_life.hpp"
#include <cstdio>
#include <cstdlib>

using namespace cimrep;
using namespace cimrep::test;

namespace {

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

/// Carries out the nth sequence, on a single volume or on a mirror, and goes through its states.
void go_through(std::uint64_t n, state_enumeration& all, std::uint64_t states_max)
{
    // It has no common divisor with the number of sequences: they come mixed, and all come.
    constexpr std::uint64_t stride = 397;
    const std::vector<recorded_step> steps = sequence(n * stride % sequence_count);
    const bool related = n % 4 != 0;
    const bool together = n % 2 != 0;
    recorded_life life(n + 1, related);
    if (life.wrong().empty()) life.record(steps, together);
    if (life.wrong().empty()) life.enumerate(all, states_max);
    if (!life.wrong().empty()) all.wrong = life.wrong();
    if (all.wrong.empty()) return;
    all.wrong = "sequence " + std::to_string(n) + (related ? ", related: " : ": ") +
                to_text(steps) + (together ? ", together" : "") + "\n" + all.wrong;
}

state_enumeration go_through(std::uint64_t states_max)
{
    state_enumeration all;
    for (std::uint64_t n = 0; n < 4 * sequence_count && all.states < states_max; ++n) {
        go_through(n, all, states_max);
        if (!all.wrong.empty()) break;
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
        std::printf(
            "%llu states of %llu cuts in %llu sequences, %llu crashed again in recovery, %llu "
            "recovered by the target alone\n",
            static_cast<unsigned long long>(all.states), static_cast<unsigned long long>(all.cuts),
            static_cast<unsigned long long>(all.sequences),
            static_cast<unsigned long long>(all.crashed_again),
            static_cast<unsigned long long>(all.without_source));
    INFO(all.wrong);
    CHECK(all.wrong.empty());
    CHECK(all.states >= states);
    CHECK(all.crashed_again > 0);
    if (states >= 500) CHECK(all.without_source > 0);
}

// 405: a restore began to overwrite the source while the last record still called it current.
TEST_CASE("sequences of which a state once was not recovered from", "[states]")
{
    for (const std::uint64_t n : {405u}) {
        CAPTURE(n);
        state_enumeration all;
        go_through(n, all, UINT64_MAX);
        CHECK(all.wrong == "");
        CHECK(all.states > 10);
    }
}
