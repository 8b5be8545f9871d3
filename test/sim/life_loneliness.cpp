// test/sim/life_loneliness.cpp -- how the source leaves, and when it has come back.
// SPDX-License-Identifier: BSL-1.0
#include "life_loneliness.hpp"

#include <algorithm>

namespace cimrep::test {

namespace {

constexpr unsigned patience = 100;   // in steps
constexpr unsigned steps_after = 3;  // in which it is seen what the source has when it is back

}  // namespace

life_loneliness::life_loneliness(life_world& world)
    : world_(world),
      random_(seed_of_part(world.options.seed, 89)),
      crashes_(seed_of_part(world.options.seed, 100))
{
}

void life_loneliness::begin_process()
{
    const bool alone = now_ == stage::ends;
    now_ = alone ? stage::returns : stage::none;
    steps_left_ = patience;
    if (alone) leave_in_peace();
}

// Mostly: else it is seen what of it is on record, a little later, or when a host writes next.
void life_loneliness::leave_in_peace()
{
    world_.machine.do_not_crash();
    if (crashes_.chance(0.7)) return;
    world_.machine.crash_at(1 + crashes_.below(crashes_.chance(0.5) ? 12 : 100), world_.next_crash);
}

bool life_loneliness::difference_found(const life_process& process)
{
    if (!world_.options.has(hazard::lonely_differences)) return false;
    if (now_ != stage::none) return true;
    // Where an operator has to say that the copy goes on it is for him to act.
    if (std::ranges::any_of(world_.replicas, &replica::by_hand)) return false;
    if (random_.chance(0.2)) return false;
    leave_in_peace();
    steps_left_ = patience;
    // Nothing but a write of its host makes the source leave.
    const bool writes = process.host && !process.host->finished();
    if (writes && random_.chance(0.6)) {
        now_ = stage::leaves;
        world_.leg(0).add({.fault = disk_fault::transient_error, .kind = io_kind::write});
    } else {
        now_ = stage::ends;
        world_.leg_missed = 0;
    }
    world_.tell(now_ == stage::leaves ? "a write to the source is to fail"
                                      : "the source is to be absent from the next process");
    return true;
}

void life_loneliness::step(life_process& process)
{
    if (!lasts()) return;
    const bool in_sync = (process.legs_in_sync() & 1) != 0;
    if (now_ == stage::leaves) {
        if (in_sync && process.host->finished()) now_ = stage::none;
        if (in_sync) return;
        now_ = stage::returns;
    }
    if (in_sync) steps_left_ = std::min(steps_left_, steps_after);
    if (steps_left_-- == 0)
        now_ = stage::none;
    else if (!in_sync)
        (void)process.opened->element_returned(world_.leg_path(0));
}

}  // namespace cimrep::test
