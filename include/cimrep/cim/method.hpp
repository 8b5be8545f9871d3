// cim/method.hpp -- the methods of the replication classes, with their CIM names.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/config.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cimrep::inline v0 {

/// A method of the model. Our own numbering: the schema has several, for subsets of these.
///
/// Source:  CIM_ReplicationService, CIM_ReplicationServiceCapabilities, CIM_ConcreteJob and
///          CIM_StorageConfigurationService, schema 2.49.0.
enum class method_id : std::uint8_t {
    // CIM_ReplicationService
    create_group,
    delete_group,
    add_members,
    remove_members,
    create_element_replica,
    create_group_replica,
    create_synchronization_aspect,
    modify_replica_synchronization,
    modify_list_synchronization,
    modify_settings_define_state,
    get_available_target_elements,
    get_peer_systems,
    get_replication_relationships,
    get_service_access_points,
    add_replication_entity,
    add_service_access_point,
    add_shared_secret,
    create_list_replica,
    create_group_replica_from_elements,
    get_replication_relationship_instances,
    modify_list_settings_define_state,
    add_to_remote_replication_collection,
    create_remote_replication_collection,
    remove_from_remote_replication_collection,
    add_elements_to_group_synchronized,
    confirm_target_data,
    create_group_replica_from_element_synchronizations,
    get_synchronization_aspect_instances,
    get_synchronization_aspects,
    create_list_synchronization_aspect,
    // CIM_ReplicationServiceCapabilities
    convert_sync_type_to_replication_type,
    convert_replication_type_to_sync_type,
    get_supported_copy_states,
    get_supported_group_copy_states,
    get_supported_wait_for_copy_states,
    get_supported_features,
    get_supported_group_features,
    get_supported_consistency,
    get_supported_operations,
    get_supported_group_operations,
    get_supported_list_operations,
    get_supported_settings_define_state_operations,
    get_supported_thin_provisioning_features,
    get_supported_maximum,
    get_default_consistency,
    get_default_group_persistency,
    get_supported_replication_setting_data,
    get_default_replication_setting_data,
    get_supported_connection_features,
    get_synchronization_supported,
    get_supported_storage_compression_features,
    get_supported_tokenized_replication_type,
    get_element_name_capabilities,
    get_supported_list_features,
    get_supported_operations_for_synchronization,
    get_supported_replication_types_for_system,
    get_supported_replication_setting_data_date_time,
    // CIM_StorageConfigurationService
    create_or_modify_storage_pool,
    create_or_modify_element_from_storage_pool,
    delete_storage_pool,
    return_to_storage_pool,
    create_replica,
    modify_synchronization,
    attach_replica,
    create_or_modify_element_from_elements,
    assign_storage_resource_affinity,
    attach_or_modify_replica,
    create_elements_from_storage_pools,
    create_or_modify_replication_pipe,
    create_replication_buffer,
    legacy_get_available_target_elements,
    get_elements_based_on_usage,
    request_usage_change,
    return_elements_to_storage_pool,
    // CIM_ConcreteJob
    request_state_change,
    get_error,
    get_errors,
};

/// One method: the class that defines it and its CIM name.
struct method_row {
    method_id id;
    std::string_view class_name;
    std::string_view name;
};

