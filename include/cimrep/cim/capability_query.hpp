// cim/capability_query.hpp -- the small maps that the capability methods ask and answer with.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// A method with a WaitForCopyState parameter. Not the numbers of the supported actions.
///
/// Source:  CIM_ReplicationServiceCapabilities,
///          GetSupportedWaitForCopyStates.MethodName, schema 2.49.0.
enum class wait_method : std::uint16_t {
    create_element_replica = 2,
    create_group_replica = 3,
    modify_replica_synchronization = 4,
    modify_list_synchronization = 5,
    modify_settings_define_state = 6,
    create_list_replica = 7,
    create_group_replica_from_elements = 8,
    modify_list_settings_define_state = 9,
    create_group_replica_from_element_synchronizations = 10,
    add_elements_to_group_synchronized = 11,
};

/// The exact names of `wait_method`, in order.
// clang-format off
inline constexpr auto wait_method_names = std::to_array<value_name<wait_method>>({
    {wait_method::create_element_replica, "CreateElementReplica"},
    {wait_method::create_group_replica, "CreateGroupReplica"},
    {wait_method::modify_replica_synchronization, "ModifyReplicaSynchronization"},
    {wait_method::modify_list_synchronization, "ModifyListSynchronization"},
    {wait_method::modify_settings_define_state, "ModifySettingsDefineState"},
    {wait_method::create_list_replica, "CreateListReplica"},
    {wait_method::create_group_replica_from_elements, "CreateGroupReplicaFromElements"},
    {wait_method::modify_list_settings_define_state, "ModifyListSettingsDefineState"},
    {wait_method::create_group_replica_from_element_synchronizations,
     "CreateGroupReplicaFromElementSynchronizations"},
    {wait_method::add_elements_to_group_synchronized, "AddElementsToGroupSynchronized"},
});
// clang-format on

template <>
inline constexpr value_map<wait_method> value_map_of<wait_method>{wait_method_names,
                                                                  vendor_from_0x8000};
static_assert(in_order(value_map_of<wait_method>));

/// A method whose support between two elements is asked for.
///
/// Source:  CIM_ReplicationServiceCapabilities,
///          GetSynchronizationSupported.MethodName, schema 2.49.0.
enum class relationship_method : std::uint16_t {
    create_element_replica = 2,
    create_group_replica = 3,
    create_synchronization_aspect = 4,
};

/// The exact names of `relationship_method`, in order.
// clang-format off
inline constexpr auto relationship_method_names = std::to_array<value_name<relationship_method>>({
    {relationship_method::create_element_replica, "CreateElementReplica"},
    {relationship_method::create_group_replica, "CreateGroupReplica"},
    {relationship_method::create_synchronization_aspect, "CreateSynchronizationAspect"},
});
// clang-format on

template <>
inline constexpr value_map<relationship_method> value_map_of<relationship_method>{
    relationship_method_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<relationship_method>));

/// What a maximum is asked for.
///
/// Source:  CIM_ReplicationServiceCapabilities.GetSupportedMaximum.Component, schema 2.49.0.
enum class maximum_component : std::uint16_t {
    number_of_groups = 2,
    number_of_elements_per_source_group = 3,
    number_of_elements_per_target_group = 4,
    number_of_target_elements_per_source_element = 5,
    number_of_total_source_elements = 6,
    number_of_total_target_elements = 7,
    number_of_peer_systems = 8,
    number_of_hops_in_multi_hop_copy = 9,
    maximum_number_of_tokens_supported = 10,
    current_number_of_tokens_in_use = 11,
    optimal_token_size = 12,
    number_of_synchronization_aspect_instances = 13,
    number_of_synchronization_aspect_instances_per_source_element = 14,
    number_of_synchronization_aspect_instances_per_source_group = 15,
};

