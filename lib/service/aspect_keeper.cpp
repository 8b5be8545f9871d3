// service/aspect_keeper.cpp -- aspects, their associations and their instances.
// SPDX-License-Identifier: BSL-1.0
#include "aspect_keeper.hpp"

#include <cimrep/service/datetime.hpp>

#include <algorithm>

namespace cimrep::inline v0 {

namespace {

template <class List>
auto find_in(List& list, const object_path& relationship)
{
    return std::find_if(list.begin(), list.end(),
                        [&](const auto& each) { return each.first == relationship; });
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

bool aspect_keeper::expects(const object_path& relationship) const noexcept
{
    return find_in(expected_, relationship) != expected_.end();
}

void aspect_keeper::add(const object_path& relationship, synchronization_aspect aspect,
                        settings_define_state association)
{
    // Both or neither.
    aspects_.reserve(aspects_.size() + 1);
    associations_.reserve(associations_.size() + 1);
    const auto at = find_in(expected_, relationship);
    if (at != expected_.end()) at->second = association.path;
    aspects_.push_back(std::move(aspect));
    associations_.push_back(std::move(association));
}

std::optional<object_path> aspect_keeper::take(const object_path& relationship)
{
    const auto at = find_in(expected_, relationship);
    if (at == expected_.end()) return std::nullopt;
    auto left = std::move(at->second);
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