namespace detail::methods {

inline constexpr std::string_view service = "CIM_ReplicationService";
inline constexpr std::string_view capabilities = "CIM_ReplicationServiceCapabilities";
inline constexpr std::string_view configuration = "CIM_StorageConfigurationService";
inline constexpr std::string_view job = "CIM_ConcreteJob";

// clang-format off
inline constexpr auto rows = std::to_array<method_row>({
    {method_id::create_group, service, "CreateGroup"},
    {method_id::delete_group, service, "DeleteGroup"},
    {method_id::add_members, service, "AddMembers"},
    {method_id::remove_members, service, "RemoveMembers"},
    {method_id::create_element_replica, service, "CreateElementReplica"},
    {method_id::create_group_replica, service, "CreateGroupReplica"},
    {method_id::create_synchronization_aspect, service, "CreateSynchronizationAspect"},
    {method_id::modify_replica_synchronization, service, "ModifyReplicaSynchronization"},
    {method_id::modify_list_synchronization, service, "ModifyListSynchronization"},
    {method_id::modify_settings_define_state, service, "ModifySettingsDefineState"},
    {method_id::get_available_target_elements, service, "GetAvailableTargetElements"},
    {method_id::get_peer_systems, service, "GetPeerSystems"},
    {method_id::get_replication_relationships, service, "GetReplicationRelationships"},
    {method_id::get_service_access_points, service, "GetServiceAccessPoints"},
    {method_id::add_replication_entity, service, "AddReplicationEntity"},
    {method_id::add_service_access_point, service, "AddServiceAccessPoint"},
    {method_id::add_shared_secret, service, "AddSharedSecret"},
    {method_id::create_list_replica, service, "CreateListReplica"},
    {method_id::create_group_replica_from_elements, service, "CreateGroupReplicaFromElements"},
    {method_id::get_replication_relationship_instances, service,
     "GetReplicationRelationshipInstances"},
    {method_id::modify_list_settings_define_state, service, "ModifyListSettingsDefineState"},
    {method_id::add_to_remote_replication_collection, service, "AddToRemoteReplicationCollection"},
    {method_id::create_remote_replication_collection, service, "CreateRemoteReplicationCollection"},
    {method_id::remove_from_remote_replication_collection, service,
     "RemoveFromRemoteReplicationCollection"},
    {method_id::add_elements_to_group_synchronized, service, "AddElementsToGroupSynchronized"},
    {method_id::confirm_target_data, service, "ConfirmTargetData"},
    {method_id::create_group_replica_from_element_synchronizations, service,
     "CreateGroupReplicaFromElementSynchronizations"},
    {method_id::get_synchronization_aspect_instances, service, "GetSynchronizationAspectInstances"},
    {method_id::get_synchronization_aspects, service, "GetSynchronizationAspects"},
    {method_id::create_list_synchronization_aspect, service, "CreateListSynchronizationAspect"},
    {method_id::convert_sync_type_to_replication_type, capabilities,
     "ConvertSyncTypeToReplicationType"},
    {method_id::convert_replication_type_to_sync_type, capabilities,
     "ConvertReplicationTypeToSyncType"},
    {method_id::get_supported_copy_states, capabilities, "GetSupportedCopyStates"},
    {method_id::get_supported_group_copy_states, capabilities, "GetSupportedGroupCopyStates"},
    {method_id::get_supported_wait_for_copy_states, capabilities, "GetSupportedWaitForCopyStates"},
    {method_id::get_supported_features, capabilities, "GetSupportedFeatures"},
    {method_id::get_supported_group_features, capabilities, "GetSupportedGroupFeatures"},
    {method_id::get_supported_consistency, capabilities, "GetSupportedConsistency"},
    {method_id::get_supported_operations, capabilities, "GetSupportedOperations"},
    {method_id::get_supported_group_operations, capabilities, "GetSupportedGroupOperations"},
    {method_id::get_supported_list_operations, capabilities, "GetSupportedListOperations"},
    {method_id::get_supported_settings_define_state_operations, capabilities,
     "GetSupportedSettingsDefineStateOperations"},
    {method_id::get_supported_thin_provisioning_features, capabilities,
     "GetSupportedThinProvisioningFeatures"},
    {method_id::get_supported_maximum, capabilities, "GetSupportedMaximum"},
    {method_id::get_default_consistency, capabilities, "GetDefaultConsistency"},
    {method_id::get_default_group_persistency, capabilities, "GetDefaultGroupPersistency"},
    {method_id::get_supported_replication_setting_data, capabilities,
     "GetSupportedReplicationSettingData"},
    {method_id::get_default_replication_setting_data, capabilities,
     "GetDefaultReplicationSettingData"},
    {method_id::get_supported_connection_features, capabilities, "GetSupportedConnectionFeatures"},
    {method_id::get_synchronization_supported, capabilities, "GetSynchronizationSupported"},
    {method_id::get_supported_storage_compression_features, capabilities,
     "GetSupportedStorageCompressionFeatures"},
    {method_id::get_supported_tokenized_replication_type, capabilities,
     "GetSupportedTokenizedReplicationType"},
    {method_id::get_element_name_capabilities, capabilities, "GetElementNameCapabilities"},
    {method_id::get_supported_list_features, capabilities, "GetSupportedListFeatures"},
    {method_id::get_supported_operations_for_synchronization, capabilities,
     "GetSupportedOperationsForSynchronization"},
    {method_id::get_supported_replication_types_for_system, capabilities,
     "GetSupportedReplicationTypesForSystem"},
    {method_id::get_supported_replication_setting_data_date_time, capabilities,
     "GetSupportedReplicationSettingDataDateTime"},
    {method_id::create_or_modify_storage_pool, configuration, "CreateOrModifyStoragePool"},
    {method_id::create_or_modify_element_from_storage_pool, configuration,
     "CreateOrModifyElementFromStoragePool"},
    {method_id::delete_storage_pool, configuration, "DeleteStoragePool"},
    {method_id::return_to_storage_pool, configuration, "ReturnToStoragePool"},
    {method_id::create_replica, configuration, "CreateReplica"},
    {method_id::modify_synchronization, configuration, "ModifySynchronization"},
    {method_id::attach_replica, configuration, "AttachReplica"},
    {method_id::create_or_modify_element_from_elements, configuration,
     "CreateOrModifyElementFromElements"},
    {method_id::assign_storage_resource_affinity, configuration, "AssignStorageResourceAffinity"},
    {method_id::attach_or_modify_replica, configuration, "AttachOrModifyReplica"},
    {method_id::create_elements_from_storage_pools, configuration,
     "CreateElementsFromStoragePools"},
    {method_id::create_or_modify_replication_pipe, configuration, "CreateOrModifyReplicationPipe"},
    {method_id::create_replication_buffer, configuration, "CreateReplicationBuffer"},
    {method_id::legacy_get_available_target_elements, configuration, "GetAvailableTargetElements"},
    {method_id::get_elements_based_on_usage, configuration, "GetElementsBasedOnUsage"},
    {method_id::request_usage_change, configuration, "RequestUsageChange"},
    {method_id::return_elements_to_storage_pool, configuration, "ReturnElementsToStoragePool"},
    {method_id::request_state_change, job, "RequestStateChange"},
    {method_id::get_error, job, "GetError"},
    {method_id::get_errors, job, "GetErrors"},
});
// clang-format on

static_assert([] {
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (rows[i].id != static_cast<method_id>(i)) return false;
    return true;
}());

}  // namespace detail::methods

/// All methods, in the order of `method_id`.
inline constexpr const auto& method_rows = detail::methods::rows;

/// The CIM name of `method`, without its class.
///
/// @pre  `method` is an enumerator.
constexpr std::string_view to_name(method_id method) noexcept
{
    return method_rows[static_cast<std::size_t>(method)].name;
}

/// The class that defines `method`.
///
/// @pre  `method` is an enumerator.
constexpr std::string_view class_of(method_id method) noexcept
{
    return method_rows[static_cast<std::size_t>(method)].class_name;
}

}  // namespace cimrep::inline v0