/// The exact names of `maximum_component`, in order.
// clang-format off
inline constexpr auto maximum_component_names = std::to_array<value_name<maximum_component>>({
    {maximum_component::number_of_groups, "Number of groups"},
    {maximum_component::number_of_elements_per_source_group, "Number of elements per source group"},
    {maximum_component::number_of_elements_per_target_group, "Number of elements per target group"},
    {maximum_component::number_of_target_elements_per_source_element,
     "Number of target elements per source element"},
    {maximum_component::number_of_total_source_elements, "Number of total source elements"},
    {maximum_component::number_of_total_target_elements, "Number of total target elements"},
    {maximum_component::number_of_peer_systems, "Number of peer systems"},
    {maximum_component::number_of_hops_in_multi_hop_copy, "Number of hops in multi-hop copy"},
    {maximum_component::maximum_number_of_tokens_supported, "Maximum number of tokens supported"},
    {maximum_component::current_number_of_tokens_in_use, "Current number of tokens in-use"},
    {maximum_component::optimal_token_size, "Optimal token size"},
    {maximum_component::number_of_synchronization_aspect_instances,
     "Number of SynchronizationAspect instances"},
    {maximum_component::number_of_synchronization_aspect_instances_per_source_element,
     "Number of SynchronizationAspect instances per source element"},
    {maximum_component::number_of_synchronization_aspect_instances_per_source_group,
     "Number of SynchronizationAspect instances per source group"},
});
// clang-format on

template <>
inline constexpr value_map<maximum_component> value_map_of<maximum_component>{
    maximum_component_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<maximum_component>));

/// Which side's service takes an operation.
///
/// Source:  CIM_ReplicationServiceCapabilities,
///          GetSupportedOperations.ServiceControlling, schema 2.49.0.
enum class service_controlling : std::uint16_t {
    source_only = 2,
    target_only = 3,
    source_or_target = 4,
    both_source_and_target = 5,
};

/// The exact names of `service_controlling`, in order.
// clang-format off
inline constexpr auto service_controlling_names = std::to_array<value_name<service_controlling>>({
    {service_controlling::source_only, "Source Only"},
    {service_controlling::target_only, "Target Only"},
    {service_controlling::source_or_target, "Source or Target"},
    {service_controlling::both_source_and_target, "Both Source and Target"},
});
// clang-format on

template <>
inline constexpr value_map<service_controlling> value_map_of<service_controlling>{
    service_controlling_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<service_controlling>));

/// The role that a local element could play.
///
/// Source:  CIM_ReplicationServiceCapabilities,
///          GetSynchronizationSupported.LocalElementRole, schema 2.49.0.
enum class element_role : std::uint16_t {
    system_element = 2,
    synced_element = 3,
};

/// The exact names of `element_role`, in order.
// clang-format off
inline constexpr auto element_role_names = std::to_array<value_name<element_role>>({
    {element_role::system_element, "SystemElement"},
    {element_role::synced_element, "SyncedElement"},
});
// clang-format on

template <>
inline constexpr value_map<element_role> value_map_of<element_role>{element_role_names,
                                                                    vendor_from_0x8000};
static_assert(in_order(value_map_of<element_role>));

/// A property of the setting data; RPO is DesiredRPO and Skew is MaximumSkew.
///
/// Source:  CIM_ReplicationServiceCapabilities,
///          GetSupportedReplicationSettingData.PropertyName, schema 2.49.0.
enum class setting_property : std::uint16_t {
    consistent_point_in_time = 2,
    desired_copy_methodology = 3,
    multihop = 4,
    on_group_or_list_error = 5,
    unequal_groups_action = 6,
    target_element_supplier = 7,
    thin_provisioning_policy = 8,
    pairing = 9,
    failed_copy_stops_host_io = 10,
    copy_recovery_mode = 11,
    unequal_lists_action = 12,
    delta_update_interval = 13,
    delta_update_blocks = 14,
    read_only = 15,
    storage_compression_policy = 16,
    target_element_resourcepool = 17,
    target_element_goal = 18,
    rrc_software_compression_enabled = 19,
    rrc_hardware_compression_enabled = 20,
    auto_delete = 21,
    time_before_removal = 23,
    consistency_exempt = 24,
    consistent_async_copy = 25,
    rpo = 26,
    skew = 27,
};

