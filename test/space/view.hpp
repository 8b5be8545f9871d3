// test/space/view.hpp -- what makes two moments the same state, and what must hold there.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/runtime/volume.hpp>
#include <cimrep/state/relationship.hpp>

#include "world.hpp"
#include <array>
#include <string>
#include <vector>

namespace cimrep::test {

/// One leg as the library and the medium have it.
struct leg_view {
    bool there = false;
    leg_role role = leg_role::tracking;
    bool failed = false;   ///< the library knows
    bool failing = false;  ///< the medium does
    std::array<bool, space_regions> different{}, unflushed{};
};

/// A world at a quiet moment. What only counts up, such as a time or a generation, is left out.
struct view {
    relationship_state state;  ///< no association: `copy_state` says so
    bool open = false;         ///< the volume is
    bool read_only = false;
    bool copies = false;  ///< a window of a copy is held
    leg_view source, target;
    std::array<bool, space_regions> equal{};         ///< source and target
    std::array<bool, space_regions> source_right{};  ///< the source holds what the host was told
    std::array<bool, space_regions> target_right{};
    std::size_t uncovered = 0;  ///< extents with writes that no flush has covered
    std::string records;        ///< durable marks and maps

    /// What makes it the same state as another.
    std::string key() const;
    /// The same, and what is behind it: what a flush has covered, and what is on record.
    std::string full_key() const;
    bool synchronized() const { return state.copy_state == copy_state::synchronized; }
    bool marked() const { return records.find('h') != std::string::npos; }
    bool related() const { return state.copy_state != no_association; }
};

view look_at(const world& which);

/// What is wrong in any state, whatever led there: one sentence each.
std::vector<std::string> violations(const view& what);

/// "Broken, Dormant, whole image" and so on.
std::string to_words(copy_state state, fact facts);

}  // namespace cimrep::test
