// engine/range_lock_test.cpp -- the lock against the rule that it keeps, over random claims.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/engine/range_lock.hpp>

#include "catch.hpp"
#include <algorithm>
#include <deque>
#include <random>
#include <vector>

using namespace cimrep;

namespace {

bool conflict(const range_lock::node& a, const range_lock::node& b)
{
    const bool shared =
        a.how == range_lock::sharing::shared && b.how == range_lock::sharing::shared;
    return a.extent.overlaps(b.extent) && !shared;
}

/// The rule, written down as slowly as it reads.
struct slow_lock {
    std::vector<range_lock::node*> held;
    std::deque<range_lock::node*> waiting;

    bool free(const range_lock::node& which, const std::deque<range_lock::node*>& earlier) const
    {
        const auto meets = [&](const range_lock::node* other) { return conflict(*other, which); };
        return std::none_of(held.begin(), held.end(), meets) &&
               std::none_of(earlier.begin(), earlier.end(), meets);
    }
    bool acquire(range_lock::node& which)
    {
        const bool now = free(which, waiting);
        if (now)
            held.push_back(&which);
        else
            waiting.push_back(&which);
        return now;
    }
    std::vector<range_lock::node*> release(range_lock::node& which)
    {
        held.erase(std::find(held.begin(), held.end(), &which));
        return regrant();
    }
    std::vector<range_lock::node*> abandon(range_lock::node& which)
    {
        waiting.erase(std::find(waiting.begin(), waiting.end(), &which));
        return regrant();
    }
    std::vector<range_lock::node*> regrant()
    {
        std::vector<range_lock::node*> granted;
        std::deque<range_lock::node*> still;
        for (range_lock::node* each : waiting) {
            if (free(*each, still)) {
                held.push_back(each);
                granted.push_back(each);
            } else {
                still.push_back(each);
            }
        }
        waiting = still;
        return granted;
    }
};

byte_extent random_extent(std::mt19937_64& random)
{
    // Short ones, long ones, and places that fall together in a table of any usual size.
    const std::uint64_t place = random() % 3 == 0 ? (random() % 4) * 64 * mib : 0;
    const std::uint64_t offset = place + random() % 64 * 16 * kib;
    const std::uint64_t length = random() % 8 == 0 ? 1 * mib : (1 + random() % 40) * 4 * kib;
    return {offset, length};
}

}  // namespace

TEST_CASE("claims are granted exactly when nobody earlier and nobody who holds is in the way",
          "[engine][range_lock]")
{
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        std::mt19937_64 random(seed);
        range_lock lock(64, std::pmr::get_default_resource());
        slow_lock slow;
        std::vector<range_lock::node> nodes(64);
        std::vector<range_lock::node*> idle;
        for (range_lock::node& each : nodes) idle.push_back(&each);
        for (int step = 0; step < 2000; ++step) {
            if (!idle.empty() && (slow.held.empty() || random() % 2 == 0)) {
                range_lock::node& which = *idle.back();
                idle.pop_back();
                which.extent = random_extent(random);
                which.how = random() % 2 == 0 ? range_lock::sharing::shared
                                              : range_lock::sharing::exclusive;
                REQUIRE(lock.acquire(which) == slow.acquire(which));
            } else if (!slow.waiting.empty() && random() % 8 == 0) {
                range_lock::node& which = *slow.waiting[random() % slow.waiting.size()];
                range_lock::node_queue granted;
                lock.abandon(which, granted);
                for (range_lock::node* expected : slow.abandon(which))
                    REQUIRE(granted.pop() == expected);
                REQUIRE(granted.empty());
                idle.push_back(&which);
            } else if (random() % 4 == 0) {
                range_lock::node& which = *slow.held[random() % slow.held.size()];
                const std::uint64_t less = random() % (which.extent.length_bytes / 4096) * 4096;
                range_lock::node_queue granted;
                lock.shrink(which, which.extent.offset_bytes + less, granted);
                for (range_lock::node* expected : slow.regrant())
                    REQUIRE(granted.pop() == expected);
                REQUIRE(granted.empty());
            } else {
                range_lock::node& which = *slow.held[random() % slow.held.size()];
                range_lock::node_queue granted;
                lock.release(which, granted);
                for (range_lock::node* expected : slow.release(which))
                    REQUIRE(granted.pop() == expected);
                REQUIRE(granted.empty());
                idle.push_back(&which);
            }
            REQUIRE(lock.held_count() == slow.held.size());
        }
    }
}
