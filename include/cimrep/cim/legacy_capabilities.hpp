// cim/legacy_capabilities.hpp -- what the older Copy Services declare of themselves.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// A kind of replica, in the words of the older capabilities.
///
/// Source:  CIM_StorageReplicationCapabilities.SupportedSynchronizationType, schema 2.49.0.
enum class legacy_synchronization_type : std::uint16_t {
    async = 2,
    sync = 3,
    unsync_assoc_full = 4,
    unsync_assoc_delta = 5,
    unsync_unassoc = 6,
};

/// The exact names of `legacy_synchronization_type`, in order.
// clang-format off
inline constexpr auto legacy_synchronization_type_names =
    std::to_array<value_name<legacy_synchronization_type>>({
    {legacy_synchronization_type::async, "Async"},
    {legacy_synchronization_type::sync, "Sync"},
    {legacy_synchronization_type::unsync_assoc_full, "UnSyncAssoc-Full"},
    {legacy_synchronization_type::unsync_assoc_delta, "UnSyncAssoc-Delta"},
    {legacy_synchronization_type::unsync_unassoc, "UnSyncUnAssoc"},
});
// clang-format on

template <>
inline constexpr value_map<legacy_synchronization_type> value_map_of<legacy_synchronization_type>{
    legacy_synchronization_type_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<legacy_synchronization_type>));

/// What can start a job.
///
/// Source:  CIM_StorageReplicationCapabilities.SupportedAsynchronousActions, schema 2.49.0.
enum class legacy_asynchronous_action : std::uint16_t {
    local_replica_creation = 2,
    remote_replica_creation = 3,
    local_replica_modification = 4,
    remote_replica_modification = 5,
    local_replica_attachment = 6,
    remote_replica_attachment = 7,
    buffer_creation = 8,
};

/// The exact names of `legacy_asynchronous_action`, in order.
// clang-format off
inline constexpr auto legacy_asynchronous_action_names =
    std::to_array<value_name<legacy_asynchronous_action>>({
    {legacy_asynchronous_action::local_replica_creation, "Local Replica Creation"},
    {legacy_asynchronous_action::remote_replica_creation, "Remote Replica Creation"},
    {legacy_asynchronous_action::local_replica_modification, "Local Replica Modification"},
    {legacy_asynchronous_action::remote_replica_modification, "Remote Replica Modification"},
    {legacy_asynchronous_action::local_replica_attachment, "Local Replica Attachment"},
    {legacy_asynchronous_action::remote_replica_attachment, "Remote Replica Attachment"},
    {legacy_asynchronous_action::buffer_creation, "Buffer Creation"},
});
// clang-format on

template <>
inline constexpr value_map<legacy_asynchronous_action> value_map_of<legacy_asynchronous_action>{
    legacy_asynchronous_action_names, no_vendor_values};
static_assert(in_order(value_map_of<legacy_asynchronous_action>));

/// What can finish without a job.
///
/// Source:  CIM_StorageReplicationCapabilities.SupportedSynchronousActions, schema 2.49.0.
enum class legacy_synchronous_action : std::uint16_t {
    local_replica_creation = 2,
    remote_replica_creation = 3,
    local_replica_modification = 4,
    remote_replica_modification = 5,
    local_replica_attachment = 6,
    remote_replica_attachment = 7,
    buffer_creation = 8,
    network_pipe_creation = 9,
};

/// The exact names of `legacy_synchronous_action`, in order.
// clang-format off
inline constexpr auto legacy_synchronous_action_names =
    std::to_array<value_name<legacy_synchronous_action>>({
    {legacy_synchronous_action::local_replica_creation, "Local Replica Creation"},
    {legacy_synchronous_action::remote_replica_creation, "Remote Replica Creation"},
    {legacy_synchronous_action::local_replica_modification, "Local Replica Modification"},
    {legacy_synchronous_action::remote_replica_modification, "Remote Replica Modification"},
    {legacy_synchronous_action::local_replica_attachment, "Local Replica Attachment"},
    {legacy_synchronous_action::remote_replica_attachment, "Remote Replica Attachment"},
    {legacy_synchronous_action::buffer_creation, "Buffer Creation"},
    {legacy_synchronous_action::network_pipe_creation, "NetworkPipe Creation"},
});
// clang-format on

template <>
inline constexpr value_map<legacy_synchronous_action> value_map_of<legacy_synchronous_action>{
    legacy_synchronous_action_names, no_vendor_values};
static_assert(in_order(value_map_of<legacy_synchronous_action>));

