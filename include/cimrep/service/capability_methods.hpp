// service/capability_methods.hpp -- what the service would accept, asked of its capabilities.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/capability_query.hpp>
#include <cimrep/cim/copy_state.hpp>
#include <cimrep/cim/method.hpp>
#include <cimrep/cim/object_path.hpp>
#include <cimrep/cim/operation.hpp>
#include <cimrep/cim/replication_type.hpp>
#include <cimrep/cim/setting_data.hpp>

#include <optional>
#include <vector>

namespace cimrep::inline v0 {

// All answers are the state table's, less what is not built.

/// Operations with what each of them takes: four arrays of one length.
struct supported_operation_outputs {
    std::vector<operation> supported_operations;
    std::vector<cimrep::service_controlling> service_controlling;
    std::vector<bool> requires_force;
    std::vector<bool> updates_synchronized_path;
};

/// Lists the operations of a kind of replica, in one CopyState or in any.
///
/// Source:  CIM_ReplicationServiceCapabilities.GetSupportedOperations, schema 2.49.0.
struct get_supported_operations {
    static constexpr method_id id = method_id::get_supported_operations;
    struct inputs {
        std::optional<cimrep::replication_type> replication_type;  ///< required
        std::optional<cimrep::replication_setting_data> replication_setting_data;
        std::optional<cimrep::copy_state> copy_state;
    };
    using outputs = supported_operation_outputs;
};

/// Lists the operations that one relationship would accept now.
///
/// Source:  CIM_ReplicationServiceCapabilities.GetSupportedOperationsForSynchronization,
///          schema 2.49.0.
struct get_supported_operations_for_synchronization {
    static constexpr method_id id = method_id::get_supported_operations_for_synchronization;
    struct inputs {
        std::optional<object_path> synchronization;  ///< required
        std::optional<cimrep::replication_setting_data> replication_setting_data;
    };
    using outputs = supported_operation_outputs;
};

/// Lists the CopyStates of a kind of replica, or those in which an operation is legal.
///
/// Source:  CIM_ReplicationServiceCapabilities.GetSupportedCopyStates, schema 2.49.0.
struct get_supported_copy_states {
    static constexpr method_id id = method_id::get_supported_copy_states;
    struct inputs {
        std::optional<cimrep::replication_type> replication_type;  ///< required
        std::optional<cimrep::replication_setting_data> replication_setting_data;
        std::optional<cimrep::operation> operation;
    };
    struct outputs {
        std::vector<copy_state> supported_copy_states;
        std::vector<bool> host_accessible;  ///< the target, in that state
    };
};

/// Lists the CopyStates that a method takes as WaitForCopyState.
///
/// Source:  CIM_ReplicationServiceCapabilities.GetSupportedWaitForCopyStates, schema 2.49.0.
struct get_supported_wait_for_copy_states {
    static constexpr method_id id = method_id::get_supported_wait_for_copy_states;
    struct inputs {
        std::optional<cimrep::replication_type> replication_type;  ///< required
        std::optional<wait_method> method_name;                    ///< required
        std::optional<cimrep::replication_setting_data> replication_setting_data;
        std::optional<cimrep::operation> operation;  ///< required for the methods that modify
    };
    struct outputs {
        std::vector<copy_state> supported_copy_states;
    };
};

}  // namespace cimrep::inline v0
