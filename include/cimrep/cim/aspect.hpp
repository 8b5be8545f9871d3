// cim/aspect.hpp -- the states of a point in time that needs no target.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// The kind of a synchronization aspect; the parameter of its creation is a `sync_type`.
///
/// Source:  CIM_SynchronizationAspect.SyncType, schema 2.49.0.
enum class aspect_sync_type : std::uint16_t {
    mirror = 6,
    snapshot = 7,
    clone = 8,
};

/// The exact names of `aspect_sync_type`, in order.
// clang-format off
inline constexpr auto aspect_sync_type_names = std::to_array<value_name<aspect_sync_type>>({
    {aspect_sync_type::mirror, "Mirror"},
    {aspect_sync_type::snapshot, "Snapshot"},
    {aspect_sync_type::clone, "Clone"},
});
// clang-format on

template <>
inline constexpr value_map<aspect_sync_type> value_map_of<aspect_sync_type>{aspect_sync_type_names,
                                                                            vendor_from_0x8000};
static_assert(in_order(value_map_of<aspect_sync_type>));

/// The state of a synchronization aspect. Not the numbers of `sync_state`.
///
/// Source:  CIM_SynchronizationAspect.SyncState, schema 2.49.0.
enum class aspect_sync_state : std::uint16_t {
    initialized = 2,
    unsynchronized = 3,
    synchronized = 4,
    error = 5,
    invalid = 6,
    restored = 7,
};

/// The exact names of `aspect_sync_state`, in order.
// clang-format off
inline constexpr auto aspect_sync_state_names = std::to_array<value_name<aspect_sync_state>>({
    {aspect_sync_state::initialized, "Initialized"},
    {aspect_sync_state::unsynchronized, "Unsynchronized"},
    {aspect_sync_state::synchronized, "Synchronized"},
    {aspect_sync_state::error, "Error"},
    {aspect_sync_state::invalid, "Invalid"},
    {aspect_sync_state::restored, "Restored"},
});
// clang-format on

template <>
inline constexpr value_map<aspect_sync_state> value_map_of<aspect_sync_state>{
    aspect_sync_state_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<aspect_sync_state>));

/// What is under way for a synchronization aspect.
///
/// Source:  CIM_SynchronizationAspect.CopyStatus, schema 2.49.0.
enum class copy_status : std::uint16_t {
    not_applicable = 2,
    operation_in_progress = 3,
    operation_completed = 4,
    initializing = 5,
    synchronizing = 6,
    resyncing = 7,
    restoring = 8,
    aborting = 9,
    terminating = 10,
    mixed = 11,
};

/// The exact names of `copy_status`, in order.
// clang-format off
inline constexpr auto copy_status_names = std::to_array<value_name<copy_status>>({
    {copy_status::not_applicable, "Not Applicable"},
    {copy_status::operation_in_progress, "Operation In Progress"},
    {copy_status::operation_completed, "Operation Completed"},
    {copy_status::initializing, "Initializing"},
    {copy_status::synchronizing, "Synchronizing"},
    {copy_status::resyncing, "Resyncing"},
    {copy_status::restoring, "Restoring"},
    {copy_status::aborting, "Aborting"},
    {copy_status::terminating, "Terminating"},
    {copy_status::mixed, "Mixed"},
});
// clang-format on

template <>
inline constexpr value_map<copy_status> value_map_of<copy_status>{copy_status_names,
                                                                  vendor_from_0x8000};
static_assert(in_order(value_map_of<copy_status>));

}  // namespace cimrep::inline v0
