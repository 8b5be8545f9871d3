// test/sim/life_cuts.hpp -- a leg fails and another one hangs just when a pair is parted.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "life_process.hpp"
#include <cstdint>
#include <optional>

namespace cimrep::test {

/// A cut holds the host's writes until those in flight have ended, and then it flushes. Here one of
/// those writes takes its time or hangs, and another one, mostly that to the source, fails; its leg
/// may be back before the cut has ended. Half of the times the process comes to rest soon, without
/// a crash before, which would mend what is left.
class life_cuts {
public:
    explicit life_cuts(life_process& process);

    /// A pair is about to be parted: comes back when a write is in the way of that, if one is.
    void before();
    /// Something has happened, and nobody else is about to ask for anything.
    void look();
    /// At each step: true if the process is to come to rest now.
    bool comes_to_rest() noexcept;
    /// It was to, and did.
    bool came_to_rest() const noexcept { return rests_ && steps_left_ == 0; }

private:
    life_process& process_;
    life_world& world_;
    seeded_random random_;
    std::optional<std::size_t> failed_;  ///< a leg, until it was told to be back
    bool rests_ = false;
    std::uint64_t steps_left_ = 0;
};

}  // namespace cimrep::test
