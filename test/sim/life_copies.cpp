// test/sim/life_copies.cpp -- which copy is kept, and which ones are lost.
// SPDX-License-Identifier: BSL-1.0
#include "life_copies.hpp"

namespace cimrep::test {

life_copies::life_copies(life_world& world)
    : world_(world), random_(seed_of_part(world.options.seed, 49))
{
}

void life_copies::put_back()
{
    world_.copies_lost.assign(world_.repository.size(), false);
}

void life_copies::crashed(const life_process& process)
{
    put_back();
    // One that lies has perhaps nothing.
    if (!world_.options.has(hazard::lost_copies) || world_.options.has(hazard::copy_lies)) return;
    if (!process.store || !random_.chance(0.6)) return;
    std::vector<std::size_t> current;
    for (std::size_t i = 0; i < world_.repository.size(); ++i)
        if (process.store->condition(static_cast<unsigned>(i)) == copy_condition::current)
            current.push_back(i);
    if (current.empty() || world_.repository.size() == 1) return;
    keep(current[static_cast<std::size_t>(random_.below(current.size()))]);
}

void life_copies::keep(std::size_t copy)
{
    const bool all = random_.chance(0.5);
    const std::size_t others = world_.repository.size() - 1;
    const std::size_t one = (copy + 1 + random_.below(others)) % world_.repository.size();
    for (std::size_t i = 0; i <= others; ++i) {
        if (i == copy || (!all && i != one)) continue;
        world_.copies_lost[i] = true;
        ++world_.report.copies_lost;
        world_.tell(world_.repository[i]->name() + " is lost");
    }
    if (!world_.copies_lost[world_.honest_copy]) return;
    world_.honest_copy = copy;
    world_.repository[copy]->forget_faults();
    mend(*world_.repository[copy]);
}

}  // namespace cimrep::test
