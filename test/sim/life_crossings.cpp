// test/sim/life_crossings.cpp -- what fails, and how soon the crash comes.
// SPDX-License-Identifier: BSL-1.0
#include "life_crossings.hpp"

namespace cimrep::test {

life_crossings::life_crossings(life_world& world)
    : world_(world), random_(seed_of_part(world.options.seed, 76))
{
    if (!world_.options.has(hazard::crossed_losses)) return;
    world_.at_leg = [this](log_event what, std::size_t leg) { happened(what, leg); };
    world_.at_members_record = [this](std::size_t copy) { join_begins(copy); };
}

void life_crossings::begin_process(crash_kind kind)
{
    wanted_ = stage::none;
    world_.leg_missed.reset();
    if (!world_.options.has(hazard::crossed_losses) || !random_.chance(0.8)) return;
    kind_ = kind;
    wanted_ = random_.chance(0.6) ? stage::copy : stage::copy_before_loss;
}

void life_crossings::happened(log_event what, std::size_t leg)
{
    if (wanted_ == stage::none || world_.machine.crashed()) return;
    if (what == log_event::copy_finished) return copy_ends(leg);
    if (what == log_event::leg_failed && wanted_ == stage::loss && leg == 0)
        return crash_soon(1, 12);
    if (what != log_event::copy_started || wanted_ != stage::second_copy || leg != leg_) return;
    world_.leg_missed = fails_;
    world_.leg(leg).add({.fault = disk_fault::slow, .kind = io_kind::write, .times = 2});
    crash_soon(2, 24);
}

void life_crossings::copy_ends(std::size_t leg)
{
    if (wanted_ == stage::copy) {
        wanted_ = stage::join;
        leg_ = leg;
    } else if (wanted_ == stage::copy_before_loss && leg != 0) {
        wanted_ = stage::loss;
        world_.leg(0).add({.kind = io_kind::write, .nth = random_.between(1, 20)});
    }
}

// If the join comes to nothing the leg is copied to once more.
void life_crossings::join_begins(std::size_t copy)
{
    if (wanted_ != stage::join || copy != world_.honest_copy || world_.machine.crashed()) return;
    wanted_ = stage::second_copy;
    const std::size_t others = world_.leg_count() - 1;
    fails_ = (leg_ + 1 + static_cast<std::size_t>(random_.below(others))) % world_.leg_count();
    world_.tell(world_.leg_name(fails_) + " is to fail as " + world_.leg_name(leg_) + " joins");
    world_.repository[copy]->add({.fault = disk_fault::slow, .kind = io_kind::write});
    if (random_.chance(0.6))
        world_.leg(fails_).add({.fault = disk_fault::flush_loses_cache});
    else
        world_.leg(fails_).add({.kind = io_kind::write, .times = random_.between(1, 3)});
}

void life_crossings::crash_soon(std::uint64_t operations_min, std::uint64_t operations_max)
{
    wanted_ = stage::none;
    world_.tell("losses have crossed");
    if (random_.chance(0.8))
        world_.machine.crash_at(random_.between(operations_min, operations_max), kind_);
}

}  // namespace cimrep::test
