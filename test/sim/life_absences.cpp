// test/sim/life_absences.cpp -- which leg, and when.
// SPDX-License-Identifier: BSL-1.0
#include "life_absences.hpp"

namespace cimrep::test {

life_absences::life_absences(life_world& world, life_faults& faults)
    : world_(world), faults_(faults), random_(seed_of_part(world.options.seed, 78))
{
}

std::size_t life_absences::choose()
{
    if (world_.leg_missed) return *world_.leg_missed;
    if (random_.chance(0.7)) return 0;
    return static_cast<std::size_t>(random_.below(world_.leg_count()));
}

void life_absences::before_boot()
{
    // One that is not what it was may not be judged before it is there.
    const life_options& life = world_.options;
    const bool missed = life.has(hazard::lonely_differences) && world_.leg_missed;
    if (!(missed || life.has(hazard::absent_at_opening)) || life.has(hazard::older_legs)) return;
    for (std::size_t i = 0; i < world_.leg_count(); ++i)
        if (faults_.is_away(i)) faults_.bring_back(i);
    if (!random_.chance(world_.leg_missed ? 0.9 : 0.7)) return;
    const std::size_t leg = choose();
    if (world_.leg(leg).cached_blocks() == 0) faults_.pull_out(leg);
}

}  // namespace cimrep::test
