// test/sim/life_absences.hpp -- a leg is not there when a process begins.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "life_faults.hpp"
#include <cstddef>

namespace cimrep::test {

/// With hazard::absent_at_opening a leg, mostly the source, is pulled out between two processes,
/// with nothing in its cache, so that nothing is lost by that. It comes back while the next process
/// works, or after it. What is on record about the others is all that this process can go by.
class life_absences {
public:
    life_absences(life_world& world, life_faults& faults);

    /// No process runs, and the next is about to begin.
    void before_boot();

private:
    std::size_t choose();

    life_world& world_;
    life_faults& faults_;
    seeded_random random_;
};

}  // namespace cimrep::test
