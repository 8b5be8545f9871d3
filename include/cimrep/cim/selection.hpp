// cim/selection.hpp -- filters and options of the methods that list things.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// Which relationships are wanted by where their target is.
///
/// Source:  CIM_ReplicationService.GetReplicationRelationships.Locality, schema 2.49.0.
enum class locality : std::uint16_t {
    local_only = 2,
    remote_only = 3,
};

/// The exact names of `locality`, in order.
// clang-format off
inline constexpr auto locality_names = std::to_array<value_name<locality>>({
    {locality::local_only, "Local only"},
    {locality::remote_only, "Remote only"},
});
// clang-format on

template <>
inline constexpr value_map<locality> value_map_of<locality>{locality_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<locality>));

/// Which class of relationship is wanted.
///
/// Source:  CIM_ReplicationService.GetReplicationRelationships.Type, schema 2.49.0.
enum class relationship_class : std::uint16_t {
    storage_synchronized = 2,
    group_synchronized = 3,
};

/// The exact names of `relationship_class`, in order.
// clang-format off
inline constexpr auto relationship_class_names = std::to_array<value_name<relationship_class>>({
    {relationship_class::storage_synchronized, "StorageSynchronized"},
    {relationship_class::group_synchronized, "GroupSynchronized"},
});
// clang-format on

template <>
inline constexpr value_map<relationship_class> value_map_of<relationship_class>{
    relationship_class_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<relationship_class>));

/// Which peer systems are wanted.
///
/// Source:  CIM_ReplicationService.GetPeerSystems.Options, schema 2.49.0.
enum class peer_systems_option : std::uint16_t {
    only_systems_currently_reachable = 2,
    include_access_points_for_systems_currently_reachable = 3,
};

/// The exact names of `peer_systems_option`, in order.
// clang-format off
inline constexpr auto peer_systems_option_names = std::to_array<value_name<peer_systems_option>>({
    {peer_systems_option::only_systems_currently_reachable, "Only systems currently reachable"},
    {peer_systems_option::include_access_points_for_systems_currently_reachable,
     "Include access points for systems currently reachable"},
});
// clang-format on

template <>
inline constexpr value_map<peer_systems_option> value_map_of<peer_systems_option>{
    peer_systems_option_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<peer_systems_option>));

}  // namespace cimrep::inline v0
