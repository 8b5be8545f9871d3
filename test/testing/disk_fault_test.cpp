// test/testing/disk_fault_test.cpp -- each fault happens, and is what it claims to be.
// SPDX-License-Identifier: BSL-1.0
#include "disk_bench.hpp"
#include <algorithm>
#include <array>
#include <bit>
#include <deque>
#include <set>

using namespace cimrep;
using namespace cimrep::test;

namespace {

bool is_old_or_new(const disk_bench& bench, std::uint64_t at, unsigned char old, unsigned char now)
{
    const auto content = bench.disk.image().block(at);
    return std::ranges::equal(content, filled(1, old)) ||
           std::ranges::equal(content, filled(1, now));
}

}  // namespace

TEST_CASE("a transient error strikes once; each block of the write is old or new")
{
    std::set<int> new_blocks;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        disk_bench bench({.size_bytes = 64 * block}, seed);
        bench.disk.add({.fault = disk_fault::transient_error, .kind = io_kind::write, .nth = 2});
        REQUIRE_FALSE(bench.write(0, filled(4, 1)));
        REQUIRE(bench.write(0, filled(4, 2)) == io_error);
        int count = 0;
        for (std::uint64_t at = 0; at < 4; ++at) {
            REQUIRE(is_old_or_new(bench, at, 1, 2));
            count += bench.holds(at) == 2;
        }
        new_blocks.insert(count);
        REQUIRE_FALSE(bench.write(0, filled(4, 3)));
        REQUIRE(bench.holds(3) == 3);
        REQUIRE(bench.disk.statistics().struck_by(disk_fault::transient_error) == 1);
    }
    REQUIRE(new_blocks.size() > 2);
}

TEST_CASE("a transient error strikes reads and flushes with the error that the rule gives")
{
    disk_bench bench;
    REQUIRE_FALSE(bench.write(0, 1));
    bench.disk.add({.fault = disk_fault::transient_error,
                    .kind = io_kind::flush,
                    .error = std::make_error_code(std::errc::no_space_on_device)});
    REQUIRE(bench.flush() == std::errc::no_space_on_device);
    REQUIRE_FALSE(bench.flush());
    REQUIRE(bench.durable(0) == 1);
    bench.disk.add({.fault = disk_fault::transient_error, .kind = io_kind::read});
    std::vector<std::byte> into(block);
    REQUIRE(bench.read(0, into) == io_error);
    REQUIRE(bench.read(0) == 1);
}

TEST_CASE("a permanent error lasts for its kind until faults are forgotten")
{
    disk_bench bench;
    bench.disk.add({.fault = disk_fault::permanent_error, .kind = io_kind::write, .nth = 2});
    REQUIRE_FALSE(bench.write(0, 1));
    for (int i = 0; i < 3; ++i) REQUIRE(bench.write(0, 2) == io_error);
    REQUIRE_FALSE(bench.flush());
    bench.reopen();
    REQUIRE(bench.write(0, 2) == io_error);
    bench.disk.forget_faults();
    REQUIRE_FALSE(bench.write(0, 3));
    REQUIRE(bench.read(0) == 3);
}

TEST_CASE("a latent sector cannot be read, through restarts, until it is written again")
{
    disk_bench bench;
    REQUIRE_FALSE(bench.write(8, filled(4, 1)));
    bench.disk.add({.fault = disk_fault::latent_sector, .extent = {8 * block, 4 * block}});
    std::vector<std::byte> into(4 * block);
    REQUIRE(bench.read(8, into) == io_error);
    std::uint64_t bad = 0;
    for (std::uint64_t at = 8; at < 12; ++at)
        if (bench.disk.is_unreadable(at)) bad = at;
    REQUIRE(bad >= 8);
    for (std::uint64_t at = 8; at < 12; ++at)
        if (at != bad) REQUIRE(bench.read(at) == 1);
    bench.disk.power_loss({.survival = cache_survival::all});
    bench.reopen();
    into.resize(block);
    REQUIRE(bench.read(bad, into) == io_error);
    REQUIRE_FALSE(bench.write(bad, 5));
    REQUIRE(bench.read(bad) == 5);
}

