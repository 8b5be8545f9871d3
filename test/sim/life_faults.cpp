// test/sim/life_faults.cpp -- rates by hazard; what is recoverable is decided here.
// SPDX-License-Identifier: BSL-1.0
#include "life_faults.hpp"

#include <algorithm>

namespace cimrep::test {

life_faults::life_faults(life_world& world)
    : world_(world), away_(world.leg_count()), pool_random_(seed_of_part(world.options.seed, 99))
{
}

// Caches and latencies, and what a crash does: no fault.
fault_plan life_faults::base_plan(seeded_random& random)
{
    fault_plan plan;
    plan.latency_least = {static_cast<std::int64_t>(random.between(1'000, 50'000))};
    plan.latency_greatest = {plan.latency_least.nanoseconds +
                             static_cast<std::int64_t>(random.below(1'000'000))};
    plan.late_completion = random.chance(0.3) ? 0.0 : 0.25;
    plan.destage = random.chance(0.3) ? 0.0 : 0.1;
    if (random.chance(0.5)) plan.power_loss.survival = static_cast<cache_survival>(random.below(7));
    plan.process_kill.zombie_probability = random.chance(0.3) ? 0.0 : 0.5;
    return plan;
}

fault_plan life_faults::leg_plan(seeded_random& random)
{
    const life_options& life = world_.options;
    fault_plan plan = base_plan(random);
    const auto add = [&](hazard which, disk_fault fault, double greatest) {
        if (!life.has(which)) return;
        const double share = static_cast<double>(random.between(1, 100)) / 100.0;
        plan.set(fault, greatest * share);
    };
    add(hazard::errors, disk_fault::transient_error, 0.01);
    add(hazard::broken_legs, disk_fault::permanent_error, 0.003);
    add(hazard::bad_sectors, disk_fault::latent_sector, 0.01);
    add(hazard::short_transfers, disk_fault::short_transfer, 0.02);
    add(hazard::stuck, disk_fault::stuck, 0.01);
    add(hazard::slow, disk_fault::slow, 0.05);
    add(hazard::failed_flushes, disk_fault::flush_loses_cache, 0.1);
    add(hazard::failed_flushes, disk_fault::write_back_failure, 0.01);
    add(hazard::early_losses, disk_fault::write_back_failure, 0.05);
    if (life.has(hazard::early_losses)) plan.early_loss = 0.8;
    add(hazard::lost_capabilities, disk_fault::capability_lost, 0.1);
    // What was in flight cannot be read afterwards.
    if (life.has(hazard::bad_sectors)) plan.power_loss.torn_unreadable_probability = 0.1;
    return plan;
}

fault_plan life_faults::repository_plan(bool honest)
{
    const life_options& life = world_.options;
    fault_plan plan = base_plan();
    // Unreadable is what an only copy of the log may not be, torn or not: opening is refused.
    if (life.has(hazard::torn_garbage)) plan.power_loss.torn_garbage_probability = 0.2;
    if (life.has(hazard::slow_copies)) {
        plan.set(disk_fault::slow, 0.03);
        plan.slow_latency = milliseconds(50);
    }
    if (honest) return plan;
    if (life.has(hazard::copy_errors)) {
        plan.set(disk_fault::transient_error, 0.01).set(disk_fault::latent_sector, 0.01);
        plan.set(disk_fault::flush_loses_cache, 0.01).set(disk_fault::slow, 0.02);
        plan.set(disk_fault::write_back_failure, 0.005);
    }
    if (life.has(hazard::copy_lies)) {
        plan.set(disk_fault::bit_rot, 0.01).set(disk_fault::misdirected_write, 0.01);
        plan.set(disk_fault::misdirected_read, 0.01).set(disk_fault::lost_write, 0.01);
        plan.set(disk_fault::stale_read, 0.01).set(disk_fault::lying_flush, 0.02);
    }
    return plan;
}

void life_faults::before_boot()
{
    for (std::size_t i = 0; i < world_.leg_count(); ++i) world_.leg(i).use(base_plan());
    for (simulated_disk* each : world_.repository) each->use(base_plan());
    if (world_.pool == nullptr) return;
    world_.pool->use(base_plan(pool_random_));
    if (!world_.pool->present()) world_.pool->come_back();
    const life_options& life = world_.options;
    if (!life.has(hazard::vanishing) && !life.has(hazard::absent_at_opening)) return;
    if (!pool_random_.chance(0.2)) return;
    world_.tell("the pool is absent");
    world_.pool->vanish();
}

void life_faults::look_at_pool()
{
    if (world_.pool == nullptr || !world_.pool->present()) return;
    if (pool_random_.chance(0.1)) world_.pool->forget_faults();
    if (!world_.options.has(hazard::vanishing) || !pool_random_.chance(0.01)) return;
    world_.tell("the pool vanishes");
    world_.pool->vanish();
}

void life_faults::begin()
{
    const std::size_t first = world_.random.chance(0.5) ? 0 : 1;
    for (std::size_t i = 0; i < world_.leg_count(); ++i)
        world_.leg(i).use(i >= first ? leg_plan() : base_plan());
    for (std::size_t i = 0; i < world_.repository.size(); ++i)
        world_.repository[i]->use(repository_plan(i == world_.honest_copy));
    if (world_.pool == nullptr) return;
    // In half of them a fault is always one of a leg.
    const bool fails = pool_random_.chance(0.5);
    world_.pool->use(fails ? leg_plan(pool_random_) : base_plan(pool_random_));
}

void life_faults::step(life_process& process)
{
    seeded_random& random = world_.random;
    if (random.chance(0.2)) world_.release_stuck();
    look_at_pool();
    for (std::size_t i = 0; i < away_.size(); ++i) {
        const bool was_away = is_away(i);
        if (!was_away && random.chance(0.04)) take_away(process, i);
        if (!was_away || !random.chance(0.3)) continue;
        bring_back(i);
        ++world_.report.returns;
        // Refused while requests from before are outstanding: somebody tells of it again.
        (void)process.opened->element_returned(world_.leg_path(i));
    }
    if (random.chance(0.1)) {
        const std::size_t i = static_cast<std::size_t>(random.below(world_.leg_count()));
        world_.leg(i).forget_faults();
        (void)process.opened->element_returned(world_.leg_path(i));
    }
}

void life_faults::lose(life_process& process, std::size_t leg)
{
    if (!away_[leg].gone && !away_[leg].content) take_away(process, leg);
}

void life_faults::take_away(life_process& process, std::size_t leg)
{
    const life_options& life = world_.options;
    const bool shrinks = life.has(hazard::shrinking) && world_.random.chance(0.3);
    if (!shrinks && !life.has(hazard::vanishing)) return;
    simulated_disk& disk = world_.leg(leg);
    world_.tell(disk.name() + (shrinks ? " shrinks" : " vanishes"));
    const power_loss_options how = disk.plan().power_loss;
    if (shrinks) {
        disk.vanish(how);
        disk.come_back();
        away_[leg].content = disk.image();
        disk.resize(world_.options.volume_bytes / 2 / (4 * kib) * (4 * kib));
    } else {
        disk.vanish(how);
        away_[leg].gone = true;
    }
    world_.notice_losses();
    // Another leg that is in sync and whole has everything; unless something else happens to it
    // before the library can have noticed.
    bool another = life.hazards == [] {
        choice<hazard> only;
        only.set(hazard::vanishing);
        return only;
    }();
    bool in_sync = false;
    std::size_t i = 0;
    for (const leg_info& each : process.disk->legs()) {
        in_sync = in_sync || (i != leg && each.role == leg_role::current);
        ++i;
    }
    another = another && in_sync;
    for (std::size_t other = 0; other < away_.size(); ++other)
        if (other != leg && is_away(other)) another = false;
    if (!another) world_.volume_lost_cache();
}

void life_faults::pull_out(std::size_t leg)
{
    world_.tell(world_.leg_name(leg) + " is absent");
    world_.leg(leg).vanish();
    away_[leg].gone = true;
}

void life_faults::bring_back(std::size_t leg)
{
    simulated_disk& disk = world_.leg(leg);
    world_.tell(disk.name() + " is back");
    if (away_[leg].content) {
        disk.resize(world_.options.volume_bytes);
        disk.come_back_as(*away_[leg].content);
    } else {
        disk.come_back();
    }
    away_[leg] = {};
}

void life_faults::calm()
{
    for (std::size_t i = 0; i < world_.leg_count(); ++i) {
        world_.leg(i).use(base_plan());
        world_.leg(i).forget_faults();
    }
    for (simulated_disk* each : world_.repository) {
        each->use(base_plan());
        each->forget_faults();
    }
    if (world_.pool != nullptr) {
        world_.pool->use(base_plan(pool_random_));
        world_.pool->forget_faults();
    }
    world_.release_stuck();
}

void life_faults::mend()
{
    for (std::size_t i = 0; i < world_.leg_count(); ++i) {
        world_.leg(i).forget_faults();
        test::mend(world_.leg(i));
    }
}

void life_faults::heal()
{
    calm();
    for (std::size_t i = 0; i < away_.size(); ++i)
        if (is_away(i)) bring_back(i);
    if (world_.pool != nullptr && !world_.pool->present()) world_.pool->come_back();
    if (world_.pool != nullptr) test::mend(*world_.pool);
    mend();
}

}  // namespace cimrep::test
