// service/configuration_methods.hpp -- the older methods: CIM_StorageConfigurationService.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/copy_type.hpp>
#include <cimrep/cim/legacy_operation.hpp>
#include <cimrep/cim/method.hpp>
#include <cimrep/cim/object_path.hpp>

#include <optional>
#include <string>

namespace cimrep::inline v0 {

/// Creates a mirror of two existing elements, or changes the one that relates them.
///
/// Source:  CIM_StorageConfigurationService.AttachOrModifyReplica, schema 2.49.0.
struct attach_or_modify_replica {
    static constexpr method_id id = method_id::attach_or_modify_replica;
    struct inputs {
        std::optional<object_path> source_element;            ///< required
        std::optional<object_path> target_element;            ///< required
        std::optional<attach_or_modify_copy_type> copy_type;  ///< required
        std::optional<std::string> goal;              ///< an embedded CIM_SettingData, as text
        std::optional<object_path> replication_pipe;  ///< scopes a remote mirror
    };
    struct outputs {};
};

/// Asks one relationship for an operation, in the words of the older service.
///
/// Source:  CIM_StorageConfigurationService.ModifySynchronization, schema 2.49.0.
struct modify_synchronization {
    static constexpr method_id id = method_id::modify_synchronization;
    struct inputs {
        std::optional<legacy_operation> operation;   ///< required
        std::optional<object_path> synchronization;  ///< required
    };
    struct outputs {};
};

}  // namespace cimrep::inline v0
