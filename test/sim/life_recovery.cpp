// test/sim/life_recovery.cpp -- relationships that wait for their operator when a leg is back.
// SPDX-License-Identifier: BSL-1.0
#include "life_recovery.hpp"

#include <cimrep/cim/format.hpp>

#include "life_process.hpp"

namespace cimrep::test {

// Each creation by a generator of its own: what else a life does is not another thing with it.
bool recovers_by_hand(const life_world& world, std::size_t index)
{
    if (!world.options.has(activity::manual_recovery)) return false;
    const std::uint64_t seed = seed_of_part(world.options.seed, 60 + index);
    return seeded_random(seed_of_part(seed, world.replicas[index].mirrors)).chance(0.7);
}

void life_process::check_recovery_mode(const replica& each, const relationship& found)
{
    const bool by_hand =
        found.info().settings.copy_recovery_mode == desired_copy_recovery_mode::manual;
    if (by_hand != each.by_hand)
        world.fail("the relationship with " + each.name + " was made with " +
                   (each.by_hand ? "manual" : "automatic") + " recovery, and has the other");
}

void life_process::judge_recovery(const relationship& which, const state_change& what)
{
    using enum copy_state;
    const object_path target = which.info().synced_element;
    for (std::size_t i = 0; i < world.replicas.size(); ++i) {
        const replica& each = world.replicas[i];
        if (!each.by_hand || world.leg_path(i + 1) != target) continue;
        const copy_state before = what.copy_state_before, after = what.copy_state_after;
        if (before == broken && after == suspended) ++world.report.by_hand;
        const bool stood = before == broken || before == suspended;
        const bool goes_on = after == unsynchronized || after == synchronized;
        if (stood && goes_on && !each.asked && !each.told_to_go_on)
            world.fail(each.name + " recovers by hand, and was " + std::string(to_name(before)) +
                       ": it is " + std::string(to_name(after)) + ", and nobody has asked");
    }
}

}  // namespace cimrep::test
