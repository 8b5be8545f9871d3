// cim/consistency.hpp -- whether the members of a group hold one point in time.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// Whether a new group replica is to be consistent.
///
/// Source:  CIM_ReplicationService.CreateGroupReplica.Consistency, schema 2.49.0.
enum class consistency : std::uint16_t {
    no_consistency = 2,
    sequential_consistency = 3,
};

/// The exact names of `consistency`, in order.
// clang-format off
inline constexpr auto consistency_names = std::to_array<value_name<consistency>>({
    {consistency::no_consistency, "No Consistency"},
    {consistency::sequential_consistency, "Sequential Consistency"},
});
// clang-format on

template <>
inline constexpr value_map<consistency> value_map_of<consistency>{consistency_names,
                                                                  vendor_from_0x8000};
static_assert(in_order(value_map_of<consistency>));

/// The consistency of groups whose creator names none.
///
/// Source:  CIM_ReplicationServiceCapabilities,
///          GetDefaultConsistency.DefaultConsistency, schema 2.49.0.
enum class default_consistency : std::uint16_t {
    no_default_consistency = 0,
    sequentially_consistent = 2,
};

/// The exact names of `default_consistency`, in order.
// clang-format off
inline constexpr auto default_consistency_names = std::to_array<value_name<default_consistency>>({
    {default_consistency::no_default_consistency, "No default consistency"},
    {default_consistency::sequentially_consistent, "Sequentially Consistent"},
});
// clang-format on

template <>
inline constexpr value_map<default_consistency> value_map_of<default_consistency>{
    default_consistency_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<default_consistency>));

/// The kind of consistency of a group.
///
/// Source:  CIM_GroupSynchronized.ConsistencyType, schema 2.49.0.
enum class consistency_type : std::uint16_t {
    sequentially_consistent = 2,
};

/// The exact names of `consistency_type`, in order.
// clang-format off
inline constexpr auto consistency_type_names = std::to_array<value_name<consistency_type>>({
    {consistency_type::sequentially_consistent, "Sequentially Consistent"},
});
// clang-format on

template <>
inline constexpr value_map<consistency_type> value_map_of<consistency_type>{consistency_type_names,
                                                                            vendor_from_0x8000};
static_assert(in_order(value_map_of<consistency_type>));

/// Whether a group is consistent now.
///
/// Source:  CIM_GroupSynchronized.ConsistencyState, schema 2.49.0.
enum class consistency_state : std::uint16_t {
    unknown = 0,
    other = 1,
    not_applicable = 2,
    consistent = 3,
    inconsistent = 4,
};

/// The exact names of `consistency_state`, in order.
// clang-format off
inline constexpr auto consistency_state_names = std::to_array<value_name<consistency_state>>({
    {consistency_state::unknown, "Unknown"},
    {consistency_state::other, "Other"},
    {consistency_state::not_applicable, "Not Applicable"},
    {consistency_state::consistent, "Consistent"},
    {consistency_state::inconsistent, "Inconsistent"},
});
// clang-format on

template <>
inline constexpr value_map<consistency_state> value_map_of<consistency_state>{
    consistency_state_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<consistency_state>));

/// What is under way for the consistency of a group.
///
/// Source:  CIM_GroupSynchronized.ConsistencyStatus, schema 2.49.0.
enum class consistency_status : std::uint16_t {
    unknown = 0,
    other = 1,
    completed = 2,
    consistency_in_progress = 3,
    consistency_disabled = 4,
    consistency_error = 5,
};

/// The exact names of `consistency_status`, in order.
// clang-format off
inline constexpr auto consistency_status_names = std::to_array<value_name<consistency_status>>({
    {consistency_status::unknown, "Unknown"},
    {consistency_status::other, "Other"},
    {consistency_status::completed, "Completed"},
    {consistency_status::consistency_in_progress, "Consistency-in-progress"},
    {consistency_status::consistency_disabled, "Consistency disabled"},
    {consistency_status::consistency_error, "Consistency-error"},
});
// clang-format on

template <>
inline constexpr value_map<consistency_status> value_map_of<consistency_status>{
    consistency_status_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<consistency_status>));

}  // namespace cimrep::inline v0