/// The exact names of `setting_property`, in order.
// clang-format off
inline constexpr auto setting_property_names = std::to_array<value_name<setting_property>>({
    {setting_property::consistent_point_in_time, "ConsistentPointInTime"},
    {setting_property::desired_copy_methodology, "DesiredCopyMethodology"},
    {setting_property::multihop, "Multihop"},
    {setting_property::on_group_or_list_error, "OnGroupOrListError"},
    {setting_property::unequal_groups_action, "UnequalGroupsAction"},
    {setting_property::target_element_supplier, "TargetElementSupplier"},
    {setting_property::thin_provisioning_policy, "ThinProvisioningPolicy"},
    {setting_property::pairing, "Pairing"},
    {setting_property::failed_copy_stops_host_io, "FailedCopyStopsHostIO"},
    {setting_property::copy_recovery_mode, "CopyRecoveryMode"},
    {setting_property::unequal_lists_action, "UnequalListsAction"},
    {setting_property::delta_update_interval, "DeltaUpdateInterval"},
    {setting_property::delta_update_blocks, "DeltaUpdateBlocks"},
    {setting_property::read_only, "ReadOnly"},
    {setting_property::storage_compression_policy, "StorageCompressionPolicy"},
    {setting_property::target_element_resourcepool, "TargetElementResourcePool"},
    {setting_property::target_element_goal, "TargetElementGoal"},
    {setting_property::rrc_software_compression_enabled, "RRCSoftwareCompressionEnabled"},
    {setting_property::rrc_hardware_compression_enabled, "RRCHardwareCompressionEnabled"},
    {setting_property::auto_delete, "AutoDelete"},
    {setting_property::time_before_removal, "TimeBeforeRemoval"},
    {setting_property::consistency_exempt, "ConsistencyExempt"},
    {setting_property::consistent_async_copy, "ConsistentAsyncCopy"},
    {setting_property::rpo, "RPO"},
    {setting_property::skew, "Skew"},
});
// clang-format on

template <>
inline constexpr value_map<setting_property> value_map_of<setting_property>{setting_property_names,
                                                                            vendor_from_0x8000};
static_assert(in_order(value_map_of<setting_property>));

/// A property of the setting data that is a time.
///
/// Source:  CIM_ReplicationServiceCapabilities,
///          GetSupportedReplicationSettingDataDateTime.PropertyName, schema 2.49.0.
enum class datetime_setting_property : std::uint16_t {
    delta_update_interval = 13,
    time_before_removal = 23,
    rpo = 26,
};

/// The exact names of `datetime_setting_property`, in order.
// clang-format off
inline constexpr auto datetime_setting_property_names =
    std::to_array<value_name<datetime_setting_property>>({
    {datetime_setting_property::delta_update_interval, "DeltaUpdateInterval"},
    {datetime_setting_property::time_before_removal, "TimeBeforeRemoval"},
    {datetime_setting_property::rpo, "RPO"},
});
// clang-format on

template <>
inline constexpr value_map<datetime_setting_property> value_map_of<datetime_setting_property>{
    datetime_setting_property_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<datetime_setting_property>));

/// How the times that follow are meant.
///
/// Source:  CIM_ReplicationServiceCapabilities,
///          GetSupportedReplicationSettingDataDateTime.SupportedValuesIndicator, schema 2.49.0.
enum class supported_values_indicator : std::uint16_t {
    single = 2,
    range = 3,
    range_with_increment = 4,
    discrete = 5,
};

/// The exact names of `supported_values_indicator`, in order.
// clang-format off
inline constexpr auto supported_values_indicator_names =
    std::to_array<value_name<supported_values_indicator>>({
    {supported_values_indicator::single, "Single"},
    {supported_values_indicator::range, "Range"},
    {supported_values_indicator::range_with_increment, "Range with increment"},
    {supported_values_indicator::discrete, "Discrete"},
});
// clang-format on

template <>
inline constexpr value_map<supported_values_indicator> value_map_of<supported_values_indicator>{
    supported_values_indicator_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<supported_values_indicator>));

