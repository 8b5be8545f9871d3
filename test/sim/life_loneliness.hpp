// test/sim/life_loneliness.hpp -- a target is left alone when it was found to differ.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "life_process.hpp"

namespace cimrep::test {

/// With hazard::lonely_differences most of the damage that a verification finds and leaves takes
/// the source out of the set: in this process, by a write that fails, or in the next one, where it
/// is not there at the opening. What the target held alone is what the source lacks then, and
/// nothing tells it but what is known to differ. So the pair is left alone until the source has it,
/// and mostly nothing crashes meanwhile.
class life_loneliness {
public:
    explicit life_loneliness(life_world& world);

    /// A process is about to begin.
    void begin_process();
    /// False if it stays with what comes after any difference.
    bool difference_found(const life_process& process);
    /// The source is told to be back whenever it is away.
    void step(life_process& process);

    /// The source has left the set, or is about to, and nobody does anything else to the pair.
    bool lasts() const noexcept { return now_ == stage::leaves || now_ == stage::returns; }
    /// The process goes on until it is back.
    bool waits() const noexcept { return now_ == stage::returns; }
    /// The process ends in order now.
    bool ends_process() const noexcept { return now_ == stage::ends; }

private:
    void leave_in_peace();

    enum class stage : std::uint8_t { none, leaves, returns, ends };

    life_world& world_;
    seeded_random random_;
    seeded_random crashes_;
    stage now_ = stage::none;
    unsigned steps_left_ = 0;  ///< in which it is waited for
};

}  // namespace cimrep::test
