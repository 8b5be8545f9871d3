// test/testing/volatile_cache_test.cpp -- what a flush covers, and what a power loss leaves.
// SPDX-License-Identifier: BSL-1.0
#include "disk_bench.hpp"
#include <algorithm>
#include <array>
#include <deque>
#include <set>

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// No destaging by chance, and no time between an effect and its end.
fault_plan plain_plan()
{
    fault_plan plan;
    plan.late_completion = 0.0;
    plan.destage = 0.0;
    return plan;
}

/// The blocks that survive when four single-block writes were acknowledged and not flushed.
std::set<int> survivors(cache_survival survival, std::uint64_t seed)
{
    disk_bench bench({.size_bytes = 64 * block}, seed);
    bench.disk.use(plain_plan());
    for (int i = 0; i < 4; ++i) REQUIRE_FALSE(bench.write(std::uint64_t(i), 9));
    bench.disk.power_loss({.survival = survival});
    std::set<int> alive;
    for (int i = 0; i < 4; ++i)
        if (bench.holds(std::uint64_t(i)) == 9) alive.insert(i);
    return alive;
}

}  // namespace

TEST_CASE("an acknowledged write is read back and not durable before a flush")
{
    disk_bench bench;
    bench.disk.use(plain_plan());
    REQUIRE_FALSE(bench.write(3, 1));
    REQUIRE(bench.read(3) == 1);
    REQUIRE(bench.durable(3) == 0);
    REQUIRE(bench.disk.cached_blocks() == 1);
    REQUIRE_FALSE(bench.flush());
    REQUIRE(bench.durable(3) == 1);
    REQUIRE(bench.disk.cached_blocks() == 0);
}

TEST_CASE("without a volatile cache a completed write is durable")
{
    disk_bench bench({.size_bytes = 64 * block, .volatile_cache = false});
    REQUIRE_FALSE(bench.write(3, 1));
    REQUIRE(bench.durable(3) == 1);
    bench.disk.power_loss({.survival = cache_survival::none});
    REQUIRE(bench.holds(3) == 1);
}

TEST_CASE("a write with fua is durable, and what was cached before does not come back over it")
{
    disk_bench bench;
    bench.disk.use(plain_plan());
    REQUIRE_FALSE(bench.write(3, 1));
    REQUIRE_FALSE(bench.write(4, 1));
    REQUIRE_FALSE(bench.write(3, filled(1, 2), true));
    REQUIRE(bench.durable(3) == 2);
    REQUIRE(bench.durable(4) == 0);
    bench.disk.power_loss({.survival = cache_survival::all});
    REQUIRE(bench.holds(3) == 2);
    REQUIRE(bench.holds(4) == 1);
}

TEST_CASE("a flush covers what had completed when it was submitted, and not what completed later")
{
    bool later_was_lost = false;
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        disk_bench bench({.size_bytes = 64 * block}, seed);
        bench.disk.use(plain_plan());
        REQUIRE_FALSE(bench.write(0, 1));
        const auto data = filled(1, 2);
        ended_op late;
        late.prepare_write(1 * block, std::span(data));
        ended_op flush;
        flush.prepare_flush();
        bench.device->submit(late);
        bench.device->submit(flush);
        REQUIRE(bench.loop.run_until([&] { return flush.ended && late.ended; }));
        REQUIRE(bench.durable(0) == 1);
        // The write was in flight when the flush was submitted: it is acknowledged, and not safe.
        REQUIRE(bench.durable(1) == 0);
        bench.disk.power_loss({.survival = cache_survival::none});
        REQUIRE(bench.holds(0) == 1);
        later_was_lost = later_was_lost || bench.holds(1) == 0;
    }
    REQUIRE(later_was_lost);
}

