// cim/supported_action.hpp -- which methods a service offers, at once or as a job.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// A method that can finish without a job.
///
/// Source:  CIM_ReplicationServiceCapabilities.SupportedSynchronousActions, schema 2.49.0.
enum class synchronous_action : std::uint16_t {
    create_element_replica = 2,
    create_group_replica = 3,
    create_synchronization_aspect = 4,
    modify_replica_synchronization = 5,
    modify_list_synchronization = 6,
    modify_settings_define_state = 7,
    get_available_target_elements = 8,
    get_peer_systems = 9,
    get_replication_relationships = 10,
    get_service_access_points = 11,
    create_group = 12,
    delete_group = 13,
    add_members = 14,
    remove_members = 15,
    add_replication_entity = 16,
    add_service_access_point = 17,
    add_shared_secret = 18,
    create_list_replica = 19,
    create_group_replica_from_elements = 20,
    get_replication_relationship_instances = 21,
    modify_list_settings_define_state = 22,
    create_remote_replication_collection = 23,
    add_to_remote_replication_collection = 24,
    remove_from_remote_replication_collection = 25,
    get_synchronization_aspects = 26,
    get_synchronization_aspect_instances = 27,
    create_group_replica_from_element_synchronizations = 28,
    add_elements_to_group_synchronized = 29,
    confirm_target_data = 30,
    create_list_synchronization_aspect = 31,
};

/// The exact names of `synchronous_action`, in order.
// clang-format off
inline constexpr auto synchronous_action_names = std::to_array<value_name<synchronous_action>>({
    {synchronous_action::create_element_replica, "CreateElementReplica"},
    {synchronous_action::create_group_replica, "CreateGroupReplica"},
    {synchronous_action::create_synchronization_aspect, "CreateSynchronizationAspect"},
    {synchronous_action::modify_replica_synchronization, "ModifyReplicaSynchronization"},
    {synchronous_action::modify_list_synchronization, "ModifyListSynchronization"},
    {synchronous_action::modify_settings_define_state, "ModifySettingsDefineState"},
    {synchronous_action::get_available_target_elements, "GetAvailableTargetElements"},
    {synchronous_action::get_peer_systems, "GetPeerSystems"},
    {synchronous_action::get_replication_relationships, "GetReplicationRelationships"},
    {synchronous_action::get_service_access_points, "GetServiceAccessPoints"},
    {synchronous_action::create_group, "CreateGroup"},
    {synchronous_action::delete_group, "DeleteGroup"},
    {synchronous_action::add_members, "AddMembers"},
    {synchronous_action::remove_members, "RemoveMembers"},
    {synchronous_action::add_replication_entity, "AddReplicationEntity"},
    {synchronous_action::add_service_access_point, "AddServiceAccessPoint"},
    {synchronous_action::add_shared_secret, "AddSharedSecret"},
    {synchronous_action::create_list_replica, "CreateListReplica"},
    {synchronous_action::create_group_replica_from_elements, "CreateGroupReplicaFromElements"},
    {synchronous_action::get_replication_relationship_instances,
     "GetReplicationRelationshipInstances"},
    {synchronous_action::modify_list_settings_define_state, "ModifyListSettingsDefineState"},
    {synchronous_action::create_remote_replication_collection, "CreateRemoteReplicationCollection"},
    {synchronous_action::add_to_remote_replication_collection, "AddToRemoteReplicationCollection"},
    {synchronous_action::remove_from_remote_replication_collection,
     "RemoveFromRemoteReplicationCollection"},
    {synchronous_action::get_synchronization_aspects, "GetSynchronizationAspects"},
    {synchronous_action::get_synchronization_aspect_instances, "GetSynchronizationAspectInstances"},
    {synchronous_action::create_group_replica_from_element_synchronizations,
     "CreateGroupReplicaFromElementSynchronizations"},
    {synchronous_action::add_elements_to_group_synchronized, "AddElementsToGroupSynchronized"},
    {synchronous_action::confirm_target_data, "ConfirmTargetData"},
    {synchronous_action::create_list_synchronization_aspect, "CreateListSynchronizationAspect"},
});
// clang-format on

