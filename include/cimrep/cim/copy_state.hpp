// cim/copy_state.hpp -- what the data on a target is worth: CIM_Synchronized.CopyState.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// The steady state of one replication relationship: what the data on its target is worth.
///
/// WaitForCopyState parameters carry these values too, though the schema gives them no map.
///
/// Source:  CIM_Synchronized.CopyState, schema 2.49.0.
enum class copy_state : std::uint16_t {
    initialized = 2,      ///< associated; data flow has not started
    unsynchronized = 3,   ///< not all of the source is on the target yet
    synchronized = 4,     ///< the target is a copy of the source
    broken = 5,           ///< not functional: source, target, path or space failed
    fractured = 6,        ///< target split from the source
    split = 7,            ///< as fractured, and the target is consistent
    inactive = 8,         ///< data flow stopped; source writes are not sent
    suspended = 9,        ///< data flow stopped; source writes are held until Resume
    failedover = 10,      ///< reads and writes go to the target
    prepared = 11,        ///< initialization done, data flow not started
    aborted = 12,         ///< a copy was aborted; only Resync Replica starts it again
    skewed = 13,          ///< the target was changed after it was synchronized
    mixed = 14,           ///< of a group: the members differ
    not_applicable = 15,  ///< of RequestedCopyState: no change is wanted
    partitioned = 16,     ///< cannot be told, for example while a connection is lost
    invalid = 17,         ///< still cannot be told after the connection came back
    restored = 18,        ///< the source was restored from the target
};

/// The exact names of `copy_state`, in order.
// clang-format off
inline constexpr auto copy_state_names = std::to_array<value_name<copy_state>>({
    {copy_state::initialized, "Initialized"},
    {copy_state::unsynchronized, "Unsynchronized"},
    {copy_state::synchronized, "Synchronized"},
    {copy_state::broken, "Broken"},
    {copy_state::fractured, "Fractured"},
    {copy_state::split, "Split"},
    {copy_state::inactive, "Inactive"},
    {copy_state::suspended, "Suspended"},
    {copy_state::failedover, "Failedover"},
    {copy_state::prepared, "Prepared"},
    {copy_state::aborted, "Aborted"},
    {copy_state::skewed, "Skewed"},
    {copy_state::mixed, "Mixed"},
    {copy_state::not_applicable, "Not Applicable"},
    {copy_state::partitioned, "Partitioned"},
    {copy_state::invalid, "Invalid"},
    {copy_state::restored, "Restored"},
});
// clang-format on

template <>
inline constexpr value_map<copy_state> value_map_of<copy_state>{copy_state_names,
                                                                vendor_from_0x8000};
static_assert(in_order(value_map_of<copy_state>));

}  // namespace cimrep::inline v0
