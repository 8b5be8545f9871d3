// test/sim/life_points.hpp -- points in time are taken, read and dropped, and judged.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "life_process.hpp"
#include <cstddef>
#include <cstdint>

namespace cimrep::test {

/// What a point holds is known as what a target holds that was split off: from the calls alone.
class life_points {
public:
    explicit life_points(life_process& process);

    /// Takes one, drops one, or reads of some.
    void step();

    /// A process has opened what another one left: what was answered is there, and nothing else.
    static void judge_found(life_process& process);
    /// Before the oracle is told: what is being taken may be found, with what it may hold by now.
    static void crashed(life_world& world);

    /// When faults are over: what is not broken is read, all of it. False where it could not be.
    void read_all(bool must_succeed);
    /// Nothing of a pool is in use without a point.
    void drop_all();

    // Of a life with points.

    /// The pool that belongs to it.
    static std::uint64_t pool_bytes(const life_options& life);
    static void choose_limits(const life_world& world, shard_options& options);

private:
    void take();
    void taken(std::uint64_t id, const point_op& op);
    void drop(known_point& which);
    void dropped(std::uint64_t id, const point_op& op);
    void read(known_point& which, std::uint64_t first, std::uint64_t count, bool must_succeed);
    void read_some();
    void judge_list();
    known_point* find(std::uint64_t id);
    known_point* choose();

    life_process& process_;
    life_world& world_;
    seeded_random random_;
};

}  // namespace cimrep::test