TEST_CASE("a flush that is in flight when the power goes has promised nothing")
{
    disk_bench bench;
    bench.disk.use(plain_plan());
    REQUIRE_FALSE(bench.write(0, 1));
    ended_op flush;
    flush.prepare_flush();
    bench.device->submit(flush);
    bench.disk.power_loss({.survival = cache_survival::none});
    bench.settle();
    REQUIRE(flush.ended == 1);
    REQUIRE(flush.error == gone);
    REQUIRE(bench.holds(0) == 0);
}

TEST_CASE("a power loss keeps all, none, a prefix, a suffix, the newest or the oldest write")
{
    std::set<std::set<int>> prefixes;
    std::set<std::set<int>> suffixes;
    std::set<std::set<int>> any;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        REQUIRE(survivors(cache_survival::all, seed) == std::set<int>{0, 1, 2, 3});
        REQUIRE(survivors(cache_survival::none, seed).empty());
        REQUIRE(survivors(cache_survival::newest_only, seed) == std::set<int>{3});
        REQUIRE(survivors(cache_survival::oldest_only, seed) == std::set<int>{0});
        prefixes.insert(survivors(cache_survival::prefix, seed));
        suffixes.insert(survivors(cache_survival::suffix, seed));
        any.insert(survivors(cache_survival::independent, seed));
    }
    REQUIRE(prefixes == std::set<std::set<int>>{{}, {0}, {0, 1}, {0, 1, 2}, {0, 1, 2, 3}});
    REQUIRE(suffixes == std::set<std::set<int>>{{}, {3}, {2, 3}, {1, 2, 3}, {0, 1, 2, 3}});
    REQUIRE(any.size() == 16);
}

TEST_CASE(
    "of two unflushed writes to one block a power loss leaves the older, the newer or neither")
{
    std::set<unsigned> seen;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        disk_bench bench({.size_bytes = 64 * block}, seed);
        bench.disk.use(plain_plan());
        REQUIRE_FALSE(bench.write(0, 1));
        REQUIRE_FALSE(bench.write(0, 2));
        bench.disk.power_loss({});
        seen.insert(bench.holds(0));
    }
    REQUIRE(seen == std::set<unsigned>{0, 1, 2});
}

TEST_CASE("the blocks of one cached write survive independently")
{
    std::set<std::pair<unsigned, unsigned>> seen;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        disk_bench bench({.size_bytes = 64 * block}, seed);
        bench.disk.use(plain_plan());
        REQUIRE_FALSE(bench.write(0, filled(2, 1)));
        bench.disk.power_loss({});
        seen.insert({bench.holds(0), bench.holds(1)});
    }
    REQUIRE(seen.size() == 4);
}

TEST_CASE("a write in flight at a power loss is torn: old, new, unreadable or garbage by block")
{
    std::array<bool, 4> seen{};
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        disk_bench bench({.size_bytes = 64 * block}, seed);
        bench.disk.use(plain_plan());
        REQUIRE_FALSE(bench.write(0, filled(8, 1)));
        REQUIRE_FALSE(bench.flush());
        const auto data = filled(8, 2);
        ended_op op;
        op.fua = true;  // promises nothing before its end
        op.prepare_write(0, std::span(data));
        bench.device->submit(op);
        bench.disk.power_loss(
            {.torn_unreadable_probability = 0.2, .torn_garbage_probability = 0.2});
        bench.settle();
        REQUIRE(op.error == gone);
        for (std::uint64_t at = 0; at < 8; ++at) {
            const auto content = bench.disk.image().block(at);
            const auto all = [&](unsigned char value) {
                return std::ranges::all_of(content,
                                           [&](std::byte b) { return b == std::byte{value}; });
            };
            if (bench.disk.is_unreadable(at))
                seen[0] = true;
            else
                seen[all(1) ? 1 : all(2) ? 2 : 3] = true;
        }
        REQUIRE(std::ranges::equal(bench.disk.image().block(8), filled(1, 0)));
    }
    REQUIRE(seen == std::array<bool, 4>{true, true, true, true});
}

