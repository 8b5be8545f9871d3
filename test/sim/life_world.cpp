// test/sim/life_world.cpp -- makes the disks, drives the loop, and keeps the books.
// SPDX-License-Identifier: BSL-1.0
#include "life_world.hpp"

#include "life_points.hpp"
#include "scarce_memory.hpp"
#include <algorithm>
#include <cstdio>
#include <utility>

namespace cimrep::test {

namespace {

constexpr duration patience = milliseconds(500);
constexpr unsigned turns_of_patience = 7200;

}  // namespace

void mend(simulated_disk& disk)
{
    const sparse_image image = disk.image();
    const std::uint64_t block = image.block_bytes();
    for (std::uint64_t i = 0; i < image.block_count(); ++i)
        if (disk.is_unreadable(i)) disk.scribble(i * block, image.block(i));
}

life_report& life_report::operator+=(const life_report& other) noexcept
{
    crashes += other.crashes;
    operations += other.operations;
    failed += other.failed;
    requests += other.requests;
    refused += other.refused;
    restores += other.restores;
    recovered += other.recovered;
    legs_lost += other.legs_lost;
    losses += other.losses;
    jobs += other.jobs;
    returns += other.returns;
    replaced += other.replaced;
    starved += other.starved;
    copies_lost += other.copies_lost;
    canceled += other.canceled;
    late += other.late;
    by_hand += other.by_hand;
    damaged += other.damaged;
    held += other.held;
    damage_found += other.damage_found;
    points += other.points;
    points_found += other.points_found;
    points_broken += other.points_broken;
    point_reads += other.point_reads;
    verified += other.verified;
    different += other.different;
    return *this;
}

life_world::life_world(const life_options& with)
    : options(with),
      random(seed_of_part(with.seed, 42)),
      machine({.seed = with.seed}),
      elements(machine, with.block_bytes),
      oracle(1, with.volume_bytes / stamp_sector_bytes),
      damage_random(seed_of_part(with.seed, 86))
{
    const auto add = [&](std::string name, bool larger = false) {
        machine.add({.name = std::move(name),
                     .size_bytes = with.volume_bytes + (larger ? 16 * kib : 0),
                     .logical_block_bytes = static_cast<std::uint32_t>(with.block_bytes),
                     .discard_granularity_bytes = with.block_bytes,
                     .discard_reads_zeros = random.chance(0.7),
                     .volatile_cache = with.cache,
                     .cancel_stuck = random.chance(0.5)});
    };
    if (with.has(hazard::allocation_failures))
        elements.opener = [this](simulated_disk& disk) {
            return in_scarce_memory(disk.open(machine.loop()).value());
        };
    add("s");
    constexpr const char* names[] = {"t", "u"};
    for (unsigned i = 0; i < with.targets; ++i) {
        add(names[i], has_label(i + 1));
        replicas.push_back({.name = names[i]});
    }
    for (unsigned i = 0; i < with.copies; ++i)
        repository.push_back(&machine.add(
            {.name = "repository" + std::to_string(i), .size_bytes = with.repository_bytes}));
    honest_copy = static_cast<std::size_t>(random.below(with.copies));
    copies_lost.assign(with.copies, false);
    if (!with.has(activity::points)) return;
    pool = &machine.add({.name = "pool",
                         .size_bytes = life_points::pool_bytes(with),
                         .logical_block_bytes = static_cast<std::uint32_t>(with.block_bytes),
                         .volatile_cache = with.cache,
                         .cancel_stuck = with.seed % 2 == 0});
}

bool life_world::has_label(std::size_t index) const noexcept
{
    return index != 0 && !options.has(hazard::shrinking) && options.seed % 5 < 3;
}

bool life_world::tells = false;

void life_world::tell(const std::string& what) const
{
    if (!tells) return;
    const auto now = const_cast<simulated_machine&>(machine).loop().now();
    std::fprintf(stderr, "%12lld ns  %s\n", static_cast<long long>(now.nanoseconds), what.c_str());
}

void life_world::fail(std::string what)
{
    tell("wrong: " + what);
    if (report.wrong.empty()) report.wrong = std::move(what);
}

void life_world::release_stuck()
{
    for (std::size_t i = 0; i < machine.disk_count(); ++i) machine.disk(i).release_stuck();
}

bool life_world::until(const char* what, const std::function<bool()>& reached)
{
    run_report last;
    for (unsigned turn = 0; turn < turns_of_patience; ++turn) {
        if (machine.crashed()) return false;
        last = machine.loop().run_until([&] { return reached() || machine.crashed(); }, patience);
        if (machine.crashed()) return false;
        if (last) return true;
        if (last.end == run_end::spinning) break;
        release_stuck();
    }
    fail(std::string(what) + " does not end: " + last.queued);
    return false;
}

void life_world::drain(const char* what, const std::function<bool()>& reached)
{
    run_report last;
    for (unsigned turn = 0; turn < turns_of_patience; ++turn) {
        last = machine.loop().run_until(reached, patience);
        if (last) return;
        if (last.end == run_end::spinning) break;
        release_stuck();
    }
    fail(std::string(what) + " does not end: " + last.queued);
}

void life_world::begin_process()
{
    lost_before_.assign(machine.disk_count(), 0);
    for (std::size_t i = 0; i < machine.disk_count(); ++i)
        lost_before_[i] = machine.disk(i).statistics().blocks_lost;
    for (std::size_t i = 0; i < replicas.size(); ++i) replicas[i].blocks_lost = lost_before_[i + 1];
}

bool life_world::lost_something() const
{
    for (std::size_t i = 0; i < leg_count(); ++i)
        if (const_cast<simulated_machine&>(machine).disk(i).statistics().blocks_lost !=
            lost_before_[i])
            return true;
    return false;
}

bool life_world::has_untold_loss() const
{
    for (std::size_t i = 0; i < leg_count(); ++i)
        if (const_cast<simulated_machine&>(machine).disk(i).has_untold_loss()) return true;
    return false;
}

// A leg that is not what it was when it was sampled is turned away.
bool life_world::legs_may_fail() const noexcept
{
    return report.damaged != 0 || faults_may_fail_legs();
}

bool life_world::faults_may_fail_legs() const noexcept
{
    for (const hazard each :
         {hazard::errors, hazard::broken_legs, hazard::bad_sectors, hazard::short_transfers,
          hazard::stuck, hazard::slow, hazard::failed_flushes, hazard::vanishing, hazard::shrinking,
          hazard::older_legs, hazard::allocation_failures, hazard::early_losses,
          hazard::crossed_losses, hazard::absent_at_opening, hazard::failures_in_cuts})
        if (options.has(each)) return true;
    return false;
}

// A leg that cannot be labelled leaves the set, unless it is the last one: nothing may fail.
void life_world::look_for_labels()
{
    if (legs_may_fail()) return;
    for (std::size_t i = 1; i < leg_count(); ++i) {
        if (!replicas[i - 1].labelled || !has_label(i)) continue;
        const sparse_image now = leg(i).image();
        std::vector<std::byte> beyond(
            static_cast<std::size_t>(now.size_bytes() - options.volume_bytes));
        now.read(options.volume_bytes, beyond);
        if (beyond == std::vector<std::byte>(beyond.size()))
            fail(leg_name(i) + " was in sync, and has no label");
    }
}

void life_world::notice_losses()
{
    for (std::size_t i = 0; i < replicas.size(); ++i) {
        replica& each = replicas[i];
        const std::uint64_t now = leg(i + 1).statistics().blocks_lost;
        if (std::exchange(each.blocks_lost, now) == now || !each.content) continue;
        each.content->flush_failed(each.content->flush_submitted(), true);
    }
}

void life_world::volume_lost_cache()
{
    tell("the volume may have lost what was not flushed");
    oracle.flush_failed(oracle.flush_submitted(), true);
    if (other) other->flush_failed(other->flush_submitted(), true);
}

}  // namespace cimrep::test
