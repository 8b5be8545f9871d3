// test/sim/life_past.hpp -- disks that come back as what they were, or as somebody else's.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "life_world.hpp"
#include <optional>
#include <vector>

namespace cimrep::test {

/// Between two processes one leg is replaced by an older image of it, by another leg's, by zeros or
/// by noise; where that must be noticed, for what it holds there is also what a label or a sample
/// was made of. What was not overwritten is put back before the next process but one, or when it
/// is there again: it may be pulled out before anybody has looked at it.
class life_past {
public:
    explicit life_past(life_world& world);
    ~life_past();
    life_past(const life_past&) = delete;
    life_past& operator=(const life_past&) = delete;

    /// A process has ended; what its disks hold now is what they were. `in_sync`: legs, by number,
    /// that were equal then.
    void process_ended(bool in_order, std::uint32_t in_sync);
    /// What a process has copied to, or serves, is its leg now, although no byte of it differs from
    /// what came in its place.
    void keep(std::uint32_t in_use);
    /// Faults are over, or the next process but one begins. What is not whole then stays due.
    void put_back();
    /// Of that whatever is whole again.
    void put_back_what_was_away();
    /// Which leg is not what it was, if nothing of it could pass for what it was: its label is
    /// another one, or all of it was sampled, and none differed.
    std::optional<std::size_t> lost() const noexcept;

private:
    struct written_label {
        byte_extent extent;         ///< of the last that was written
        bool later_failed = false;  ///< one after it
        unsigned mirror = 0;        ///< of those with this leg: the one that it was written in
    };

    struct replaced_leg {
        std::size_t leg;
        sparse_image truth;
        sparse_image instead;
        bool is_known = false;  ///< to be another one, by all that it holds
        written_label label;    ///< on `truth`
    };

    struct replacement {
        std::size_t leg;
        sparse_image instead;
    };

    void see(const trace_event& event);
    unsigned mirrors_with(std::size_t leg) const noexcept;
    std::optional<replacement> choose();
    std::optional<replacement> choose_with_a_label();
    std::optional<sparse_image> another_image(std::size_t leg);
    bool is_whole(std::size_t leg) const;
    bool is_on_record(std::size_t leg) const;
    bool was_sampled(std::size_t leg, std::uint32_t in_sync) const;
    bool has_another_label(std::size_t leg, const sparse_image& instead) const;

    life_world& world_;
    std::vector<std::vector<sparse_image>> images_;  ///< by leg, at the ends of processes
    std::vector<written_label> labels_;              ///< by leg
    seeded_random old_;                              ///< of legs with another label
    std::optional<replaced_leg> replaced_;
    std::vector<replaced_leg> away_;  ///< were to be put back, and could not be
};

}  // namespace cimrep::test