/// The SyncState that a new replica starts in.
///
/// Source:  CIM_StorageReplicationCapabilities.InitialReplicationState, schema 2.49.0.
enum class initial_replication_state : std::uint16_t {
    initialized = 2,
    prepared = 3,
    synchronized = 4,
    idle = 5,
};

/// The exact names of `initial_replication_state`, in order.
// clang-format off
inline constexpr auto initial_replication_state_names =
    std::to_array<value_name<initial_replication_state>>({
    {initial_replication_state::initialized, "Initialized"},
    {initial_replication_state::prepared, "Prepared"},
    {initial_replication_state::synchronized, "Synchronized"},
    {initial_replication_state::idle, "Idle"},
});
// clang-format on

template <>
inline constexpr value_map<initial_replication_state> value_map_of<initial_replication_state>{
    initial_replication_state_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<initial_replication_state>));

/// A kind of element made for replication.
///
/// Source:  CIM_StorageReplicationCapabilities.SupportedSpecializedElements, schema 2.49.0.
enum class specialized_element : std::uint16_t {
    delta_pool = 2,
    delta_pool_component = 3,
    remote_mirror = 4,
    local_mirror = 5,
    full_snapshot = 6,
    delta_snapshot = 7,
    replication_buffer = 8,
};

/// The exact names of `specialized_element`, in order.
// clang-format off
inline constexpr auto specialized_element_names = std::to_array<value_name<specialized_element>>({
    {specialized_element::delta_pool, "Delta Pool"},
    {specialized_element::delta_pool_component, "Delta Pool Component"},
    {specialized_element::remote_mirror, "Remote Mirror"},
    {specialized_element::local_mirror, "Local Mirror"},
    {specialized_element::full_snapshot, "Full Snapshot"},
    {specialized_element::delta_snapshot, "Delta Snapshot"},
    {specialized_element::replication_buffer, "Replication Buffer"},
});
// clang-format on

template <>
inline constexpr value_map<specialized_element> value_map_of<specialized_element>{
    specialized_element_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<specialized_element>));

/// An operation of ModifySynchronization, under its shorter name.
///
/// Source:  CIM_StorageReplicationCapabilities.SupportedModifyOperations, schema 2.49.0.
enum class legacy_modify_operation : std::uint16_t {
    detach = 2,
    fracture = 3,
    resync = 4,
    restore = 5,
    prepare = 6,
    unprepare = 7,
    quiesce = 8,
    unquiesce = 9,
    reset_to_sync = 10,
    reset_to_async = 11,
    start_copy = 12,
    stop_copy = 13,
};

/// The exact names of `legacy_modify_operation`, in order.
// clang-format off
inline constexpr auto legacy_modify_operation_names =
    std::to_array<value_name<legacy_modify_operation>>({
    {legacy_modify_operation::detach, "Detach"},
    {legacy_modify_operation::fracture, "Fracture"},
    {legacy_modify_operation::resync, "Resync"},
    {legacy_modify_operation::restore, "Restore"},
    {legacy_modify_operation::prepare, "Prepare"},
    {legacy_modify_operation::unprepare, "Unprepare"},
    {legacy_modify_operation::quiesce, "Quiesce"},
    {legacy_modify_operation::unquiesce, "Unquiesce"},
    {legacy_modify_operation::reset_to_sync, "Reset To Sync"},
    {legacy_modify_operation::reset_to_async, "Reset To Async"},
    {legacy_modify_operation::start_copy, "Start Copy"},
    {legacy_modify_operation::stop_copy, "Stop Copy"},
});
// clang-format on

template <>
inline constexpr value_map<legacy_modify_operation> value_map_of<legacy_modify_operation>{
    legacy_modify_operation_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<legacy_modify_operation>));

/// Which hosts may use a replica.
///
/// Source:  CIM_StorageReplicationCapabilities.ReplicaHostAccessibility, schema 2.49.0.
enum class replica_host_accessibility : std::uint16_t {
    not_accessible = 2,
    no_restrictions = 3,
    source_hosts_only = 4,
    source_hosts_excluded = 5,
};

/// The exact names of `replica_host_accessibility`, in order.
// clang-format off
inline constexpr auto replica_host_accessibility_names =
    std::to_array<value_name<replica_host_accessibility>>({
    {replica_host_accessibility::not_accessible, "Not Accessible"},
    {replica_host_accessibility::no_restrictions, "No Restrictions"},
    {replica_host_accessibility::source_hosts_only, "Source Hosts Only"},
    {replica_host_accessibility::source_hosts_excluded, "Source Hosts Excluded"},
});
// clang-format on

