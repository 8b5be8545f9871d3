// test/sim/life_faults.hpp -- what goes wrong with the disks of a life while a process works.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "life_process.hpp"
#include <cstdint>
#include <optional>
#include <vector>

namespace cimrep::test {

class life_faults {
public:
    explicit life_faults(life_world& world);

    /// What a power loss and a kill do, and the rates of everything else, for the next process.
    void before_boot();
    void begin();
    /// Disks come and go, and stuck operations are answered.
    void step(life_process& process);
    /// No process runs: a disk is pulled out, or is back.
    void pull_out(std::size_t leg);
    void bring_back(std::size_t leg);
    bool is_away(std::size_t leg) const { return away_[leg].gone || away_[leg].content; }
    /// Pulls it out, where legs are.
    void lose(life_process& process, std::size_t leg);
    /// No process runs: nothing goes wrong any more, every disk is back, and all of it is readable.
    void heal();
    /// Faults of operations end; what the media have suffered stays.
    void calm();
    /// All of every leg is readable.
    void mend();

private:
    struct away {
        std::optional<sparse_image> content;  ///< of a disk that announces less
        bool gone = false;
    };

    fault_plan base_plan() { return base_plan(world_.random); }
    fault_plan base_plan(seeded_random& random);
    fault_plan leg_plan() { return leg_plan(world_.random); }
    fault_plan leg_plan(seeded_random& random);
    void look_at_pool();
    fault_plan repository_plan(bool honest);
    void take_away(life_process& process, std::size_t leg);

    life_world& world_;
    std::vector<away> away_;
    seeded_random pool_random_;
};

}  // namespace cimrep::test
