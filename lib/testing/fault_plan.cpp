// lib/testing/fault_plan.cpp -- draws a plan from a seed, and prints one.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/testing/fault_plan.hpp>
#include <cimrep/testing/seeded_random.hpp>

#include <fmt/format.h>

namespace cimrep::inline v0 {

fault_plan fault_plan_of(std::uint64_t seed, const fault_plan_limits& limits)
{
    seeded_random random(seed_of_part(seed, 17));
    fault_plan plan;
    for (std::size_t i = 0; i < disk_fault_count; ++i) {
        // Drawn for each, switched on or not: what one limit changes does not move the others.
        const bool on = random.chance(0.5);
        const double share = static_cast<double>(random.between(1, 100)) / 100.0;
        if (!on || (is_silent(static_cast<disk_fault>(i)) && !limits.silent_faults)) continue;
        plan.rates[i] = limits.rate_greatest * share * share;
    }
    // Fast and slow disks: what matters is how far operations overtake each other.
    plan.latency_least = {static_cast<std::int64_t>(random.between(1'000, 50'000))};
    plan.latency_greatest = {plan.latency_least.nanoseconds +
                             static_cast<std::int64_t>(random.below(2'000'000))};
    plan.late_completion = random.chance(0.3) ? 0.0 : 0.25;
    plan.destage = random.chance(0.3) ? 0.0 : static_cast<double>(random.below(30)) / 100.0;
    plan.power_loss.survival = static_cast<cache_survival>(random.below(7));
    if (random.chance(0.5)) plan.power_loss.survival = cache_survival::independent;
    plan.power_loss.torn_new_probability = static_cast<double>(random.below(101)) / 100.0;
    if (random.chance(0.3) && limits.unreadable) plan.power_loss.torn_unreadable_probability = 0.2;
    if (random.chance(0.3) && limits.garbage) plan.power_loss.torn_garbage_probability = 0.2;
    plan.process_kill.zombie_probability = random.chance(0.3) ? 0.0 : 0.5;
    return plan;
}

std::string describe(const fault_plan& plan)
{
    std::string text =
        fmt::format("latency {}..{} ns, late {:.2f}, destage {:.2f}, survival {}",
                    plan.latency_least.nanoseconds, plan.latency_greatest.nanoseconds,
                    plan.late_completion, plan.destage, static_cast<int>(plan.power_loss.survival));
    for (std::size_t i = 0; i < disk_fault_count; ++i)
        if (plan.rates[i] > 0.0)
            text += fmt::format(", {} {:.4f}", disk_fault_names[i], plan.rates[i]);
    return text;
}

}  // namespace cimrep::inline v0