TEST_CASE("what a power loss left is durable: a second one changes nothing")
{
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        disk_bench bench({.size_bytes = 64 * block}, seed);
        for (std::uint64_t i = 0; i < 32; ++i) REQUIRE_FALSE(bench.write(i % 16, 1 + i % 200));
        bench.disk.power_loss({});
        const std::uint64_t left = bench.disk.image().content_hash();
        bench.disk.power_loss({});
        REQUIRE(bench.disk.image().content_hash() == left);
    }
}

TEST_CASE("a disk destages cached blocks by itself, and the oldest when its cache is full")
{
    fault_plan plan = plain_plan();
    plan.destage = 0.5;
    disk_bench bench;
    bench.disk.use(plan);
    for (std::uint64_t i = 0; i < 40; ++i) REQUIRE_FALSE(bench.write(i, 7));
    REQUIRE(bench.disk.cached_blocks() < 40);
    REQUIRE(bench.disk.cached_blocks() > 0);
    disk_bench small({.size_bytes = 64 * block, .cache_blocks_max = 8});
    small.disk.use(plain_plan());
    for (std::uint64_t i = 0; i < 40; ++i) REQUIRE_FALSE(small.write(i, 7));
    REQUIRE(small.disk.cached_blocks() == 8);
    REQUIRE(small.durable(31) == 7);
    REQUIRE(small.durable(32) == 0);
}

TEST_CASE("reads see the newest content, whatever is flushed, destaged or dropped beside it")
{
    // A plain model beside the disk, over many seeds; failed flushes leave old or new.
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        disk_bench bench({.size_bytes = 16 * block, .cache_blocks_max = 6}, seed);
        fault_plan plan;
        plan.destage = 0.3;
        bench.disk.use(plan);
        seeded_random random(seed);
        std::array<unsigned char, 16> model{};
        for (int i = 0; i < 100; ++i) {
            const std::uint64_t at = random.below(16);
            const auto value = static_cast<unsigned char>(1 + random.below(255));
            if (random.chance(0.2)) REQUIRE_FALSE(bench.flush());
            REQUIRE_FALSE(bench.write(at, filled(1, value), random.chance(0.2)));
            model[at] = value;
            const std::uint64_t other = random.below(16);
            REQUIRE(bench.read(other) == model[other]);
        }
        REQUIRE_FALSE(bench.flush());
        for (std::uint64_t at = 0; at < 16; ++at) REQUIRE(bench.durable(at) == model[at]);
    }
}

TEST_CASE("operations overtake each other within the bounds of the latency")
{
    disk_bench bench;
    fault_plan plan = plain_plan();
    plan.latency_least = milliseconds(1);
    plan.latency_greatest = milliseconds(5);
    bench.disk.use(plan);
    struct timed_op : ended_op {
        std::vector<int>* order = nullptr;
        int number = 0;
        simulated_loop* on = nullptr;
        monotonic_time at{};
    };
    std::vector<int> order;
    std::deque<timed_op> ops(30);
    const auto data = filled(1, 1);
    const monotonic_time start = bench.loop.now();
    for (std::size_t i = 0; i < ops.size(); ++i) {
        ops[i].order = &order;
        ops[i].number = int(i);
        ops[i].on = &bench.loop;
        ops[i].done = [](io_op& op, error_code) noexcept {
            auto& self = static_cast<timed_op&>(op);
            self.order->push_back(self.number);
            self.at = self.on->now();
        };
        ops[i].prepare_write(i * block, std::span(data));
        bench.device->submit(ops[i]);
    }
    REQUIRE(bench.loop.run_until([&] { return order.size() == ops.size(); }));
    REQUIRE_FALSE(std::ranges::is_sorted(order));
    for (const timed_op& op : ops) {
        REQUIRE(op.at >= start + milliseconds(1));
        REQUIRE(op.at <= start + milliseconds(5));
    }
}