/// Whether groups outlive a restart.
///
/// Source:  CIM_ReplicationServiceCapabilities,
///          GetDefaultGroupPersistency.DefaultGroupPersistency, schema 2.49.0.
enum class default_group_persistency : std::uint16_t {
    no_default_persistency = 0,
    persistent = 2,
    not_persistent = 3,
};

/// The exact names of `default_group_persistency`, in order.
// clang-format off
inline constexpr auto default_group_persistency_names =
    std::to_array<value_name<default_group_persistency>>({
    {default_group_persistency::no_default_persistency, "No default persistency"},
    {default_group_persistency::persistent, "Persistent"},
    {default_group_persistency::not_persistent, "Not Persistent"},
});
// clang-format on

template <>
inline constexpr value_map<default_group_persistency> value_map_of<default_group_persistency>{
    default_group_persistency_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<default_group_persistency>));

/// What a service does with thin elements.
///
/// Source:  CIM_ReplicationServiceCapabilities,
///          GetSupportedThinProvisioningFeatures.SupportedThinProvisioningFeatures, schema 2.49.0.
enum class thin_provisioning_feature : std::uint16_t {
    thin_provisioning_is_not_supported = 1,
    zeros_written_in_unused_allocated_blocks_of_target = 2,
    unused_allocated_blocks_of_target_are_not_initialized = 3,
};

/// The exact names of `thin_provisioning_feature`, in order.
// clang-format off
inline constexpr auto thin_provisioning_feature_names =
    std::to_array<value_name<thin_provisioning_feature>>({
    {thin_provisioning_feature::thin_provisioning_is_not_supported,
     "Thin provisioning is not supported"},
    {thin_provisioning_feature::zeros_written_in_unused_allocated_blocks_of_target,
     "Zeros written in unused allocated blocks of target"},
    {thin_provisioning_feature::unused_allocated_blocks_of_target_are_not_initialized,
     "Unused allocated blocks of target are not initialized"},
});
// clang-format on

template <>
inline constexpr value_map<thin_provisioning_feature> value_map_of<thin_provisioning_feature>{
    thin_provisioning_feature_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<thin_provisioning_feature>));

/// What a service does with compressed elements.
///
/// Source:  CIM_ReplicationServiceCapabilities,
///          GetSupportedStorageCompressionFeatures.SupportedStorageCompressionFeatures,
///          schema 2.49.0.
enum class storage_compression_feature : std::uint16_t {
    storage_compression_is_not_supported = 1,
    compressed_source_to_compressed_target = 2,
    compressed_source_to_uncompressed_target = 3,
    uncompressed_source_to_compressed_target = 4,
    compression_of_target_same_as_source = 5,
    target_pool_decides_compression_of_target_element = 6,
    implementation_decides_compression_of_target = 7,
};

/// The exact names of `storage_compression_feature`, in order.
// clang-format off
inline constexpr auto storage_compression_feature_names =
    std::to_array<value_name<storage_compression_feature>>({
    {storage_compression_feature::storage_compression_is_not_supported,
     "Storage compression is not supported"},
    {storage_compression_feature::compressed_source_to_compressed_target,
     "Compressed source to compressed target"},
    {storage_compression_feature::compressed_source_to_uncompressed_target,
     "Compressed source to uncompressed target"},
    {storage_compression_feature::uncompressed_source_to_compressed_target,
     "Uncompressed source to compressed target"},
    {storage_compression_feature::compression_of_target_same_as_source,
     "Compression of target same as source"},
    {storage_compression_feature::target_pool_decides_compression_of_target_element,
     "Target pool decides compression of target element"},
    {storage_compression_feature::implementation_decides_compression_of_target,
     "Implementation decides compression of target"},
});
// clang-format on

template <>
inline constexpr value_map<storage_compression_feature> value_map_of<storage_compression_feature>{
    storage_compression_feature_names, vendor_from_0x8000_lower_case};
static_assert(in_order(value_map_of<storage_compression_feature>));

}  // namespace cimrep::inline v0