template <>
inline constexpr value_map<replica_host_accessibility> value_map_of<replica_host_accessibility>{
    replica_host_accessibility_names, no_vendor_values};
static_assert(in_order(value_map_of<replica_host_accessibility>));

/// A SyncState in which hosts may use a replica.
///
/// Source:  CIM_StorageReplicationCapabilities.HostAccessibleState, schema 2.49.0.
enum class host_accessible_state : std::uint16_t {
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

/// The exact names of `host_accessible_state`, in order.
// clang-format off
inline constexpr auto host_accessible_state_names =
    std::to_array<value_name<host_accessible_state>>({
    {host_accessible_state::initialized, "Initialized"},
    {host_accessible_state::prepare_in_progress, "Prepare In Progress"},
    {host_accessible_state::prepared, "Prepared"},
    {host_accessible_state::resync_in_progress, "Resync In Progress"},
    {host_accessible_state::synchronized, "Synchronized"},
    {host_accessible_state::fracture_in_progress, "Fracture In Progress"},
    {host_accessible_state::quiesce_in_progress, "Quiesce In Progress"},
    {host_accessible_state::quiesced, "Quiesced"},
    {host_accessible_state::restore_in_progress, "Restore In Progress"},
    {host_accessible_state::idle, "Idle"},
    {host_accessible_state::broken, "Broken"},
    {host_accessible_state::fractured, "Fractured"},
    {host_accessible_state::frozen, "Frozen"},
    {host_accessible_state::copy_in_progress, "Copy In Progress"},
});
// clang-format on

template <>
inline constexpr value_map<host_accessible_state> value_map_of<host_accessible_state>{
    host_accessible_state_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<host_accessible_state>));

/// Whether copying starts by itself.
///
/// Source:  CIM_StorageReplicationCapabilities.InitialSynchronizationDefault, schema 2.49.0.
enum class initial_synchronization_default : std::uint16_t {
    not_managed = 0,
    start = 1,
    do_not_start = 2,
};

/// The exact names of `initial_synchronization_default`, in order.
// clang-format off
inline constexpr auto initial_synchronization_default_names =
    std::to_array<value_name<initial_synchronization_default>>({
    {initial_synchronization_default::not_managed, "Not Managed"},
    {initial_synchronization_default::start, "Start"},
    {initial_synchronization_default::do_not_start, "Do Not Start"},
});
// clang-format on

template <>
inline constexpr value_map<initial_synchronization_default>
    value_map_of<initial_synchronization_default>{initial_synchronization_default_names,
                                                  vendor_from_0x8000};
static_assert(in_order(value_map_of<initial_synchronization_default>));

/// How copying ranks against host I/O by default.
///
/// Source:  CIM_StorageReplicationCapabilities.ReplicationPriorityDefault, schema 2.49.0.
enum class replication_priority_default : std::uint16_t {
    not_managed = 0,
    low = 1,
    same = 2,
    high = 3,
};

/// The exact names of `replication_priority_default`, in order.
// clang-format off
inline constexpr auto replication_priority_default_names =
    std::to_array<value_name<replication_priority_default>>({
    {replication_priority_default::not_managed, "Not Managed"},
    {replication_priority_default::low, "Low"},
    {replication_priority_default::same, "Same"},
    {replication_priority_default::high, "High"},
});
// clang-format on

template <>
inline constexpr value_map<replication_priority_default> value_map_of<replication_priority_default>{
    replication_priority_default_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<replication_priority_default>));

/// Who shares a pool of differences.
///
/// Source:  CIM_StorageReplicationCapabilities.DeltaReplicaPoolAccess, schema 2.49.0.
enum class delta_replica_pool_access : std::uint16_t {
    any = 2,
    exclusive = 3,
    shared = 4,
};

/// The exact names of `delta_replica_pool_access`, in order.
// clang-format off
inline constexpr auto delta_replica_pool_access_names =
    std::to_array<value_name<delta_replica_pool_access>>({
    {delta_replica_pool_access::any, "Any"},
    {delta_replica_pool_access::exclusive, "Exclusive"},
    {delta_replica_pool_access::shared, "Shared"},
});
// clang-format on

template <>
inline constexpr value_map<delta_replica_pool_access> value_map_of<delta_replica_pool_access>{
    delta_replica_pool_access_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<delta_replica_pool_access>));

}  // namespace cimrep::inline v0