TEST_CASE("a short transfer does its first blocks, and says how much")
{
    std::set<std::uint64_t> lengths;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        disk_bench bench({.size_bytes = 64 * block}, seed);
        bench.disk.add({.fault = disk_fault::short_transfer, .times = 2});
        const auto data = filled(4, 7);
        ended_op op;
        op.prepare_write(0, std::span(data));
        REQUIRE(bench.run(op) == errc::short_transfer);
        REQUIRE(op.transferred_bytes < 4 * block);
        REQUIRE(op.transferred_bytes % block == 0);
        for (std::uint64_t at = 0; at < 4; ++at)
            REQUIRE(bench.holds(at) == (at * block < op.transferred_bytes ? 7 : 0));
        lengths.insert(op.transferred_bytes);
        std::vector<std::byte> into(4 * block);
        ended_op read;
        read.prepare_read(0, std::span(into));
        REQUIRE(bench.run(read) == errc::short_transfer);
        REQUIRE(read.transferred_bytes < 4 * block);
        REQUIRE(bench.read(0) == bench.holds(0));
    }
    REQUIRE(lengths.size() == 4);
}

TEST_CASE("a stuck operation is not answered, by time, cancel or deadline, until it is released")
{
    disk_bench bench;
    bench.disk.add({.fault = disk_fault::stuck});
    const auto data = filled(1, 1);
    ended_op op;
    op.deadline = bench.loop.now() + seconds(1);
    op.prepare_write(0, std::span(data));
    bench.device->submit(op);
    const run_report report = bench.loop.run_until([&] { return op.ended > 0; }, seconds(100));
    REQUIRE(report.end == run_end::idle);
    REQUIRE_THAT(report.queued,
                 Catch::Matchers::ContainsSubstring("write at 0 of 512 bytes (stuck)"));
    bench.device->cancel(op);
    bench.settle();
    REQUIRE(op.ended == 0);
    REQUIRE(bench.disk.stuck() == 1);
    REQUIRE(bench.read(0) == 0);
    REQUIRE(bench.disk.release_stuck() == 1);
    REQUIRE(bench.loop.run_until([&] { return op.ended > 0; }));
    REQUIRE(op.error == errc::deadline_exceeded);
    REQUIRE(bench.read(0) == 1);
}

TEST_CASE("a disk may let stuck operations be cancelled, and their deadline end them")
{
    disk_bench bench({.size_bytes = 64 * block, .cancel_stuck = true});
    bench.disk.add({.fault = disk_fault::stuck, .times = 2});
    const auto data = filled(1, 1);
    ended_op late;
    late.deadline = bench.loop.now() + seconds(1);
    late.prepare_write(0, std::span(data));
    ended_op op;
    op.prepare_write(0, std::span(data));
    bench.device->submit(late);
    bench.device->submit(op);
    bench.device->cancel(op);
    REQUIRE(bench.loop.run_until([&] { return op.ended > 0; }));
    REQUIRE(op.error == std::errc::operation_canceled);
    REQUIRE(late.ended == 0);
    REQUIRE(bench.loop.run_until([&] { return late.ended > 0; }));
    REQUIRE(late.error == errc::deadline_exceeded);
}

TEST_CASE("a slow operation takes longer than the latency")
{
    disk_bench bench;
    bench.disk.add({.fault = disk_fault::slow, .times = 5});
    const monotonic_time start = bench.loop.now();
    for (int i = 0; i < 5; ++i) REQUIRE_FALSE(bench.write(0, 1));
    REQUIRE(bench.loop.now() > start + milliseconds(100));
    REQUIRE(bench.loop.now() < start + seconds(6));
}

TEST_CASE("a failed flush can lose the cache, and a second flush succeeds without the data")
{
    disk_bench bench;
    REQUIRE_FALSE(bench.write(0, 1));
    REQUIRE_FALSE(bench.flush());
    REQUIRE_FALSE(bench.write(0, 2));
    REQUIRE_FALSE(bench.write(1, 2));
    bench.disk.add({.fault = disk_fault::flush_loses_cache});
    REQUIRE(bench.flush() == io_error);
    REQUIRE_FALSE(bench.flush());
    REQUIRE(bench.read(0) == 1);
    REQUIRE(bench.read(1) == 0);
    REQUIRE(bench.disk.statistics().blocks_lost == 2);
}

