// cim/replication_entity.hpp -- what a replication entity stands for.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// What an element of a peer that is not modelled further is.
///
/// Source:  CIM_ReplicationEntity.Type, schema 2.49.0.
enum class replication_entity_type : std::uint16_t {
    unknown = 0,
    other = 1,
    storage_pool = 2,
    storage_extent = 3,
    storage_volume = 4,
    logical_disk = 5,
    filesystem = 6,
    wwn = 7,
    uri = 8,
    objectpath = 9,
    encoded_in_entity_id = 10,
    embedded_instance = 11,
    partition = 12,
    replication_group = 13,
    computer_system = 14,
};

/// The exact names of `replication_entity_type`, in order.
// clang-format off
inline constexpr auto replication_entity_type_names =
    std::to_array<value_name<replication_entity_type>>({
    {replication_entity_type::unknown, "Unknown"},
    {replication_entity_type::other, "Other"},
    {replication_entity_type::storage_pool, "StoragePool"},
    {replication_entity_type::storage_extent, "StorageExtent"},
    {replication_entity_type::storage_volume, "StorageVolume"},
    {replication_entity_type::logical_disk, "LogicalDisk"},
    {replication_entity_type::filesystem, "Filesystem"},
    {replication_entity_type::wwn, "WWN"},
    {replication_entity_type::uri, "URI"},
    {replication_entity_type::objectpath, "Objectpath"},
    {replication_entity_type::encoded_in_entity_id, "Encoded in EntityID"},
    {replication_entity_type::embedded_instance, "Embedded Instance"},
    {replication_entity_type::partition, "Partition"},
    {replication_entity_type::replication_group, "ReplicationGroup"},
    {replication_entity_type::computer_system, "ComputerSystem"},
});
// clang-format on

template <>
inline constexpr value_map<replication_entity_type> value_map_of<replication_entity_type>{
    replication_entity_type_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<replication_entity_type>));

}  // namespace cimrep::inline v0