template <>
inline constexpr value_map<synchronous_action> value_map_of<synchronous_action>{
    synchronous_action_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<synchronous_action>));

/// A method that can start a job; 12 to 18 never do.
///
/// Source:  CIM_ReplicationServiceCapabilities.SupportedAsynchronousActions, schema 2.49.0.
enum class asynchronous_action : std::uint16_t {
    create_element_replica = 2,
    create_group_replica = 3,
    create_synchronization_aspect = 4,
    modify_replica_synchronization = 5,
    modify_list_synchronization = 6,
    modify_settings_define_state = 7,
    get_available_target_elements = 8,
    get_peer_systems = 9,
    get_replication_relationships = 10,
    get_service_access_points = 11,
    create_list_replica = 19,
    create_group_replica_from_elements = 20,
    get_replication_relationship_instances = 21,
    modify_list_settings_define_state = 22,
    create_remote_replication_collection = 23,
    add_to_remote_replication_collection = 24,
    remove_from_remote_replication_collection = 25,
    get_synchronization_aspects = 26,
    get_synchronization_aspect_instances = 27,
    create_group_replica_from_element_synchronizations = 28,
    add_elements_to_group_synchronized = 29,
    confirm_target_data = 30,
    create_list_synchronization_aspect = 31,
};

/// The exact names of `asynchronous_action`, in order.
// clang-format off
inline constexpr auto asynchronous_action_names = std::to_array<value_name<asynchronous_action>>({
    {asynchronous_action::create_element_replica, "CreateElementReplica"},
    {asynchronous_action::create_group_replica, "CreateGroupReplica"},
    {asynchronous_action::create_synchronization_aspect, "CreateSynchronizationAspect"},
    {asynchronous_action::modify_replica_synchronization, "ModifyReplicaSynchronization"},
    {asynchronous_action::modify_list_synchronization, "ModifyListSynchronization"},
    {asynchronous_action::modify_settings_define_state, "ModifySettingsDefineState"},
    {asynchronous_action::get_available_target_elements, "GetAvailableTargetElements"},
    {asynchronous_action::get_peer_systems, "GetPeerSystems"},
    {asynchronous_action::get_replication_relationships, "GetReplicationRelationships"},
    {asynchronous_action::get_service_access_points, "GetServiceAccessPoints"},
    {asynchronous_action::create_list_replica, "CreateListReplica"},
    {asynchronous_action::create_group_replica_from_elements, "CreateGroupReplicaFromElements"},
    {asynchronous_action::get_replication_relationship_instances,
     "GetReplicationRelationshipInstances"},
    {asynchronous_action::modify_list_settings_define_state, "ModifyListSettingsDefineState"},
    {asynchronous_action::create_remote_replication_collection,
     "CreateRemoteReplicationCollection"},
    {asynchronous_action::add_to_remote_replication_collection, "AddToRemoteReplicationCollection"},
    {asynchronous_action::remove_from_remote_replication_collection,
     "RemoveFromRemoteReplicationCollection"},
    {asynchronous_action::get_synchronization_aspects, "GetSynchronizationAspects"},
    {asynchronous_action::get_synchronization_aspect_instances,
     "GetSynchronizationAspectInstances"},
    {asynchronous_action::create_group_replica_from_element_synchronizations,
     "CreateGroupReplicaFromElementSynchronizations"},
    {asynchronous_action::add_elements_to_group_synchronized, "AddElementsToGroupSynchronized"},
    {asynchronous_action::confirm_target_data, "ConfirmTargetData"},
    {asynchronous_action::create_list_synchronization_aspect, "CreateListSynchronizationAspect"},
});
// clang-format on

template <>
inline constexpr value_map<asynchronous_action> value_map_of<asynchronous_action>{
    asynchronous_action_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<asynchronous_action>));

}  // namespace cimrep::inline v0