TEST_CASE("a failed write-back is reported by the next flush, and by that one only")
{
    disk_bench bench;
    bench.disk.add({.fault = disk_fault::write_back_failure, .nth = 2});
    REQUIRE_FALSE(bench.write(0, 1));
    REQUIRE_FALSE(bench.write(1, 2));  // acknowledged; one of the two is given up
    REQUIRE(bench.flush() == io_error);
    REQUIRE_FALSE(bench.flush());
    const int kept = (bench.durable(0) == 1) + (bench.durable(1) == 2);
    REQUIRE(kept <= 1);
    REQUIRE(bench.read(0) == bench.durable(0));
    REQUIRE(bench.read(1) == bench.durable(1));
}

TEST_CASE("a failed write-back can be seen before the flush that reports it")
{
    disk_bench bench;
    bench.disk.use(fault_plan{.early_loss = 1.0});
    REQUIRE_FALSE(bench.write(0, 1));
    REQUIRE_FALSE(bench.flush());
    REQUIRE_FALSE(bench.write(0, 2));
    REQUIRE_FALSE(bench.disk.has_untold_loss());
    bench.disk.add({.fault = disk_fault::write_back_failure});
    REQUIRE_FALSE(bench.write(1, 3));  // acknowledged; the other one is given up
    // What the write itself has brought is not lost before it is acknowledged.
    const bool lost = bench.disk.has_untold_loss();
    REQUIRE(bench.read(0) == (lost ? 1 : 2));
    REQUIRE(bench.read(1) == 3);
    REQUIRE(bench.flush() == io_error);
    REQUIRE_FALSE(bench.disk.has_untold_loss());
    REQUIRE_FALSE(bench.flush());
    REQUIRE(bench.read(0) == bench.durable(0));
    REQUIRE(bench.disk.statistics().blocks_lost == 1);
}

TEST_CASE("a capability that is lost is announced no more, and data stays as it was")
{
    disk_bench bench;
    bench.disk.add({.fault = disk_fault::capability_lost, .kind = io_kind::discard, .nth = 2});
    bench.disk.add({.fault = disk_fault::capability_lost,
                    .kind = io_kind::write_zeroes,
                    .error = std::make_error_code(std::errc::operation_not_supported)});
    REQUIRE_FALSE(bench.write(0, filled(4, 1)));
    REQUIRE_FALSE(bench.discard(3, 1));
    REQUIRE(bench.device->shape().discard_granularity_bytes != 0);
    REQUIRE(bench.discard(0, 1) == errc::not_supported);
    REQUIRE(bench.device->shape().discard_granularity_bytes == 0);
    REQUIRE_FALSE(bench.device->shape().discard_reads_zeros);
    REQUIRE(bench.discard(0, 1) == errc::not_supported);
    REQUIRE(bench.zeroes(1, 1) == std::errc::operation_not_supported);
    REQUIRE(bench.zeroes(1, 1) == errc::not_supported);
    REQUIRE(bench.read(0) == 1);
    REQUIRE(bench.read(1) == 1);
    bench.reopen();
    REQUIRE(bench.device->shape().discard_granularity_bytes == 0);
}

TEST_CASE("bit rot changes one bit on the medium and no return code")
{
    disk_bench bench;
    REQUIRE_FALSE(bench.write(0, filled(4, 0)));
    REQUIRE_FALSE(bench.flush());
    bench.disk.add({.fault = disk_fault::bit_rot, .kind = io_kind::read});
    std::vector<std::byte> into(4 * block);
    REQUIRE_FALSE(bench.read(0, into));
    int bits = 0;
    for (const std::byte each : into) bits += std::popcount(static_cast<unsigned char>(each));
    REQUIRE(bits == 1);
    std::vector<std::byte> again(4 * block);
    REQUIRE_FALSE(bench.read(0, again));
    REQUIRE(again == into);
    bench.disk.power_loss({});
    bench.reopen();
    REQUIRE_FALSE(bench.read(0, again));
    REQUIRE(again == into);
}

