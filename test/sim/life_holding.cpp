// test/sim/life_holding.cpp -- which copy is held, and what it may still copy.
// SPDX-License-Identifier: BSL-1.0
#include "life_holding.hpp"

#include <algorithm>

namespace cimrep::test {

life_holding::life_holding(life_process& process)
    : process_(process),
      world_(process.world),
      random_(seed_of_part(seed_of_part(world_.options.seed, 85), world_.report.crashes)),
      held_(world_.replicas.size())
{
}

void life_holding::step()
{
    if (!world_.options.has(activity::holding) || world_.machine.crashed()) return;
    for (std::size_t i = 0; i < held_.size(); ++i) {
        look(i);
        if (!random_.chance(held_[i].is_held ? 0.1 : 0.15)) continue;
        held_[i].is_held ? let_go(i) : hold(i);
    }
}

void life_holding::hold(std::size_t index)
{
    relationship* const pair = process_.pair(index);
    if (pair == nullptr || pair->info().copies_to_source) return;
    pair->hold_copy(true);
    process_.copies_held = true;
    const std::uint64_t window = std::max<std::uint64_t>(64 * kib, world_.options.region_bytes);
    const std::uint64_t copied = pair->info().copied_bytes;
    held_[index] = {true,
                    process_.copies_let_go,
                    process_.restores_seen,
                    world_.replicas[index].mirrors,
                    copied,
                    copied + life_process::copy_windows_max * window};
    ++world_.report.held;
    world_.tell("the copy to " + world_.replicas[index].name + " is held");
}

void life_holding::let_go(std::size_t index)
{
    held_[index] = {};
    if (relationship* const pair = process_.pair(index)) pair->hold_copy(false);
    world_.tell("the copy to " + world_.replicas[index].name + " goes on");
}

// A copy to the source waits for all relationships. Of another relationship, and where somebody has
// let all go, nothing is known.
void life_holding::look(std::size_t index)
{
    held_copy& held = held_[index];
    if (!held.is_held) return;
    const relationship* const pair = process_.pair(index);
    const bool same = pair != nullptr && world_.replicas[index].mirrors == held.mirrors;
    if (!same || process_.copies_let_go != held.let_go) return let_go(index);
    const relationship_info now = pair->info();
    if (now.copies_to_source || process_.restores_seen != held.restores) return let_go(index);
    if (now.copied_bytes < held.copied_bytes) held.copied_bytes_max = 0;
    held.copied_bytes = now.copied_bytes;
    if (now.copied_bytes > held.copied_bytes_max)
        world_.fail("the copy to " + world_.replicas[index].name + " is held, and has copied " +
                    std::to_string(now.copied_bytes) + " bytes, of at most " +
                    std::to_string(held.copied_bytes_max));
}

void life_process::let_copies_go_on()
{
    if (!copies_held) return;
    copies_held = false;
    ++copies_let_go;
    opened->for_each_relationship([](relationship& each) { each.hold_copy(false); });
}

}  // namespace cimrep::test
