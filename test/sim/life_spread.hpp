// test/sim/life_spread.hpp -- whether known damage may be seen, or taken over by the source.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/block_device.hpp>

#include "life_process.hpp"
#include <cstddef>
#include <cstdint>

namespace cimrep::test {

/// What was found on one leg is neither read nor copied while another leg of the set is right
/// there, also if that one was found to differ in other places.
class life_spread {
public:
    explicit life_spread(life_process& process) : process_(process), world_(process.world) {}

    /// Whenever something has happened to a leg or to a pair.
    void look();
    void heard(log_event what, std::size_t leg);
    /// A read that was sent at that moment of `life_world::moments` has returned this.
    void judge_read(const io_op& read, std::uint64_t sent);

    /// Whatever is damaged may be all that is left of the content.
    static void anywhere(life_world& world);
    /// From now on it may be on record that the leg differs there; until it is equal again.
    /// Returns the moment of the verification that may find it.
    static std::uint64_t doubt(life_world& world, std::size_t leg, byte_extent where);
    static void verification_over(life_world& world, std::uint64_t begun);
    /// No verification outlives its process, and no read.
    static void begin_process(life_world& world);

private:
    bool is_covered(const silent_damage& damage) const;
    bool is_right(std::size_t leg, const silent_damage& damage) const;
    void forget_doubts();

    life_process& process_;
    life_world& world_;
};

}  // namespace cimrep::test
