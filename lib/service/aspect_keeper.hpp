// service/aspect_keeper.hpp -- what dissolved relationships leave behind.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/service/aspect.hpp>

#include <optional>
#include <utility>
#include <vector>

namespace cimrep::inline v0 {

/// The aspects of a service and their associations, one of each for a dissolved relationship.
class aspect_keeper {
public:
    /// The relationship is about to be dissolved: its end is to leave an aspect.
    void expect(object_path relationship) { expected_.push_back({std::move(relationship), {}}); }
    bool expects(const object_path& relationship) const noexcept;
    void add(const object_path& relationship, synchronization_aspect aspect,
             settings_define_state association);
    /// No longer expected; the association that it left, if it did.
    std::optional<object_path> take(const object_path& relationship);

    const std::vector<synchronization_aspect>& aspects() const noexcept { return aspects_; }
    const std::vector<settings_define_state>& associations() const noexcept
    {
        return associations_;
    }

private:
    std::vector<std::pair<object_path, std::optional<object_path>>> expected_;
    std::vector<synchronization_aspect> aspects_;
    std::vector<settings_define_state> associations_;
};

}  // namespace cimrep::inline v0
