// service/replication_methods.hpp -- the methods of CIM_ReplicationService: their parameters.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/cim/consistency.hpp>
#include <cimrep/cim/copy_state.hpp>
#include <cimrep/cim/define_state_operation.hpp>
#include <cimrep/cim/method.hpp>
#include <cimrep/cim/mode.hpp>
#include <cimrep/cim/object_path.hpp>
#include <cimrep/cim/operation.hpp>
#include <cimrep/cim/selection.hpp>
#include <cimrep/cim/setting_data.hpp>
#include <cimrep/cim/sync_type.hpp>
#include <cimrep/service/instance.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cimrep::inline v0 {

// Every enumeration may hold any number of its underlying type: what comes from a wire is cast, and
// the method refuses what lies outside the value map, by name and number.

/// Creates a replica of an element, and the association between the two.
///
/// Source:  CIM_ReplicationService.CreateElementReplica, schema 2.49.0.
struct create_element_replica {
    static constexpr method_id id = method_id::create_element_replica;
    struct inputs {
        std::optional<std::string> element_name;
        std::optional<cimrep::sync_type> sync_type;  ///< required
        std::optional<cimrep::mode> mode;            ///< none: the service decides
        std::optional<object_path> source_element;   ///< required
        std::optional<object_path> source_access_point;
        std::optional<object_path> target_element;  ///< none: the provider makes one
        std::optional<object_path> target_access_point;
        std::optional<cimrep::replication_setting_data> replication_setting_data;
        std::optional<object_path> target_setting_goal;  ///< only without a target element
        std::optional<object_path> target_pool;          ///< only without a target element
        std::optional<copy_state> wait_for_copy_state;
        std::optional<object_path> connectivity_collection;
        std::vector<object_path> collections;
        /// The target's foreign signature is accepted. This library's own parameter.
        bool allow_overwrite = false;
    };
    struct outputs {
        std::optional<object_path> target_element;
        std::optional<object_path> synchronization;
    };
};

/// Creates a point in time of an element or group, without a target.
///
/// Source:  CIM_ReplicationService.CreateSynchronizationAspect, schema 2.49.0.
struct create_synchronization_aspect {
    static constexpr method_id id = method_id::create_synchronization_aspect;
    struct inputs {
        std::optional<std::string> name;
        std::optional<cimrep::sync_type> sync_type;  ///< required
        std::optional<cimrep::mode> mode;
        std::optional<object_path> source_group;    ///< this or the element
        std::optional<object_path> source_element;  ///< this or the group
        std::optional<object_path> source_access_point;
        std::optional<cimrep::consistency> consistency;
        std::optional<cimrep::replication_setting_data> replication_setting_data;
    };
    struct outputs {
        std::optional<object_path> settings_state;
    };
};

/// Asks one relationship for an operation.
///
/// Source:  CIM_ReplicationService.ModifyReplicaSynchronization, schema 2.49.0.
struct modify_replica_synchronization {
    static constexpr method_id id = method_id::modify_replica_synchronization;
    struct inputs {
        std::optional<cimrep::operation> operation;  ///< required
        std::optional<object_path> synchronization;  ///< required
        std::optional<cimrep::replication_setting_data> replication_setting_data;
        std::vector<object_path> sync_pair;  ///< of AddSyncPair and RemoveSyncPair
        bool force = false;
        std::optional<copy_state> wait_for_copy_state;
    };
    struct outputs {
        std::optional<object_path> settings_state;           ///< after Dissolve
        std::optional<object_path> updated_synchronization;  ///< if the keys changed
    };
};

/// Asks several relationships of one class, SyncType and Mode for the same operation.
///
/// They are asked in the order of the list. OnGroupOrListError Stop, the default, checks all of
/// them before it asks the first and ends with the first that fails; Continue asks every one.
///
/// Source:  CIM_ReplicationService.ModifyListSynchronization, schema 2.49.0.
struct modify_list_synchronization {
    static constexpr method_id id = method_id::modify_list_synchronization;
    struct inputs {
        std::optional<cimrep::operation> operation;  ///< required; not 3, 5, 6 or 13
        std::vector<object_path> synchronization;    ///< required; each path once
        std::optional<cimrep::replication_setting_data> replication_setting_data;
        bool force = false;
        std::optional<copy_state> wait_for_copy_state;
    };
    struct outputs {
        std::vector<object_path> settings_state;            ///< after Dissolve
        std::vector<object_path> updated_synchronizations;  ///< whose keys changed
        /// Why an entry failed, by its place in the list. This library's own.
        std::vector<std::optional<failure>> entry_errors;
    };
};

/// Asks a point in time without a target for an operation.
///
/// Source:  CIM_ReplicationService.ModifySettingsDefineState, schema 2.49.0.
struct modify_settings_define_state {
    static constexpr method_id id = method_id::modify_settings_define_state;
    struct inputs {
        std::optional<define_state_operation> operation;  ///< required
        std::optional<object_path> settings_state;        ///< required
        std::optional<object_path> target_element;  ///< at most one of element, group and count
        std::optional<object_path> target_group;
        std::optional<std::uint64_t> target_element_count;
        std::optional<object_path> target_access_point;
        std::optional<cimrep::replication_setting_data> replication_setting_data;
        std::optional<object_path> target_setting_goal;  ///< only without a target element
        std::optional<object_path> target_pool;          ///< only without a target element
        std::optional<copy_state> wait_for_copy_state;
        std::optional<std::string> element_name;
        std::vector<object_path> collections;
    };
    struct outputs {
        std::optional<object_path> target_element;
        std::optional<object_path> target_group;
        std::optional<object_path> synchronization;
    };
};

/// Lists elements that can become the target of an element.
///
/// Source:  CIM_ReplicationService.GetAvailableTargetElements, schema 2.49.0.
struct get_available_target_elements {
    static constexpr method_id id = method_id::get_available_target_elements;
    struct inputs {
        std::optional<object_path> source_element;   ///< required
        std::optional<cimrep::sync_type> sync_type;  ///< required
        std::optional<cimrep::mode> mode;
        std::optional<cimrep::replication_setting_data> replication_setting_data;
        std::optional<object_path> target_access_point;
        std::optional<object_path> target_setting_goal;
        std::vector<object_path> target_pools;
        std::optional<std::uint64_t> max_element_count;
    };
    struct outputs {
        std::vector<object_path> candidates;
    };
};

/// What the two methods that list relationships filter by. Nothing given: all.
struct relationship_filter {
    std::optional<relationship_class> type;
    std::optional<cimrep::sync_type> sync_type;
    std::optional<cimrep::mode> mode;
    std::optional<cimrep::locality> locality;
    std::optional<cimrep::copy_state> copy_state;
    std::optional<cimrep::replication_setting_data> replication_setting_data;
};

/// Lists the paths of relationships.
///
/// Source:  CIM_ReplicationService.GetReplicationRelationships, schema 2.49.0.
struct get_replication_relationships {
    static constexpr method_id id = method_id::get_replication_relationships;
    using inputs = relationship_filter;
    struct outputs {
        std::vector<object_path> synchronizations;
    };
};

/// Lists relationships with all their properties.
///
/// Source:  CIM_ReplicationService.GetReplicationRelationshipInstances, schema 2.49.0.
struct get_replication_relationship_instances {
    static constexpr method_id id = method_id::get_replication_relationship_instances;
    using inputs = relationship_filter;
    struct outputs {
        std::vector<instance> synchronizations;
    };
};

}  // namespace cimrep::inline v0
