// test/testing/simulated_life_test.cpp -- whole lives on honest disks, and on ones that lie.
// SPDX-License-Identifier: BSL-1.0
#include "simulated_life.hpp"

#include "catch.hpp"
#include <array>
#include <cstdio>

using namespace cimrep;
using namespace cimrep::test;

namespace {

std::uint64_t hash_of(std::uint64_t seed)
{
    simulated_life life(seed, {.plan = fault_plan_of(seed), .disks = 2, .crashes = 2});
    life.run();
    return life.machine().trace_hash();
}

/// How many of the first lives the oracle finds something wrong with.
unsigned lives_found_wrong(disk_fault which, double rate, unsigned lives)
{
    unsigned found = 0;
    for (std::uint64_t seed = 1; seed <= lives; ++seed) {
        simulated_life life(seed, {.plan = fault_plan{}.set(which, rate)});
        found += !life.run().empty();
    }
    return found;
}

}  // namespace

TEST_CASE("the same seed gives the same trace, another seed another")
{
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const std::uint64_t hash = hash_of(seed);
        REQUIRE(hash == hash_of(seed));
        REQUIRE(hash != hash_of(seed + 1));
    }
}

TEST_CASE("a bare disk keeps what it promises in every life, through every fault that it admits")
{
    std::array<std::uint64_t, disk_fault_count> struck{};
    disk_statistics total;
    for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
        INFO("seed " << seed);
        simulated_life life(seed, {.plan = fault_plan_of(seed),
                                   .disks = 1 + seed % 3,
                                   .block_bytes = seed % 4 == 0 ? 4096u : 512u,
                                   .crashes = unsigned(1 + seed % 3)});
        REQUIRE(life.run() == "");
        for (std::size_t d = 0; d < life.machine().disk_count(); ++d) {
            const disk_statistics& one = life.machine().disk(d).statistics();
            for (std::size_t i = 0; i < disk_fault_count; ++i) struck[i] += one.struck[i];
            total.blocks_lost += one.blocks_lost;
            total.blocks_torn += one.blocks_torn;
            total.zombies_landed += one.zombies_landed;
            REQUIRE(one.writes_changed == 0);
        }
    }
    for (std::size_t i = 0; i < disk_fault_count; ++i) {
        INFO(disk_fault_names[i]);
        if (is_silent(static_cast<disk_fault>(i)))
            REQUIRE(struck[i] == 0);
        else
            REQUIRE(struck[i] > 20);
    }
    REQUIRE(total.blocks_lost > 1000);
    REQUIRE(total.blocks_torn > 1000);
    REQUIRE(total.zombies_landed > 20);
}

TEST_CASE("the oracle finds each fault about which a disk is silent")
{
    REQUIRE(lives_found_wrong(disk_fault::bit_rot, 0.02, 50) > 20);
    REQUIRE(lives_found_wrong(disk_fault::misdirected_write, 0.02, 50) > 20);
    REQUIRE(lives_found_wrong(disk_fault::misdirected_read, 0.05, 50) > 20);
    REQUIRE(lives_found_wrong(disk_fault::lost_write, 0.02, 50) > 20);
    REQUIRE(lives_found_wrong(disk_fault::stale_read, 0.05, 50) > 10);
    REQUIRE(lives_found_wrong(disk_fault::lying_flush, 0.5, 50) > 10);
}

TEST_CASE("many lives, to measure how many there are in a second", "[.][lives]")
{
    std::uint64_t operations = 0;
    for (std::uint64_t seed = 1; seed <= 10'000; ++seed) {
        simulated_life life(seed, {.plan = fault_plan_of(seed), .kills = false});
        REQUIRE(life.run() == "");
        operations += life.machine().io_count();
    }
    std::printf("10000 lives of one crash and recovery each, %.0f operations a life\n",
                double(operations) / 10'000);
}
