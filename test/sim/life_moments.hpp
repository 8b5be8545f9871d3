// test/sim/life_moments.hpp -- the power goes just when the repository is between two steps.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "life_world.hpp"
#include <cstdint>
#include <memory>

namespace cimrep::test {

/// Chooses in each process one moment of the repository, after which the process crashes within a
/// few operations of the disks: the nth log record, which perhaps fails on a copy, the end of a
/// resilvering, the nth request that was answered, or that the repository is open.
class life_moments {
public:
    explicit life_moments(life_world& world);

    /// A process begins, which will crash like this.
    void begin_process(crash_kind kind);
    /// It does not crash any more.
    void calm() noexcept { armed_ = false; }

private:
    class tap;

    void reached(moment what);
    void crash_soon();
    void log_record_begins(std::size_t copy, bool of_a_relationship);
    std::unique_ptr<block_device> tap_copy(std::size_t copy, std::unique_ptr<block_device> below);

    life_world& world_;
    seeded_random random_;
    bool armed_ = false;
    crash_kind kind_ = crash_kind::power_loss;
    moment wanted_ = moment::opened;
    std::uint64_t nth_ = 1;          ///< of these moments, from now on
    std::uint64_t later_ = 1;        ///< so many operations of any disk
    std::size_t copy_ = 0;           ///< whose log records are counted
    bool of_relationships_ = false;  ///< only records that tell of one are counted
    bool fails_ = false;             ///< the record, on that copy
};

}  // namespace cimrep::test
