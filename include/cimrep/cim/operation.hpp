// cim/operation.hpp -- what can be asked of a relationship or group: ModifyReplicaSynchronization.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// What a client asks of a relationship or of a group of them.
///
/// The numbers have nothing to do with `legacy_operation`.
///
/// Source:  CIM_ReplicationService.ModifyReplicaSynchronization.Operation, schema 2.49.0.
enum class operation : std::uint16_t {
    abort = 2,                   ///< stop the copy that runs, if possible
    activate_consistency = 3,    ///< of a group: keep its members consistent
    activate = 4,                ///< start the data flow of an inactive or prepared relationship
    add_sync_pair = 5,           ///< of a group: add an existing pair
    deactivate_consistency = 6,  ///< of a group: stop keeping members consistent
    deactivate = 7,              ///< stop the data flow; source writes are not sent
    detach = 8,     ///< remove the relationship; the target stays as an independent element
    dissolve = 9,   ///< remove the relationship; the target stays, its origin is kept as an aspect
    failover = 10,  ///< let hosts use the target instead of the source
    failback = 11,  ///< return from failover
    fracture = 12,  ///< split the target from the source
    remove_sync_pair = 13,        ///< of a group: take a pair out
    resync_replica = 14,          ///< bring the target up to date again
    restore_from_replica = 15,    ///< copy from the target to the source
    resume = 16,                  ///< go on after Suspend
    reset_to_sync = 17,           ///< change the mode to synchronous
    reset_to_async = 18,          ///< change the mode to asynchronous
    return_to_resourcepool = 19,  ///< delete the target and give back its space
    reverse_roles = 20,           ///< source and target change places
    split = 21,                   ///< fracture with a consistent target
    suspend = 22,                 ///< stop the data flow until Resume
    unprepare = 23,               ///< deprecated: means what prepare means
    prepare = 24,                 ///< initialize again and stop in Prepared
    reset_to_adaptive = 25,       ///< change the mode to adaptive
    reset_to_active = 26,         ///< change the mode to active
    reset_replica = 27,  ///< back to the same point in time: what was written to the target is lost
};

/// The exact names of `operation`, in order.
// clang-format off
inline constexpr auto operation_names = std::to_array<value_name<operation>>({
    {operation::abort, "Abort"},
    {operation::activate_consistency, "Activate Consistency"},
    {operation::activate, "Activate"},
    {operation::add_sync_pair, "AddSyncPair"},
    {operation::deactivate_consistency, "Deactivate Consistency"},
    {operation::deactivate, "Deactivate"},
    {operation::detach, "Detach"},
    {operation::dissolve, "Dissolve"},
    {operation::failover, "Failover"},
    {operation::failback, "Failback"},
    {operation::fracture, "Fracture"},
    {operation::remove_sync_pair, "RemoveSyncPair"},
    {operation::resync_replica, "Resync Replica"},
    {operation::restore_from_replica, "Restore from Replica"},
    {operation::resume, "Resume"},
    {operation::reset_to_sync, "Reset To Sync"},
    {operation::reset_to_async, "Reset To Async"},
    {operation::return_to_resourcepool, "Return To ResourcePool"},
    {operation::reverse_roles, "Reverse Roles"},
    {operation::split, "Split"},
    {operation::suspend, "Suspend"},
    {operation::unprepare, "Unprepare"},
    {operation::prepare, "Prepare"},
    {operation::reset_to_adaptive, "Reset to Adaptive"},
    {operation::reset_to_active, "Reset to Active"},
    {operation::reset_replica, "Reset Replica"},
});
// clang-format on

template <>
inline constexpr value_map<operation> value_map_of<operation>{operation_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<operation>));

}  // namespace cimrep::inline v0
