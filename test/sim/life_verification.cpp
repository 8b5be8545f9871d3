// test/sim/life_verification.cpp -- a comparison finds what is there, all of it, and nothing else.
// SPDX-License-Identifier: BSL-1.0
#include "life_verification.hpp"

#include "life_spread.hpp"
#include <algorithm>

namespace cimrep::test {

namespace {

bool overlap(byte_extent a, byte_extent b)
{
    return a.offset_bytes < b.end_bytes() && b.offset_bytes < a.end_bytes();
}

}  // namespace

bool life_verification::differs(std::size_t index, const silent_damage& damage) const
{
    return world_.lies_on(index + 1, damage) && !world_.lies_on(0, damage);
}

life_verification::beginning life_verification::look(std::size_t index, byte_extent range) const
{
    if (range.empty()) range = {0, world_.options.volume_bytes};
    beginning made{.index = index};
    for (const silent_damage& each : world_.damages)
        if (differs(index, each) && overlap(range, each.extent())) made.there.push_back(each);
    made.source_in_sync = (process_.legs_in_sync() & 1) != 0;
    made.known = process_.pair(index)->info().different_bytes != 0;
    made.moment = life_spread::doubt(world_, index + 1, range);
    return made;
}

void life_verification::begin(std::size_t index, bool repair, byte_extent range)
{
    relationship& pair = *process_.pair(index);
    life_process& process = process_;
    const beginning before = look(index, range);
    const bool begun = process_.ask_directly<verify_op>(
        [&](verify_op& op) {
            op.range = range;
            return pair.verify(op).has_value();
        },
        [&process, before](verify_op& op) { life_verification(process).judge(before, op); },
        repair);
    if (!begun) life_spread::verification_over(world_, before.moment);
}

void life_verification::judge(const beginning& before, const verify_op& op)
{
    world_.tell("a verification of " + world_.replicas[before.index].name + " has found " +
                std::to_string(op.different_bytes) + " bytes" +
                (op.error ? ": " + op.error->sentence() : ""));
    life_spread::verification_over(world_, before.moment);
    if (!op.error) ++world_.report.verified;
    if (!op.error && op.different_bytes != 0) ++world_.report.different;
    // What a cache has lost, and has not told of, may differ as well.
    if (op.error || world_.lost_something()) return;
    const std::uint64_t block = world_.options.block_bytes;
    for (const byte_extent& run : op.differences)
        for (std::uint64_t at = run.offset_bytes; at < run.end_bytes(); at += block) {
            const bool damaged = std::ranges::any_of(world_.damages, [&](const auto& each) {
                return overlap({at, block}, each.extent());
            });
            if (!damaged)
                return world_.fail("legs that are in sync differ at byte " + std::to_string(at));
        }
    for (const silent_damage& was : before.there)
        for (silent_damage& each : world_.damages)
            if (each.by == was.by) judge_damage(before, op, each);
}

void life_verification::judge_damage(const beginning& before, const verify_op& op,
                                     silent_damage& damage)
{
    const std::string where = world_.replicas[before.index].name + " is damaged at sector " +
                              std::to_string(damage.first);
    // What differs all over since its leg has failed is skipped.
    const std::uint32_t both = 1u | 1u << (before.index + 1);
    const bool is_judged = before.source_in_sync && (process_.legs_in_sync() & both) == both;
    // What was found before is known to differ, and not compared.
    const bool is_new = !before.known && !damage.found;
    if (differs(before.index, damage)) {
        const bool reported = std::ranges::any_of(
            op.differences, [&](byte_extent run) { return overlap(run, damage.extent()); });
        const bool told = reported || op.differences.size() == verify_op::differences_max;
        if (!told && is_new && is_judged)
            world_.fail(where + ", and a verification has not found it");
        const bool may_spread = damage.may_spread || world_.source_was_turned_away;
        if (op.repair && is_new && is_judged && !may_spread)
            world_.fail(where + ", and a verification has not repaired it");
        if (!damage.found && damage.leg == before.index + 1) ++world_.report.damage_found;
        // Beside another target than the source places are skipped in which that one differs.
        if (damage.leg == before.index + 1 && (told || is_judged)) damage.found = true;
        world_.at_difference();
    } else if (op.repaired_bytes != 0) {
        ++world_.report.damage_found;
    }
    // No leg is read where it was found to differ, unless it is the only one that is left.
    if (world_.source_may_leave()) return;
    for (std::size_t i = 0; i < world_.replicas.size(); ++i) {
        const relationship* const pair = process_.pair(i);
        const bool copied = pair != nullptr && pair->info().copy_state != copy_state::synchronized;
        if (copied || (i != before.index && world_.lies_on(i + 1, damage))) return;
    }
    if (!damage.found && !world_.is_gone(damage)) return;
    world_.oracle.damage_undone(damage.by, damage.first, damage.count);
}

bool life_verification::attends_to(std::size_t index)
{
    seeded_random& random = world_.damage_random;
    const relationship* const pair = process_.pair(index);
    if (!world_.options.has(hazard::silent_differences) || pair == nullptr) return false;
    if (pair->info().copy_state != copy_state::synchronized || random.chance(0.3)) return false;
    const bool damaged = std::ranges::any_of(world_.damages, [&](const silent_damage& each) {
        return !each.found && differs(index, each);
    });
    if (damaged && random.chance(0.5)) begin(index, world_.random.chance(0.5));
    return true;
}

bool life_verification::follows(std::size_t index, operation what)
{
    waited<control_op> op;
    relationship* const pair = process_.pair(index);
    if (pair == nullptr || !pair->request(what, true, op)) return false;
    return world_.until("what follows a difference", [&] { return op.over; });
}

// Judged: everything, while nobody else does anything.
bool life_verification::ends(std::size_t index, bool repair, waited_verification& op)
{
    relationship* const pair = process_.pair(index);
    if (pair == nullptr || pair->info().copy_state != copy_state::synchronized) return false;
    op.repair = repair;
    const beginning before = look(index, {});
    if (!pair->verify(op)) return false;
    if (!world_.until("a verification", [&] { return op.over; })) return false;
    judge(before, op);
    return true;
}

// What was known to differ is not compared: only a copy makes it equal.
bool life_verification::is_known(std::size_t index)
{
    relationship* const pair = process_.pair(index);
    if (pair == nullptr || pair->info().different_bytes == 0) return false;
    if (pair->info().copy_state == copy_state::synchronized) follows(index, operation::fracture);
    return true;
}

void life_verification::looks_first(std::size_t index)
{
    if (!seeded_random(seed_of_part(world_.options.seed, 91)).chance(0.5)) return;
    waited_verification op;
    if (ends(index, false, op)) is_known(index);
}

bool life_verification::finds_nothing(std::size_t index)
{
    waited_verification op;
    if (!ends(index, true, op) || is_known(index)) return false;
    return !op.error && op.different_bytes == 0;
}

}  // namespace cimrep::test
