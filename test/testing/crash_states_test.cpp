// test/testing/crash_states_test.cpp -- every image that a power loss may leave, and no other.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/testing/content_oracle.hpp>
#include <cimrep/testing/crash_states.hpp>
#include <cimrep/testing/recorder_device.hpp>
#include <cimrep/testing/simulated_machine.hpp>
#include <cimrep/testing/stamped_host.hpp>

#include "disk_bench.hpp"
#include <set>
#include <string>
#include <vector>

using namespace cimrep;
using namespace cimrep::test;

namespace {

log_entry write_of(std::uint64_t at, unsigned char with, std::uint64_t blocks = 1,
                   std::uint64_t flags = 0)
{
    return {.flags = flags, .extent = {at * block, blocks * block}, .data = filled(blocks, with)};
}
const log_entry flush_entry{.flags = log_flag::flush};

/// The first bytes of the first `blocks` blocks.
std::string digits(const sparse_image& image, std::uint64_t blocks)
{
    std::string text;
    for (std::uint64_t at = 0; at < blocks; ++at)
        text += static_cast<char>('0' + static_cast<int>(image.block(at)[0]));
    return text;
}

std::set<std::string> states(const write_log& log, std::uint64_t blocks,
                             const crash_state_options& options = {})
{
    const sparse_image before(16 * block);
    const recorded_device device{&log, &before};
    std::set<std::string> found;
    const auto count =
        for_each_crash_state(std::span(&device, 1), options, [&](const crash_state& state) {
            REQUIRE(state.images.size() == 1);
            REQUIRE(found.insert(digits(state.images[0], blocks)).second);
            return true;
        });
    REQUIRE(count.visited == found.size());
    return found;
}

using texts = std::set<std::string>;

}  // namespace

TEST_CASE("between two flushes every subset of the writes may be there, in their order")
{
    write_log log;
    log.entries = {write_of(0, 1), write_of(1, 1), flush_entry,
                   write_of(0, 2), write_of(0, 3), flush_entry};
    REQUIRE(states(log, 2) == texts{"00", "01", "10", "11", "21", "31"});
}

TEST_CASE("a write of several blocks is torn after each of its blocks")
{
    write_log log;
    log.entries = {write_of(0, 1, 3), write_of(3, 1), flush_entry};
    const texts whole = {"0000", "1110", "0001", "1111"};
    texts torn = {"1000", "1001", "0110", "0111", "1100", "1101", "0010", "0011"};
    torn.insert(whole.begin(), whole.end());
    REQUIRE(states(log, 4) == torn);
    REQUIRE(states(log, 4, {.tears = false}) == whole);
}

TEST_CASE("a write with fua is there from its place on, and a write behind it only with it")
{
    write_log log;
    log.entries = {write_of(0, 1, 1, log_flag::fua), write_of(1, 1), flush_entry};
    REQUIRE(states(log, 2) == texts{"00", "10", "11"});
    // A program that logs each write when it completes puts plain ones before it.
    log.entries = {write_of(1, 1), write_of(0, 1, 1, log_flag::fua), flush_entry};
    REQUIRE(states(log, 2) == texts{"00", "01", "10", "11"});
}

TEST_CASE("a write in flight at a flush may be durable before it, if the log knows its moment")
{
    write_log log;
    log.entries = {write_of(0, 1), flush_entry, write_of(1, 1), flush_entry};
    REQUIRE(states(log, 2) == texts{"00", "10", "11"});
    for (std::size_t i = 0; i < 4; ++i) log.entries[i].logged = i + 1;
    log.entries[0].submitted = 0;
    log.entries[1].submitted = 0;
    log.entries[2].submitted = 0;
    log.entries[3].submitted = 2;
    REQUIRE(states(log, 2) == texts{"00", "10", "01", "11"});
}

TEST_CASE("what is discarded reads as zeros or as before, marks change nothing")
{
    write_log log;
    log.entries = {write_of(0, 1, 2), flush_entry};
    log.entries.push_back({.flags = log_flag::discard, .extent = {0, block}});
    log.entries.push_back({.flags = log_flag::mark, .data = filled(0, 0)});
    log.entries.push_back(flush_entry);
    REQUIRE(states(log, 2, {.tears = false}) == texts{"00", "11", "01"});
}

TEST_CASE("of many unflushed writes the samples are none, all, each dropped, each kept, prefixes")
{
    write_log log;
    for (std::uint64_t i = 0; i < 6; ++i) log.entries.push_back(write_of(i, 1));
    log.entries.push_back(flush_entry);
    const crash_state_options options{.subsets_exhaustive_max = 5, .subsets_sampled = 0};
    REQUIRE(states(log, 6, options) ==
            texts{"000000", "100000", "110000", "111000", "111100", "111110", "111111",  // prefixes
                  "010000", "001000", "000100", "000010", "000001",                      // kept
                  "011111", "101111", "110111", "111011", "111101"});                    // dropped
    REQUIRE(states(log, 6, {.subsets_exhaustive_max = 5, .subsets_sampled = 20}).size() > 20);
    REQUIRE(states(log, 6).size() == 64);
}

TEST_CASE("a content is visited once, and an enumeration stops when it is told to")
{
    write_log log;
    log.entries = {write_of(0, 1), write_of(0, 1), write_of(1, 0), flush_entry};
    const sparse_image before(16 * block);
    const recorded_device device{&log, &before};
    int visited = 0;
    auto count = for_each_crash_state(std::span(&device, 1), {}, [&](const crash_state&) {
        ++visited;
        return true;
    });
    REQUIRE(visited == 2);
    REQUIRE(count.visited == 2);
    REQUIRE(count.duplicates == 7);
    REQUIRE(count.cuts == 2);
    REQUIRE_FALSE(count.stopped);
    count =
        for_each_crash_state(std::span(&device, 1), {}, [&](const crash_state&) { return false; });
    REQUIRE(count.visited == 1);
    REQUIRE(count.stopped);
}

