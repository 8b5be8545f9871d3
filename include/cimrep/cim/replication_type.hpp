// cim/replication_type.hpp -- SyncType, Mode and locality in one number.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// The kind of a replica, its mode and whether its target is local, as one value.
///
/// Source:  CIM_ReplicationServiceCapabilities.SupportedReplicationTypes, schema 2.49.0.
enum class replication_type : std::uint16_t {
    synchronous_mirror_local = 2,
    asynchronous_mirror_local = 3,
    synchronous_mirror_remote = 4,
    asynchronous_mirror_remote = 5,
    synchronous_snapshot_local = 6,
    asynchronous_snapshot_local = 7,
    synchronous_snapshot_remote = 8,
    asynchronous_snapshot_remote = 9,
    synchronous_clone_local = 10,
    asynchronous_clone_local = 11,
    synchronous_clone_remote = 12,
    asynchronous_clone_remote = 13,
    synchronous_tokenized_clone_local = 14,
    asynchronous_tokenized_clone_local = 15,
    synchronous_tokenized_clone_remote = 16,
    asynchronous_tokenized_clone_remote = 17,
    adaptive_mirror_local = 18,
    adaptive_mirror_remote = 19,
    adaptive_snapshot_local = 20,
    adaptive_snapshot_remote = 21,
    adaptive_clone_local = 22,
    adaptive_clone_remote = 23,
    adaptive_tokenized_clone_local = 24,
    adaptive_tokenized_clone_remote = 25,
    active_mirror_local = 26,
    active_mirror_remote = 27,
};

/// The exact names of `replication_type`, in order.
// clang-format off
inline constexpr auto replication_type_names = std::to_array<value_name<replication_type>>({
    {replication_type::synchronous_mirror_local, "Synchronous Mirror Local"},
    {replication_type::asynchronous_mirror_local, "Asynchronous Mirror Local"},
    {replication_type::synchronous_mirror_remote, "Synchronous Mirror Remote"},
    {replication_type::asynchronous_mirror_remote, "Asynchronous Mirror Remote"},
    {replication_type::synchronous_snapshot_local, "Synchronous Snapshot Local"},
    {replication_type::asynchronous_snapshot_local, "Asynchronous Snapshot Local"},
    {replication_type::synchronous_snapshot_remote, "Synchronous Snapshot Remote"},
    {replication_type::asynchronous_snapshot_remote, "Asynchronous Snapshot Remote"},
    {replication_type::synchronous_clone_local, "Synchronous Clone Local"},
    {replication_type::asynchronous_clone_local, "Asynchronous Clone Local"},
    {replication_type::synchronous_clone_remote, "Synchronous Clone Remote"},
    {replication_type::asynchronous_clone_remote, "Asynchronous Clone Remote"},
    {replication_type::synchronous_tokenized_clone_local, "Synchronous TokenizedClone Local"},
    {replication_type::asynchronous_tokenized_clone_local, "Asynchronous TokenizedClone Local"},
    {replication_type::synchronous_tokenized_clone_remote, "Synchronous TokenizedClone Remote"},
    {replication_type::asynchronous_tokenized_clone_remote, "Asynchronous TokenizedClone Remote"},
    {replication_type::adaptive_mirror_local, "Adaptive Mirror Local"},
    {replication_type::adaptive_mirror_remote, "Adaptive Mirror Remote"},
    {replication_type::adaptive_snapshot_local, "Adaptive Snapshot Local"},
    {replication_type::adaptive_snapshot_remote, "Adaptive Snapshot Remote"},
    {replication_type::adaptive_clone_local, "Adaptive Clone Local"},
    {replication_type::adaptive_clone_remote, "Adaptive Clone Remote"},
    {replication_type::adaptive_tokenized_clone_local, "Adaptive TokenizedClone Local"},
    {replication_type::adaptive_tokenized_clone_remote, "Adaptive TokenizedClone Remote"},
    {replication_type::active_mirror_local, "Active Mirror Local"},
    {replication_type::active_mirror_remote, "Active Mirror Remote"},
});
// clang-format on

template <>
inline constexpr value_map<replication_type> value_map_of<replication_type>{replication_type_names,
                                                                            vendor_from_0x8000};
static_assert(in_order(value_map_of<replication_type>));

/// Whether source and target are under the same service.
///
/// Source:  CIM_ReplicationServiceCapabilities,
///          ConvertSyncTypeToReplicationType.LocalOrRemote, schema 2.49.0.
enum class local_or_remote : std::uint16_t {
    local = 2,
    remote = 3,
};

/// The exact names of `local_or_remote`, in order.
// clang-format off
inline constexpr auto local_or_remote_names = std::to_array<value_name<local_or_remote>>({
    {local_or_remote::local, "Local"},
    {local_or_remote::remote, "Remote"},
});
// clang-format on

template <>
inline constexpr value_map<local_or_remote> value_map_of<local_or_remote>{local_or_remote_names,
                                                                          vendor_from_0x8000};
static_assert(in_order(value_map_of<local_or_remote>));

}  // namespace cimrep::inline v0
