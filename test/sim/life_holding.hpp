// test/sim/life_holding.hpp -- copies are held at any moment, and let go.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "life_process.hpp"
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cimrep::test {

/// Holds copies in one process. What was under way when a copy was held still ends, and no more:
/// one that begins meanwhile copies nothing.
class life_holding {
public:
    explicit life_holding(life_process& process);

    void step();

private:
    struct held_copy {
        bool is_held = false;
        unsigned let_go = 0;             ///< all of them, before
        unsigned restores = 0;           ///< seen before
        unsigned mirrors = 0;            ///< begun with the target, when it was held
        std::uint64_t copied_bytes = 0;  ///< at the last look
        std::uint64_t copied_bytes_max = 0;
    };

    void hold(std::size_t index);
    void let_go(std::size_t index);
    void look(std::size_t index);

    life_process& process_;
    life_world& world_;
    seeded_random random_;
    std::vector<held_copy> held_;
};

}  // namespace cimrep::test
