// test/sim/life_cuts.cpp -- which leg fails in a cut, and which one keeps it from its end.
// SPDX-License-Identifier: BSL-1.0
#include "life_cuts.hpp"

namespace cimrep::test {

life_cuts::life_cuts(life_process& process)
    : process_(process),
      world_(process.world),
      random_(seed_of_part(seed_of_part(world_.options.seed, 71), world_.report.crashes))
{
}

void life_cuts::before()
{
    if (!world_.options.has(hazard::failures_in_cuts) || !random_.chance(0.7)) return;
    const std::size_t count = world_.leg_count();
    const std::size_t fails = random_.chance(0.6) ? 0 : random_.below(count);
    const std::size_t hangs = (fails + 1 + random_.below(count - 1)) % count;
    const auto how = random_.chance(0.5) ? disk_fault::stuck : disk_fault::slow;
    simulated_disk& late = world_.leg(hangs);
    const auto struck = [&] { return late.statistics().struck_by(how); };
    const std::uint64_t before = struck();
    late.add({.fault = how, .kind = io_kind::write});
    // It is told of a failure only when that is on record: some time after the cut has begun.
    world_.leg(fails).add(
        {.fault = random_.chance(0.7) ? disk_fault::transient_error : disk_fault::permanent_error,
         .kind = io_kind::write});
    world_.machine.loop().run_until([&] { return world_.machine.crashed() || struck() != before; },
                                    milliseconds(5));
    if (world_.machine.crashed() || struck() == before) return;
    if (random_.chance(0.7)) failed_ = fails;
    if (rests_ || !random_.chance(0.5)) return;
    rests_ = true;
    steps_left_ = random_.between(5, 30);
    world_.machine.do_not_crash();
}

// As soon as its loss is on record: what follows for its pairs follows while the cut still waits.
void life_cuts::look()
{
    if (!failed_ || world_.machine.crashed() || world_.wrong()) return;
    for (const leg_info& each : process_.disk->legs()) {
        if (each.element != world_.leg_path(*failed_) || !each.error) continue;
        world_.leg(*failed_).forget_faults();
        if (process_.opened->element_returned(each.element)) failed_.reset();
        return;
    }
}

bool life_cuts::comes_to_rest() noexcept
{
    return rests_ && (steps_left_ == 0 || --steps_left_ == 0);
}

}  // namespace cimrep::test
