// cim/capability_object.hpp -- what capability answers speak of: objects, connections, names.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// A kind of element that can be replicated.
///
/// Source:  CIM_ReplicationServiceCapabilities.SupportedStorageObjects, schema 2.49.0.
enum class supported_storage_object : std::uint16_t {
    storage_volume = 2,
    logical_disk = 3,
    replication_entity = 4,
};

/// The exact names of `supported_storage_object`, in order.
// clang-format off
inline constexpr auto supported_storage_object_names =
    std::to_array<value_name<supported_storage_object>>({
    {supported_storage_object::storage_volume, "StorageVolume"},
    {supported_storage_object::logical_disk, "LogicalDisk"},
    {supported_storage_object::replication_entity, "ReplicationEntity"},
});
// clang-format on

template <>
inline constexpr value_map<supported_storage_object> value_map_of<supported_storage_object>{
    supported_storage_object_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<supported_storage_object>));

/// In which directions a connection is used.
///
/// Source:  CIM_ReplicationServiceCapabilities,
///          GetSupportedConnectionFeatures.SupportedConnectionFeatures, schema 2.49.0.
enum class connection_feature : std::uint16_t {
    unidirectional_to_service_access_point = 2,
    unidirectional_from_service_access_point = 3,
};

/// The exact names of `connection_feature`, in order.
// clang-format off
inline constexpr auto connection_feature_names = std::to_array<value_name<connection_feature>>({
    {connection_feature::unidirectional_to_service_access_point,
     "Unidirectional to ServiceAccessPoint"},
    {connection_feature::unidirectional_from_service_access_point,
     "Unidirectional from ServiceAccessPoint"},
});
// clang-format on

template <>
inline constexpr value_map<connection_feature> value_map_of<connection_feature>{
    connection_feature_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<connection_feature>));

/// A kind of element whose name may be supplied.
///
/// Source:  CIM_ReplicationServiceCapabilities,
///          GetElementNameCapabilities.ElementType, schema 2.49.0.
enum class nameable_element : std::uint16_t {
    replication_group = 2,
    storage_synchronized = 3,
    group_synchronized = 4,
    synchronization_aspect = 5,
    replication_entity = 6,
};

/// The exact names of `nameable_element`, in order.
// clang-format off
inline constexpr auto nameable_element_names = std::to_array<value_name<nameable_element>>({
    {nameable_element::replication_group, "ReplicationGroup"},
    {nameable_element::storage_synchronized, "StorageSynchronized"},
    {nameable_element::group_synchronized, "GroupSynchronized"},
    {nameable_element::synchronization_aspect, "SynchronizationAspect"},
    {nameable_element::replication_entity, "ReplicationEntity"},
});
// clang-format on

template <>
inline constexpr value_map<nameable_element> value_map_of<nameable_element>{nameable_element_names,
                                                                            vendor_from_0x8000};
static_assert(in_order(value_map_of<nameable_element>));

/// How the name of an element may be supplied or changed.
///
/// Source:  CIM_ReplicationServiceCapabilities,
///          GetElementNameCapabilities.SupportedFeatures, schema 2.49.0.
enum class element_name_feature : std::uint16_t {
    element_name_can_be_supplied_during_creation = 2,
    element_name_can_be_modified_with_invoke_method = 3,
    element_name_can_be_modified_with_intrinsic_method = 4,
};

/// The exact names of `element_name_feature`, in order.
// clang-format off
inline constexpr auto element_name_feature_names = std::to_array<value_name<element_name_feature>>({
    {element_name_feature::element_name_can_be_supplied_during_creation,
     "ElementName can be supplied during creation"},
    {element_name_feature::element_name_can_be_modified_with_invoke_method,
     "ElementName can be modified with InvokeMethod"},
    {element_name_feature::element_name_can_be_modified_with_intrinsic_method,
     "ElementName can be modified with intrinsic method"},
});
// clang-format on

template <>
inline constexpr value_map<element_name_feature> value_map_of<element_name_feature>{
    element_name_feature_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<element_name_feature>));

}  // namespace cimrep::inline v0