TEST_CASE("a misdirected write leaves its own place old and lies somewhere else")
{
    disk_bench bench;
    bench.disk.add({.fault = disk_fault::misdirected_write});
    REQUIRE_FALSE(bench.write(8, 1));
    REQUIRE(bench.holds(8) == 0);
    int found = 0;
    for (std::uint64_t at = 0; at < 64; ++at) found += bench.holds(at) == 1;
    REQUIRE(found == 1);
}

TEST_CASE("a misdirected read returns another place, and only once")
{
    disk_bench bench;
    for (std::uint64_t at = 0; at < 64; ++at) REQUIRE_FALSE(bench.write(at, 1 + at));
    bench.disk.add({.fault = disk_fault::misdirected_read});
    const unsigned char got = bench.read(8);
    REQUIRE(got != 9);
    REQUIRE(got >= 1);
    REQUIRE(bench.read(8) == 9);
}

TEST_CASE("a lost write is acknowledged and not done, a stale read returns what lay there before")
{
    disk_bench bench;
    REQUIRE_FALSE(bench.write(0, 1));
    bench.disk.add({.fault = disk_fault::lost_write});
    REQUIRE_FALSE(bench.write(0, 2));
    REQUIRE(bench.read(0) == 1);
    bench.disk.add({.fault = disk_fault::stale_read, .nth = 2});
    REQUIRE_FALSE(bench.write(0, 3));
    REQUIRE(bench.read(0) == 3);
    REQUIRE(bench.read(0) == 1);
    REQUIRE(bench.read(0) == 3);
    REQUIRE(bench.disk.statistics().struck_by(disk_fault::stale_read) == 1);
}

TEST_CASE("a lying flush is acknowledged and saves nothing")
{
    disk_bench bench;
    bench.disk.add({.fault = disk_fault::lying_flush});
    REQUIRE_FALSE(bench.write(0, 1));
    REQUIRE_FALSE(bench.flush());
    REQUIRE(bench.read(0) == 1);
    bench.disk.power_loss({.survival = cache_survival::none});
    bench.reopen();
    REQUIRE(bench.read(0) == 0);
}

TEST_CASE("a rule counts the operations of its kind and range, and strikes as often as it says")
{
    disk_bench bench;
    bench.disk.add({.fault = disk_fault::transient_error,
                    .kind = io_kind::write,
                    .nth = 2,
                    .times = 2,
                    .extent = {4 * block, 2 * block}});
    std::vector<int> failed;
    for (int i = 0; i < 5; ++i) {
        REQUIRE_FALSE(bench.write(3, 1));
        REQUIRE_FALSE(bench.write(6, 1));
        if (bench.write(5, 1)) failed.push_back(i);
    }
    REQUIRE(failed == std::vector<int>{1, 2});
}

TEST_CASE("each fault strikes at about its rate, only what it can strike, and heals")
{
    for (std::size_t i = 0; i < disk_fault_count; ++i) {
        const auto which = static_cast<disk_fault>(i);
        if (which == disk_fault::permanent_error || which == disk_fault::capability_lost) continue;
        INFO(to_string(which));
        disk_bench bench({.size_bytes = 64 * block, .cancel_stuck = true});
        fault_plan plan = fault_plan{}.set(which, 0.2);
        bench.disk.use(plan);
        std::uint64_t could = 0;
        const auto data = filled(2, 3);
        std::vector<std::byte> into(2 * block);
        for (int turn = 0; turn < 400; ++turn) {
            ended_op op;
            op.deadline = bench.loop.now() + seconds(10);
            const std::uint64_t at = std::uint64_t(turn * 7 % 60) * block;
            switch (turn % 4) {
            case 0: op.prepare_read(at, std::span(into)); break;
            case 1: op.prepare_write(at, std::span(data)); break;
            case 2: op.prepare_flush(); break;
            default: op.prepare_write_zeroes(at, 2 * block); break;
            }
            could += can_strike(which, op.kind);
            bench.run(op);
        }
        const std::uint64_t struck = bench.disk.statistics().struck_by(which);
        REQUIRE(could >= 100);
        REQUIRE(struck >= could / 20);
        REQUIRE(struck <= could);
        plan.heal();
        bench.disk.use(plan);
        for (std::uint64_t at = 0; at < 64; ++at) REQUIRE_FALSE(bench.write(at, 9));
        bench.flush();
        REQUIRE(bench.disk.statistics().struck_by(which) <= struck + 1);
    }
}

