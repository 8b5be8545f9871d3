// test/sim/life_audit.hpp -- what must hold when faults are over.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "life_process.hpp"
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace cimrep::test {

class life_audit {
public:
    explicit life_audit(life_process& process) : process_(process), world_(process.world) {}

    /// Finds out what an interrupted restore has left: all of the one content or all of the other.
    /// False while the volume cannot be read.
    bool decide();
    /// Reads and judges the whole volume.
    void audit();
    /// Every relationship becomes Synchronized, in bounded virtual time, and every job ends.
    void settle();
    /// The disks themselves, when no process runs: they are equal, byte by byte, and no write's
    /// memory was changed while a disk had it.
    static void compare_legs(life_world& world);

private:
    void nothing_was_restored(const content_oracle& apart);
    /// What is wrong with the volume; empty words where it cannot be read.
    std::optional<std::string> read_and_compare();
    std::optional<std::vector<std::byte>> read_all();
    bool flush();
    void bring_up(std::size_t index);
    void compare();
    void choose_the_source();
    bool ask_for_a_copy(std::size_t index, relationship& pair);
    bool ask_for_a_copy(relationship& pair, bool by_hand);
    void mend_copy(unsigned copy);
    void mend_repository();

    life_process& process_;
    life_world& world_;
};

}  // namespace cimrep::test