TEST_CASE("devices of one power domain are cut at one instant, each with subsets of its own")
{
    write_log a;
    write_log b;
    const auto at = [](log_entry entry, std::uint64_t logged, std::uint64_t submitted) {
        entry.logged = logged;
        entry.submitted = submitted;
        return entry;
    };
    a.entries = {at(write_of(0, 1), 1, 0), at(flush_entry, 2, 0)};
    b.entries = {at(write_of(0, 1), 3, 2), at(flush_entry, 4, 3)};
    const sparse_image before(16 * block);
    const recorded_device devices[] = {{&a, &before}, {&b, &before}};
    const auto found = [&] {
        texts all;
        for_each_crash_state(devices, {}, [&](const crash_state& state) {
            all.insert(digits(state.images[0], 1) + digits(state.images[1], 1));
            return true;
        });
        return all;
    };
    // The second device was written after the first had been flushed.
    REQUIRE(found() == texts{"00", "10", "11"});
    b.entries[0].submitted = 0;
    REQUIRE(found() == texts{"00", "10", "01", "11"});
}

namespace {

/// Writes data, makes it durable, and only then a commit record that names it.
struct toy_journal {
    bool flushes_data;
    simulated_loop loop;
    simulated_disk data_disk{{.name = "data", .size_bytes = 16 * block}};
    simulated_disk commit_disk{{.name = "commit", .size_bytes = 16 * block}};
    std::unique_ptr<simulated_device> data = std::move(data_disk.open(loop)).value();
    std::unique_ptr<simulated_device> commit = std::move(commit_disk.open(loop)).value();
    power_domain domain;
    recorder_device recorded_data{*data, domain};
    recorder_device recorded_commit{*commit, domain};

    void run(block_device& on, ended_op& op)
    {
        on.submit(op);
        REQUIRE(loop.run_until([&] { return op.ended > 0; }));
        REQUIRE_FALSE(op.error);
    }
    void append(unsigned char number)
    {
        const auto content = filled(1, number);
        ended_op write;
        write.prepare_write(number * block, std::span(content));
        run(recorded_data, write);
        ended_op flush;
        flush.prepare_flush();
        if (flushes_data) run(recorded_data, flush);
        ended_op record;
        record.fua = true;
        record.prepare_write(0, std::span(content));
        run(recorded_commit, record);
    }
    /// How many crash states there are, and how many of them a reader would be misled by.
    std::pair<std::uint64_t, std::uint64_t> check()
    {
        recorded_data.finish();
        recorded_commit.finish();
        const sparse_image before(16 * block);
        const recorded_device devices[] = {{&recorded_data.log(), &before},
                                           {&recorded_commit.log(), &before}};
        std::uint64_t wrong = 0;
        const auto count = for_each_crash_state(devices, {}, [&](const crash_state& state) {
            const auto committed = static_cast<std::uint64_t>(state.images[1].block(0)[0]);
            bool lost = false;
            for (std::uint64_t i = 1; i <= committed; ++i)
                lost = lost || static_cast<std::uint64_t>(state.images[0].block(i)[0]) != i;
            wrong += lost;
            return true;
        });
        return {count.visited, wrong};
    }
};

}  // namespace

TEST_CASE("an enumeration finds the flush that a protocol lacks, and nothing wrong with it there")
{
    for (const bool flushes : {true, false}) {
        toy_journal journal{flushes};
        for (unsigned char i = 1; i <= 5; ++i) journal.append(i);
        const auto [states_seen, wrong] = journal.check();
        REQUIRE(states_seen > 10);
        if (flushes)
            REQUIRE(wrong == 0);
        else
            REQUIRE(wrong > 0);
    }
}

TEST_CASE("what a simulated power loss leaves is among the states of its recording")
{
    int compared = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        simulated_machine machine({.seed = seed});
        simulated_disk& disk = machine.add({.size_bytes = 32 * block});
        fault_plan plan = fault_plan_of(seed, {.unreadable = false});
        plan.heal();
        // The host's writes overlap in flight: only so the log knows which of them came last.
        plan.late_completion = 0.0;
        machine.use(plan);
        auto device = std::move(disk.open(machine.loop())).value();
        power_domain domain;
        recorder_device recorder(*device, domain);
        content_oracle oracle(1, 32);
        stamped_host host(
            recorder, oracle, seed,
            {.operations = 60, .depth = 4, .blocks_max = 1, .flushes = 25, .discards = 0});
        machine.crash_at(1 + seed % 60, crash_kind::power_loss);
        host.start();
        machine.loop().run_until([&] { return host.finished(); });
        if (!machine.crashed()) machine.crash(crash_kind::power_loss);
        recorder.finish();
        host.stop();
        const std::uint64_t left = disk.image().content_hash();
        const sparse_image before(32 * block);
        const recorded_device recorded{&recorder.log(), &before};
        bool found = false;
        const auto count =
            for_each_crash_state(std::span(&recorded, 1), {.subsets_sampled = 0, .tears = false},
                                 [&](const crash_state& state) {
                                     found = found || state.images[0].content_hash() == left;
                                     return !found;
                                 });
        INFO("seed " << seed << ", states " << count.visited);
        log_replayer last(recorded);
        while (last.next()) {
        }
        // Of more unflushed writes only samples are visited.
        if (last.unflushed().size() <= 12) {
            REQUIRE(found);
            ++compared;
        }
        machine.loop().resume();
        REQUIRE(machine.loop().run_until([&] { return host.in_flight() == 0; }));
    }
    REQUIRE(compared > 100);
}
