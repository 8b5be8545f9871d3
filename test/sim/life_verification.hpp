// test/sim/life_verification.hpp -- pairs are compared online, and what that finds is judged.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "life_process.hpp"
#include <cstddef>
#include <vector>

namespace cimrep::test {

struct waited_verification : verify_op {
    bool over = false;
    waited_verification()
    {
        done = [](control_op& op) noexcept { static_cast<waited_verification&>(op).over = true; };
    }
};

class life_verification {
public:
    explicit life_verification(life_process& process) : process_(process), world_(process.world) {}

    /// Compares the target with the source while all goes on, and repairs it or not.
    void begin(std::size_t index, bool repair, byte_extent range = {});
    /// Where damage is there or may come, nothing else is asked for, mostly.
    bool attends_to(std::size_t index);
    /// When faults are over: compares all and leaves it, in half of the lives, so that what is
    /// found last is not only repaired. What is known to differ then, a copy makes equal.
    void looks_first(std::size_t index);
    /// When faults are over: compares all and repairs it. Of what was known to differ, and so is
    /// not compared, a copy is to be asked for.
    bool finds_nothing(std::size_t index);

private:
    /// What is known when a comparison begins.
    struct beginning {
        std::size_t index = 0;
        std::vector<silent_damage> there;  ///< on the target, and not on the source
        bool source_in_sync = false;
        bool known = false;  ///< some of it is not compared: it is known to differ
        std::uint64_t moment = 0;
    };

    beginning look(std::size_t index, byte_extent range) const;
    void judge(const beginning& before, const verify_op& op);
    void judge_damage(const beginning& before, const verify_op& op, silent_damage& damage);
    bool differs(std::size_t index, const silent_damage& damage) const;
    bool follows(std::size_t index, operation what);
    bool ends(std::size_t index, bool repair, waited_verification& op);
    /// It goes on with a copy then.
    bool is_known(std::size_t index);

    life_process& process_;
    life_world& world_;
};

}  // namespace cimrep::test
