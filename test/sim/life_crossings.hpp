// test/sim/life_crossings.hpp -- a leg fails just as another joins, or a crash comes as one fails.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "life_world.hpp"
#include <cstddef>
#include <cstdint>

namespace cimrep::test {

/// With hazard::crossed_losses most processes have one change of the set at which something else
/// happens before it is on record: while a leg that was copied to is being recorded in the set,
/// which takes long, the leg that it was copied from fails, and a crash comes while it is copied to
/// once more; or the source fails, and a crash comes before what follows from that is on record.
class life_crossings {
public:
    explicit life_crossings(life_world& world);

    /// A process begins, which will crash like this.
    void begin_process(crash_kind kind);
    /// It does not crash any more.
    void calm() noexcept { wanted_ = stage::none; }

private:
    enum class stage : std::uint8_t { none, copy, join, second_copy, copy_before_loss, loss };

    void happened(log_event what, std::size_t leg);
    void copy_ends(std::size_t leg);
    void join_begins(std::size_t copy);
    void crash_soon(std::uint64_t operations_min, std::uint64_t operations_max);

    life_world& world_;
    seeded_random random_;
    crash_kind kind_ = crash_kind::power_loss;
    stage wanted_ = stage::none;
    std::size_t leg_ = 0;    ///< that joins
    std::size_t fails_ = 0;  ///< the other one
};

}  // namespace cimrep::test
