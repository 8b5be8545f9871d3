// test/sim/life_copies.hpp -- copies of the repository that are lost while another has everything.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "life_process.hpp"
#include <cstddef>
#include <vector>

namespace cimrep::test {

/// Which copies of the repository a process does without. After a crash one or all but one of them
/// are lost, also the one that suffered nothing but crashes until then, if another was current: it
/// has everything that was answered, and must be good enough. In its place it suffers nothing but
/// crashes from then on. The lost ones are there again in the next process, as they were.
class life_copies {
public:
    explicit life_copies(life_world& world);

    /// What was current counts; before the process is taken apart.
    void crashed(const life_process& process);
    /// The lost ones are there.
    void put_back();

private:
    void keep(std::size_t copy);

    life_world& world_;
    seeded_random random_;
};

}  // namespace cimrep::test
