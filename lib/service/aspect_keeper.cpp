// service/aspect_keeper.cpp -- aspects, their associations and their instances.
// SPDX-License-Identifier: BSL-1.0
#include "aspect_keeper.hpp"

#include <cimrep/service/datetime.hpp>

#include <algorithm>
#include <utility>

namespace cimrep::inline v0 {

namespace {

/// Grows by half at least: one after the other would move all of them each time.
template <class List>
void make_room(List& list, std::size_t more)
{
    const std::size_t needed = list.size() + more;
    if (list.capacity() < needed) list.reserve(std::max(needed, list.size() + list.size() / 2));
}

/// In place, one after the other: g++ 12 destroys strings twice where memory runs out in the copies
/// of a list.
void add(instance& to, std::string_view name, property_value value, std::string_view meaning = {})
{
    auto& added = to.properties.emplace_back();
    added.name = name;
    added.value = std::move(value);
    added.meaning = meaning;
}

template <enumeration E>
void add_enumerated(instance& to, std::string_view name, E value)
{
    add(to, name, std::uint64_t{to_number(value)}, to_name(value));
}

}  // namespace

aspect_keeper::expectation_list::iterator aspect_keeper::find(
    const object_path& relationship) noexcept
{
    return std::find_if(expected_.begin(), expected_.end(),
                        [&](const expectation& each) { return each.relationship == relationship; });
}

void aspect_keeper::expect(object_path relationship, synchronization_aspect aspect,
                           settings_define_state association)
{
    make_room(aspects_, expected_.size() + 1);
    make_room(associations_, expected_.size() + 1);
    object_path path = association.path;
    expected_.push_back({std::move(relationship), std::move(aspect), std::move(association),
                         std::move(path), false});
}

bool aspect_keeper::leave(const object_path& relationship, wall_time when) noexcept
{
    const auto at = find(relationship);
    if (at == expected_.end() || at->left) return false;
    at->left = true;
    at->aspect.when_point_in_time = when;
    aspects_.push_back(std::move(at->aspect));
    associations_.push_back(std::move(at->association));
    return true;
}

std::optional<object_path> aspect_keeper::take(const object_path& relationship) noexcept
{
    const auto at = find(relationship);
    if (at == expected_.end()) return std::nullopt;
    std::optional<object_path> left;
    if (at->left) left = std::move(at->association_path);
    expected_.erase(at);
    return left;
}

instance instance_of(const synchronization_aspect& aspect)
{
    instance it{aspect.path, {}};
    add(it, "InstanceID", aspect.instance_id);
    add(it, "ElementName", aspect.element_name);
    add_enumerated(it, "SyncType", aspect.sync_type);
    add(it, "ConsistencyEnabled", false);
    add_enumerated(it, "CopyStatus", aspect.copy_status);
    add(it, "WhenPointInTime", to_datetime(aspect.when_point_in_time));
    add(it, "SourceElement", to_text(aspect.source_element));
    add(it, "AutoDelete", false);
    add_enumerated(it, "SyncState", aspect.sync_state);
    return it;
}

instance instance_of(const settings_define_state& association)
{
    instance it{association.path, {}};
    add(it, "ManagedElement", to_text(association.managed_element));
    add(it, "SettingData", to_text(association.setting_data));
    return it;
}

}  // namespace cimrep::inline v0
