// test/sim/life_damage.cpp -- where damage strikes, where it lies, and when it is gone.
// SPDX-License-Identifier: BSL-1.0
#include "life_damage.hpp"

#include "life_spread.hpp"
#include "life_verification.hpp"
#include <algorithm>
#include <utility>
#include <vector>

namespace cimrep::test {

namespace {

bool holds(const sparse_image& image, const silent_damage& damage)
{
    const auto bytes = static_cast<std::size_t>(damage.count * stamp_sector_bytes);
    std::vector<std::byte> there(bytes), expected(bytes);
    if (image.size_bytes() < (damage.first + damage.count) * stamp_sector_bytes) return false;
    image.read(damage.first * stamp_sector_bytes, there);
    content_oracle::fill_damage(damage.by, damage.first, expected);
    return there == expected;
}

bool is_unfound_elsewhere(const life_world& world, const silent_damage& damage)
{
    for (std::size_t leg = 1; leg < world.leg_count(); ++leg) {
        const bool known = std::ranges::any_of(world.doubts, [&](const leg_doubt& each) {
            return each.leg == leg && each.where.overlaps(damage.extent());
        });
        if (leg != damage.leg && !known && world.lies_on(leg, damage)) return true;
    }
    return false;
}

bool is_being_changed(const life_process& process, const silent_damage& damage)
{
    return process.host && process.host->changes(damage.extent());
}

}  // namespace

bool life_world::source_may_leave() const noexcept
{
    return source_has_left || faults_may_fail_legs() || options.has(activity::restores) ||
           options.has(activity::early_restores);
}

// One that announces less than it has shows nothing of what lies beyond that.
bool life_world::shows_all(std::size_t index) const
{
    const simulated_disk& disk = const_cast<life_world&>(*this).leg(index);
    return disk.present() && disk.size_bytes() >= options.volume_bytes;
}

bool life_world::lies_on(std::size_t index, const silent_damage& damage) const
{
    return holds(const_cast<life_world&>(*this).leg(index).image(), damage);
}

bool life_world::may_lie_on(std::size_t index, const silent_damage& damage) const
{
    const simulated_disk& disk = const_cast<life_world&>(*this).leg(index);
    // What a disk holds that announces less than it has is seen when it is whole again.
    const std::uint64_t end_bytes = (damage.first + damage.count) * stamp_sector_bytes;
    const bool is_seen = disk.image().size_bytes() >= end_bytes;
    return !is_seen || lies_on(index, damage) || holds(disk.durable_image(), damage);
}

bool life_world::is_gone(const silent_damage& damage) const
{
    for (std::size_t i = 0; i < leg_count(); ++i)
        if (may_lie_on(i, damage)) return false;
    return true;
}

void life_world::tell_of_damage(content_oracle& which) const
{
    for (const silent_damage& each : damages) which.damaged(each.by, each.first, each.count);
}

void life_world::forget_damage()
{
    std::erase_if(damages, [&](const silent_damage& each) {
        if (!is_gone(each)) return false;
        oracle.damage_undone(each.by, each.first, each.count);
        if (other) other->damage_undone(each.by, each.first, each.count);
        for (replica& target : replicas)
            if (target.content) target.content->damage_undone(each.by, each.first, each.count);
        return true;
    });
}

life_damage::life_damage(life_world& world)
    : world_(world),
      random_(seed_of_part(world.options.seed, 83)),
      several_(seed_of_part(world.options.seed, 92))
{
}

void life_damage::step(life_process& process)
{
    // What is not what it was, and must be noticed, is judged by what lay there before.
    const life_options& life = world_.options;
    if (!life.has(hazard::silent_differences) || life.has(hazard::older_legs)) return;
    judge(process);
    judge_truth(process);
    if (life.has(hazard::several_differences)) {
        strike_several(process);
        if (several_.chance(0.8)) return;
    }
    if (!random_.chance(0.4)) return;
    const auto index = static_cast<std::size_t>(random_.below(world_.replicas.size()));
    if (!may_strike(process, index) || !is_one_at_a_time(index + 1)) return;
    const std::uint64_t blocks = random_.between(1, 3);
    for (std::uint64_t i = 0; i < blocks; ++i) strike(index + 1);
    if (random_.chance(0.5)) life_verification(process).begin(index, false);
}

// Where a target that was found to differ was alone in the set, it holds what the volume holds: the
// source takes that over before the pair is Synchronized again.
void life_damage::judge_truth(life_process& process)
{
    if (world_.machine.crashed() || !world_.shows_all(0)) return;
    if (std::exchange(crashes_, world_.report.crashes) != world_.report.crashes) truth_.clear();
    std::uint32_t current = 0;
    for (std::size_t i = 0; i < world_.leg_count(); ++i)
        for (const leg_info& each : process.disk->legs())
            if (each.element == world_.leg_path(i) && each.role == leg_role::current)
                current |= 1u << i;
    for (const silent_damage& each : world_.damages) {
        if (!each.found || !world_.lies_on(each.leg, each)) continue;
        if (is_being_changed(process, each)) continue;
        if (current == 1u << each.leg) truth_.push_back(each.by);
        const relationship* const pair = process.pair(each.leg - 1);
        const bool was_truth = std::ranges::find(truth_, each.by) != truth_.end();
        const std::uint32_t both = 1u | 1u << each.leg;
        if (!was_truth || pair == nullptr || (current & both) != both) continue;
        if (pair->info().copy_state == copy_state::synchronized && !world_.lies_on(0, each))
            world_.fail("the source lacks what " + world_.leg_name(each.leg) +
                        " alone had at sector " + std::to_string(each.first));
    }
}

bool life_damage::may_strike(const life_process& process, std::size_t index) const
{
    const relationship* const pair = process.pair(index);
    if (pair == nullptr || world_.replicas[index].asked || world_.other) return false;
    const relationship_info now = pair->info();
    const std::uint32_t both = 1u | 1u << (index + 1);
    if (now.copy_state != copy_state::synchronized || now.different_bytes != 0) return false;
    if ((process.legs_in_sync() & both) != both) return false;
    for (const std::size_t leg : {std::size_t{0}, index + 1})
        if (!world_.shows_all(leg)) return false;
    return true;
}

bool life_damage::is_one_at_a_time(std::size_t struck) const
{
    return std::all_of(world_.damages.begin(), world_.damages.end(), [&](const auto& each) {
        for (std::size_t leg = 0; leg < world_.leg_count(); ++leg)
            if (leg != struck && world_.lies_on(leg, each)) return false;
        return each.leg == struck || world_.is_gone(each);
    });
}

// Mostly all targets at once, and each is compared in that region alone, so that the one is known
// to be right where the other is not; and then the source leaves.
void life_damage::strike_several(life_process& process)
{
    const std::uint64_t region = world_.options.region_bytes;
    bool all = true;
    for (std::size_t i = 0; i < world_.replicas.size(); ++i) all &= may_strike(process, i);
    for (std::size_t i = 0; i < world_.replicas.size(); ++i) {
        if (!several_.chance(all ? 0.9 : 0.1) || !may_strike(process, i)) continue;
        const auto block = block_beside(i + 1);
        if (!block) continue;
        strike_block(i + 1, *block);
        const std::uint64_t at = *block * world_.options.block_bytes / region * region;
        const byte_extent where{at, std::min(region, world_.options.volume_bytes - at)};
        if (several_.chance(0.9)) life_verification(process).begin(i, false, where);
    }
    if (several_are_found() && (process.legs_in_sync() & 1) != 0 && several_.chance(0.5))
        world_.leg(0).add({.fault = disk_fault::transient_error, .kind = io_kind::write});
}

bool life_damage::several_are_found() const
{
    std::uint32_t legs = 0;
    for (const silent_damage& each : world_.damages)
        if (each.found && world_.lies_on(each.leg, each)) legs |= 1u << each.leg;
    return (legs & (legs - 1)) != 0;
}

// At the end of a region or where the next one begins, for reads come over both; mostly beside what
// another target is damaged in. Nowhere are two damaged at once: nobody would be right there.
std::optional<std::uint64_t> life_damage::block_beside(std::size_t leg)
{
    const life_options& life = world_.options;
    const std::uint64_t region = life.region_bytes;
    const std::uint64_t ends = (life.volume_bytes - 1) / region;
    if (ends == 0) return std::nullopt;
    std::uint64_t end =
        1 + several_.below(several_.chance(0.5) ? std::min<std::uint64_t>(ends, 2) : ends);
    const bool before = several_.chance(0.5);
    const std::uint64_t away =
        several_.below(std::min<std::uint64_t>(region / life.block_bytes, 4));
    const bool beside = several_.chance(0.8);
    for (const silent_damage& each : world_.damages)
        if (beside && each.leg != leg && world_.lies_on(each.leg, each)) {
            const std::uint64_t at = each.first * stamp_sector_bytes / region;
            end = std::clamp<std::uint64_t>(before ? at : at + 1, 1, ends);
        }
    const std::uint64_t first = end * region / life.block_bytes;
    const std::uint64_t block = before ? first - 1 - away : first + away;
    if ((block + 1) * life.block_bytes > life.volume_bytes) return std::nullopt;
    const std::uint64_t where = block * life.block_bytes / region;
    for (const silent_damage& each : world_.damages)
        if (each.first * stamp_sector_bytes / region == where && !world_.is_gone(each))
            return std::nullopt;
    return block;
}

// Half of the time where hosts write most. With lonely_differences half of the time where they
// hardly write at all: near what was written, and not flushed, all is copied anyway.
void life_damage::strike(std::size_t leg)
{
    const life_options& life = world_.options;
    const std::uint64_t blocks = life.volume_bytes / life.block_bytes;
    std::uint64_t block = random_.chance(0.5) ? random_.below(std::min<std::uint64_t>(blocks, 24))
                                              : random_.below(blocks);
    if (life.has(hazard::lonely_differences) && random_.chance(0.5))
        block = blocks - 1 - random_.below(std::min<std::uint64_t>(blocks, 24));
    strike_block(leg, block);
}

void life_damage::strike_block(std::size_t leg, std::uint64_t block)
{
    const life_options& life = world_.options;
    const std::uint64_t count = life.block_bytes / stamp_sector_bytes;
    const silent_damage damage{
        .leg = leg, .by = ++world_.volume_ids, .first = block * count, .count = count};
    std::vector<std::byte> content(static_cast<std::size_t>(life.block_bytes));
    content_oracle::fill_damage(damage.by, damage.first, content);
    world_.oracle.damaged(damage.by, damage.first, damage.count);
    for (known_point& each : world_.points)
        if (each.content) each.content->damaged(damage.by, damage.first, damage.count);
    world_.leg(leg).scribble(block * life.block_bytes, content);
    world_.damages.push_back(damage);
    ++world_.report.damaged;
    world_.tell(world_.leg_name(leg) + " is damaged at sector " + std::to_string(damage.first));
}

void life_damage::judge(life_process& process)
{
    life_world& world = process.world;
    life_spread(process).look();
    if (world.machine.crashed() || !world.shows_all(0)) return;
    for (silent_damage& each : world.damages) {
        const std::string where = " at sector " + std::to_string(each.first);
        const bool source_has_it = world.lies_on(0, each);
        if (source_has_it && !each.may_spread && !world.source_was_turned_away)
            world.fail("the source has taken the damage of " + world.leg_name(each.leg) + where);
        each.unfound_elsewhere |= is_unfound_elsewhere(world, each);
        if (!each.found || source_has_it || !world.lies_on(each.leg, each)) continue;
        if (is_being_changed(process, each)) continue;
        const relationship* const pair = process.pair(each.leg - 1);
        if (pair == nullptr) continue;
        // A leg that has left takes its relationship with it a little later.
        const std::uint32_t both = 1u | 1u << each.leg;
        if (process.works() && (process.legs_in_sync() & both) != both) continue;
        const relationship_info now = pair->info();
        if (now.copy_state != copy_state::synchronized || now.different_bytes != 0) continue;
        // The copy that made it equal may have brought it back, and a verification has to find it
        // once more.
        each.found = !std::exchange(each.unfound_elsewhere, false);
        if (each.found)
            world.fail(world.leg_name(each.leg) + " was found to differ" + where +
                       ", differs, and is Synchronized without a difference");
    }
}

}  // namespace cimrep::test
