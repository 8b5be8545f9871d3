// testing/fault_plan.hpp -- how often what goes wrong: the switchboard of a simulation.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/config.hpp>
#include <cimrep/base/units.hpp>
#include <cimrep/testing/disk_fault.hpp>

#include <array>
#include <cstdint>
#include <string>

namespace cimrep::inline v0 {

/// Which of the blocks that were written and not flushed a power loss leaves on the medium.
enum class cache_survival : std::uint8_t {
    independent,  ///< each by itself, with `survival_probability`
    all,
    none,
    prefix,       ///< those written first, up to a random one
    suffix,       ///< those written last, from a random one on
    newest_only,  ///< those of the last write
    oldest_only,  ///< those of the first write
};

/// What a power loss does to a disk.
///
/// An operation in flight is torn by block: each block of it is old, new, or, with the
/// probabilities below, unreadable until it is rewritten, or garbage.
struct power_loss_options {
    cache_survival survival = cache_survival::independent;
    double survival_probability = 0.5;  ///< of a cached block
    double torn_new_probability = 0.5;  ///< of a block in flight: it is the new one
    double torn_unreadable_probability = 0.0;
    double torn_garbage_probability = 0.0;

    friend bool operator==(const power_loss_options&, const power_loss_options&) = default;
};

/// What becomes of the operations in flight of a process that is killed. Caches are kept.
struct process_kill_options {
    double zombie_probability = 0.5;  ///< it reaches the medium later, if at all
    double never_probability = 0.25;  ///< it never reaches the medium; else it has just done so
    duration zombie_delay_greatest = milliseconds(20);  ///< after the disk is opened again

    friend bool operator==(const process_kill_options&, const process_kill_options&) = default;
};

/// The rates of everything that a simulated disk does of its own accord.
///
/// A rate is the probability for one operation that the fault can strike. At most one fault
/// strikes an operation. The defaults: no fault, but caches, reordering and tearing.
struct fault_plan {
    std::array<double, disk_fault_count> rates{};

    duration latency_least{10'000};
    duration latency_greatest{200'000};  ///< operations in flight overtake each other within this
    duration slow_latency = seconds(1);  ///< of disk_fault::slow, at most so much longer
    double late_completion = 0.25;       ///< the operation is done some time before it says so
    double destage = 0.05;               ///< with a write, a random cached block becomes durable
    double early_loss = 0.0;  ///< of a write_back_failure: the block is gone before the flush
    power_loss_options power_loss{};
    process_kill_options process_kill{};

    double rate(disk_fault which) const noexcept { return rates[static_cast<std::size_t>(which)]; }
    /// Returns the plan itself, to be written in a chain.
    fault_plan& set(disk_fault which, double probability) noexcept
    {
        rates[static_cast<std::size_t>(which)] = probability;
        return *this;
    }
    /// Switches every fault off; latencies and caches stay. For the phase in which a simulated
    /// system has to come to rest.
    void heal() noexcept { rates.fill(0.0); }

    friend bool operator==(const fault_plan&, const fault_plan&) = default;
};

/// What fault_plan_of() may switch on.
struct fault_plan_limits {
    double rate_greatest = 0.05;
    bool silent_faults = false;  ///< also those of is_silent()
    bool garbage = false;        ///< a torn block may be garbage
    bool unreadable = true;      ///< a torn block may be unreadable
};

/// A plan in which a random half of the faults is switched off and the others have random rates:
/// seeds that lack a fault find what it would have hidden.
CIMREP_API fault_plan fault_plan_of(std::uint64_t seed, const fault_plan_limits& limits = {});

/// One line for the output of a failing test. Allocates.
CIMREP_API std::string describe(const fault_plan& plan);

}  // namespace cimrep::inline v0
