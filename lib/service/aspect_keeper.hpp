// service/aspect_keeper.hpp -- what dissolved relationships leave behind.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/service/aspect.hpp>

#include <optional>
#include <vector>

namespace cimrep::inline v0 {

/// The aspects of a service and their associations, one of each for a dissolved relationship.
class aspect_keeper {
public:
    /// The relationship is about to be dissolved: its end is to leave these. Makes the room that
    /// leaving them takes.
    void expect(object_path relationship, synchronization_aspect aspect,
                settings_define_state association);
    /// The relationship has ended, at `when`; true if it has left what was expected, as the last of
    /// both lists.
    bool leave(const object_path& relationship, wall_time when) noexcept;
    /// No longer expected; the association that it left, if it did.
    std::optional<object_path> take(const object_path& relationship) noexcept;

    const std::vector<synchronization_aspect>& aspects() const noexcept { return aspects_; }
    const std::vector<settings_define_state>& associations() const noexcept
    {
        return associations_;
    }

private:
    struct expectation {
        object_path relationship;
        synchronization_aspect aspect;
        settings_define_state association;
        object_path association_path;
        bool left = false;
    };
    using expectation_list = std::vector<expectation>;
    expectation_list::iterator find(const object_path& relationship) noexcept;

    expectation_list expected_;
    // Room for all that is expected is reserved.
    std::vector<synchronization_aspect> aspects_;
    std::vector<settings_define_state> associations_;
};

}  // namespace cimrep::inline v0
