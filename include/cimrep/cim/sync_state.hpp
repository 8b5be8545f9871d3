// cim/sync_state.hpp -- the older state of a relationship: CIM_StorageSynchronized.SyncState.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// The state of a relationship in the words of the older service.
///
/// Source:  CIM_StorageSynchronized.SyncState, schema 2.49.0.
enum class sync_state : std::uint16_t {
    unknown = 0,
    initialized = 2,
    prepare_in_progress = 3,
    prepared = 4,
    resync_in_progress = 5,
    synchronized = 6,
    fracture_in_progress = 7,
    quiesce_in_progress = 8,
    quiesced = 9,
    restore_in_progress = 10,
    idle = 11,
    broken = 12,
    fractured = 13,
    frozen = 14,
    copy_in_progress = 15,
};

/// The exact names of `sync_state`, in order.
// clang-format off
inline constexpr auto sync_state_names = std::to_array<value_name<sync_state>>({
    {sync_state::unknown, "Unknown"},
    {sync_state::initialized, "Initialized"},
    {sync_state::prepare_in_progress, "PrepareInProgress"},
    {sync_state::prepared, "Prepared"},
    {sync_state::resync_in_progress, "ResyncInProgress"},
    {sync_state::synchronized, "Synchronized"},
    {sync_state::fracture_in_progress, "Fracture In Progress"},
    {sync_state::quiesce_in_progress, "QuiesceInProgress"},
    {sync_state::quiesced, "Quiesced"},
    {sync_state::restore_in_progress, "Restore In Progress"},
    {sync_state::idle, "Idle"},
    {sync_state::broken, "Broken"},
    {sync_state::fractured, "Fractured"},
    {sync_state::frozen, "Frozen"},
    {sync_state::copy_in_progress, "Copy In Progress"},
});
// clang-format on

template <>
inline constexpr value_map<sync_state> value_map_of<sync_state>{sync_state_names,
                                                                vendor_from_0x8000};
static_assert(in_order(value_map_of<sync_state>));

}  // namespace cimrep::inline v0