TEST_CASE("a read's memory is poisoned until the read has ended, and after one that failed")
{
    disk_bench bench;
    REQUIRE_FALSE(bench.write(0, 1));
    std::vector<std::byte> into = filled(1, 1);
    ended_op op;
    op.prepare_read(0, std::span(into));
    bench.device->submit(op);
    REQUIRE(std::ranges::none_of(into, [](std::byte b) { return b == std::byte{1}; }));
    REQUIRE(bench.loop.run_until([&] { return op.ended > 0; }));
    REQUIRE(into == filled(1, 1));
    bench.disk.add({.fault = disk_fault::transient_error});
    REQUIRE(bench.read(0, into) == io_error);
    REQUIRE(into != filled(1, 1));
}

TEST_CASE("a write whose memory changes in flight is reported, one that was announced is not")
{
    std::set<unsigned> landed;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        disk_bench bench({.size_bytes = 64 * block}, seed);
        auto data = filled(1, 1);
        ended_op op;
        op.prepare_write(0, std::span<const std::byte>(data));
        bench.device->submit(op);
        std::ranges::fill(data, std::byte{2});
        REQUIRE(bench.loop.run_until([&] { return op.ended > 0; }));
        REQUIRE(bench.disk.statistics().writes_changed == 1);
        REQUIRE(bench.disk.violations().size() == 1);
        landed.insert(bench.holds(0));
        ended_op unstable;
        unstable.unstable_buffer = true;
        unstable.prepare_write(1 * block, std::span<const std::byte>(data));
        bench.device->submit(unstable);
        std::ranges::fill(data, std::byte{3});
        REQUIRE(bench.loop.run_until([&] { return unstable.ended > 0; }));
        REQUIRE(bench.disk.statistics().writes_changed == 1);
        REQUIRE(bench.holds(1) == 2);
    }
    REQUIRE(landed == std::set<unsigned>{1, 2});
}

TEST_CASE("memory that is stable until released is released once, after the end of its op")
{
    for (const bool killed : {false, true}) {
        struct released_op : ended_op {
            int released_times = 0;
            int ended_before = 0;
        } op;
        disk_bench bench;
        const auto data = filled(1, 1);
        op.stable_until_released = true;
        op.released = [](io_op& which) noexcept {
            auto& self = static_cast<released_op&>(which);
            ++self.released_times;
            self.ended_before = self.ended;
        };
        op.prepare_write(0, std::span(data));
        bench.device->submit(op);
        if (killed) bench.disk.process_kill({});
        bench.settle();
        REQUIRE(op.ended == 1);
        REQUIRE(op.released_times == 1);
        REQUIRE(op.ended_before == 1);
    }
}

TEST_CASE("the swarm's plans are repeatable, differ, and leave silent faults to those who ask")
{
    std::array<int, disk_fault_count> on{};
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        const fault_plan plan = fault_plan_of(seed);
        REQUIRE(plan == fault_plan_of(seed));
        REQUIRE_FALSE(plan == fault_plan_of(seed + 1));
        for (std::size_t i = 0; i < disk_fault_count; ++i) {
            on[i] += plan.rates[i] > 0.0;
            REQUIRE(plan.rates[i] <= 0.05);
        }
    }
    for (std::size_t i = 0; i < disk_fault_count; ++i) {
        INFO(disk_fault_names[i]);
        if (is_silent(static_cast<disk_fault>(i)))
            REQUIRE(on[i] == 0);
        else
            REQUIRE((on[i] > 25 && on[i] < 75));
    }
    const fault_plan silent = fault_plan_of(3, {.rate_greatest = 1.0, .silent_faults = true});
    REQUIRE_FALSE(silent == fault_plan_of(3));
    REQUIRE_THAT(describe(silent), Catch::Matchers::ContainsSubstring("latency"));
}
