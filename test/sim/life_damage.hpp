// test/sim/life_damage.hpp -- blocks of a target become others, and no device tells of it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "life_process.hpp"
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace cimrep::test {

/// While a pair is Synchronized a write that was meant for another volume overwrites blocks of its
/// target: never of the source, and of one leg at a time, so that it is known what is true. With
/// hazard::several_differences of another target as well, in other regions.
class life_damage {
public:
    explicit life_damage(life_world& world);

    /// Now and then.
    void step(life_process& process);
    /// A difference that was found is known for as long as it is there.
    static void judge(life_process& process);

private:
    void judge_truth(life_process& process);
    bool may_strike(const life_process& process, std::size_t index) const;
    bool is_one_at_a_time(std::size_t leg) const;
    void strike(std::size_t leg);
    void strike_block(std::size_t leg, std::uint64_t block);
    void strike_several(life_process& process);
    std::optional<std::uint64_t> block_beside(std::size_t leg);
    bool several_are_found() const;

    life_world& world_;
    seeded_random random_;
    seeded_random several_;             ///< of strikes at several targets
    std::uint64_t crashes_ = 0;         ///< before the process of which `truth_` tells
    std::vector<std::uint64_t> truth_;  ///< damage that was found, and was what alone was left
};

}  // namespace cimrep::test
