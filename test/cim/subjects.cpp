// test/cim/subjects.cpp -- the enumerations that the tests of the vocabulary loop over.
// SPDX-License-Identifier: BSL-1.0
#include "subjects.hpp"

#include <cimrep/cim/format.hpp>
#include <cimrep/cim/parse.hpp>
#include <cimrep/cim/vocabulary.hpp>

namespace subjects {

namespace {

template <class E>
subject make(const char* header, const char* name, const char* heading)
{
    using namespace cimrep;
    using number = std::underlying_type_t<E>;
    subject made{header, name, heading, sizeof(number) == 2 ? "uint16" : "uint32", {}, {}, {}, {},
                 {},     {},   {}};
    for (const auto& row : value_map_of<E>.names) made.names[to_number(row.value)] = row.name;
    made.classify = [](std::uint64_t n) { return cimrep::classify<E>(n); };
    made.to_name = [](std::uint64_t n) {
        return std::string{cimrep::to_name(static_cast<E>(static_cast<number>(n)))};
    };
    made.from_name = [](std::string_view text) -> std::optional<std::uint64_t> {
        if (const auto value = cimrep::from_name<E>(text)) return to_number(*value);
        return std::nullopt;
    };
    made.parse = [](std::uint64_t n) -> std::optional<std::uint64_t> {
        const auto value = cimrep::parse<E>(n);
        if (value.has_value()) return to_number(value.value());
        return value.error() == errc::unknown_value ? std::nullopt : std::optional{~n};
    };
    made.parse_name = [](std::string_view text) -> std::optional<std::uint64_t> {
        const auto value = cimrep::parse_name<E>(text);
        if (value.has_value()) return to_number(value.value());
        return std::nullopt;
    };
    made.print = [](std::uint64_t n) {
        return fmt::format("{}", static_cast<E>(static_cast<number>(n)));
    };
    return made;
}

// Rows of pointers: a list of made subjects takes a compiler as long as the rest of this room.
struct recipe {
    subject (*make)(const char* header, const char* name, const char* heading);
    const char* header;
    const char* name;
    const char* heading;
};

}  // namespace

#define CIMREP_SUBJECT(header, type, heading)       \
    {                                               \
        &make<cimrep::type>, header, #type, heading \
    }

const std::vector<subject>& all()
{
    // clang-format off
    static constexpr recipe recipes[] = {
        CIMREP_SUBJECT("copy_state", copy_state, "Synchronized.CopyState"),
        CIMREP_SUBJECT("progress_status", progress_status, "Synchronized.ProgressStatus"),
        CIMREP_SUBJECT("sync_type", sync_type, "Synchronized.SyncType"),
        CIMREP_SUBJECT("mode", mode, "Synchronized.Mode"),
        CIMREP_SUBJECT("replication_type", replication_type,
            "ReplicationServiceCapabilities.SupportedReplicationTypes"),
        CIMREP_SUBJECT("replication_type", local_or_remote,
            "ReplicationServiceCapabilities.ConvertSyncTypeToReplicationType.LocalOrRemote"),
        CIMREP_SUBJECT("operation", operation,
            "ReplicationService.ModifyReplicaSynchronization.Operation"),
        CIMREP_SUBJECT("legacy_operation", legacy_operation,
            "StorageConfigurationService.ModifySynchronization.Operation"),
        CIMREP_SUBJECT("define_state_operation", define_state_operation,
            "ReplicationService.ModifySettingsDefineState.Operation"),
        CIMREP_SUBJECT("copy_type", copy_type, "StorageSynchronized.CopyType"),
        CIMREP_SUBJECT("copy_type", attach_or_modify_copy_type,
            "StorageConfigurationService.AttachOrModifyReplica.CopyType"),
        CIMREP_SUBJECT("copy_type", replica_type, "StorageSynchronized.ReplicaType"),
        CIMREP_SUBJECT("sync_state", sync_state, "StorageSynchronized.SyncState"),
        CIMREP_SUBJECT("job_state", job_state, "ConcreteJob.JobState"),
        CIMREP_SUBJECT("job_state", requested_job_state,
            "ConcreteJob.RequestStateChange.RequestedState"),
        CIMREP_SUBJECT("copy_methodology", copy_methodology, "StorageSynchronized.CopyMethodology"),
        CIMREP_SUBJECT("copy_methodology", desired_copy_methodology,
            "ReplicationSettingData.DesiredCopyMethodology"),
        CIMREP_SUBJECT("copy_methodology", aspect_copy_methodology,
            "SynchronizationAspect.CopyMethodology"),
        CIMREP_SUBJECT("copy_policy", copy_priority, "StorageSynchronized.CopyPriority"),
        CIMREP_SUBJECT("copy_policy", copy_recovery_mode, "Synchronized.CopyRecoveryMode"),
        CIMREP_SUBJECT("copy_policy", desired_copy_recovery_mode,
            "ReplicationSettingData.CopyRecoveryMode"),
        CIMREP_SUBJECT("copy_policy", read_only, "StorageSynchronized.ReadOnly"),
        CIMREP_SUBJECT("copy_policy", undiscovered_element,
            "StorageSynchronized.UndiscoveredElement"),
        CIMREP_SUBJECT("consistency", consistency,
            "ReplicationService.CreateGroupReplica.Consistency"),
        CIMREP_SUBJECT("consistency", default_consistency,
            "ReplicationServiceCapabilities.GetDefaultConsistency.DefaultConsistency"),
        CIMREP_SUBJECT("consistency", consistency_type, "GroupSynchronized.ConsistencyType"),
        CIMREP_SUBJECT("consistency", consistency_state, "GroupSynchronized.ConsistencyState"),
        CIMREP_SUBJECT("consistency", consistency_status, "GroupSynchronized.ConsistencyStatus"),
        CIMREP_SUBJECT("aspect", aspect_sync_type, "SynchronizationAspect.SyncType"),
        CIMREP_SUBJECT("aspect", aspect_sync_state, "SynchronizationAspect.SyncState"),
        CIMREP_SUBJECT("aspect", copy_status, "SynchronizationAspect.CopyStatus"),
        CIMREP_SUBJECT("feature", feature,
            "ReplicationServiceCapabilities.GetSupportedFeatures.Features"),
        CIMREP_SUBJECT("feature", list_feature,
            "ReplicationServiceCapabilities.GetSupportedListFeatures.GroupFeatures"),
        CIMREP_SUBJECT("group_feature", group_feature,
            "ReplicationServiceCapabilities.GetSupportedGroupFeatures.GroupFeatures"),
        CIMREP_SUBJECT("supported_action", synchronous_action,
            "ReplicationServiceCapabilities.SupportedSynchronousActions"),
        CIMREP_SUBJECT("supported_action", asynchronous_action,
            "ReplicationServiceCapabilities.SupportedAsynchronousActions"),
        CIMREP_SUBJECT("capability_query", wait_method,
            "ReplicationServiceCapabilities.GetSupportedWaitForCopyStates.MethodName"),
        CIMREP_SUBJECT("capability_query", relationship_method,
            "ReplicationServiceCapabilities.GetSynchronizationSupported.MethodName"),
        CIMREP_SUBJECT("capability_query", maximum_component,
            "ReplicationServiceCapabilities.GetSupportedMaximum.Component"),
        CIMREP_SUBJECT("capability_query", service_controlling,
            "ReplicationServiceCapabilities.GetSupportedOperations.ServiceControlling"),
        CIMREP_SUBJECT("capability_query", element_role,
            "ReplicationServiceCapabilities.GetSynchronizationSupported.LocalElementRole"),
        CIMREP_SUBJECT("capability_query", setting_property,
            "ReplicationServiceCapabilities.GetSupportedReplicationSettingData.PropertyName"),
        CIMREP_SUBJECT("capability_query", datetime_setting_property,
            "ReplicationServiceCapabilities."
            "GetSupportedReplicationSettingDataDateTime.PropertyName"),
        CIMREP_SUBJECT("capability_query", supported_values_indicator,
            "ReplicationServiceCapabilities."
            "GetSupportedReplicationSettingDataDateTime.SupportedValuesIndicator"),
        CIMREP_SUBJECT("capability_query", default_group_persistency,
            "ReplicationServiceCapabilities.GetDefaultGroupPersistency.DefaultGroupPersistency"),
        CIMREP_SUBJECT("capability_query", thin_provisioning_feature,
            "ReplicationServiceCapabilities."
            "GetSupportedThinProvisioningFeatures.SupportedThinProvisioningFeatures"),
        CIMREP_SUBJECT("capability_query", storage_compression_feature,
            "ReplicationServiceCapabilities."
            "GetSupportedStorageCompressionFeatures.SupportedStorageCompressionFeatures"),
        CIMREP_SUBJECT("capability_object", supported_storage_object,
            "ReplicationServiceCapabilities.SupportedStorageObjects"),
        CIMREP_SUBJECT("capability_object", connection_feature,
            "ReplicationServiceCapabilities."
            "GetSupportedConnectionFeatures.SupportedConnectionFeatures"),
        CIMREP_SUBJECT("capability_object", nameable_element,
            "ReplicationServiceCapabilities.GetElementNameCapabilities.ElementType"),
        CIMREP_SUBJECT("capability_object", element_name_feature,
            "ReplicationServiceCapabilities.GetElementNameCapabilities.SupportedFeatures"),
        CIMREP_SUBJECT("setting_policy", pairing, "ReplicationSettingData.Pairing"),
        CIMREP_SUBJECT("setting_policy", unequal_groups_action,
            "ReplicationSettingData.UnequalGroupsAction"),
        CIMREP_SUBJECT("setting_policy", unequal_lists_action,
            "ReplicationSettingData.UnequalListsAction"),
        CIMREP_SUBJECT("setting_policy", on_group_or_list_error,
            "ReplicationSettingData.OnGroupOrListError"),
        CIMREP_SUBJECT("setting_policy", target_element_supplier,
            "ReplicationSettingData.TargetElementSupplier"),
        CIMREP_SUBJECT("setting_policy", thin_provisioning_policy,
            "ReplicationSettingData.ThinProvisioningPolicy"),
        CIMREP_SUBJECT("setting_policy", storage_compression_policy,
            "ReplicationSettingData.StorageCompressionPolicy"),
        CIMREP_SUBJECT("setting_policy", target_element_goal,
            "ReplicationSettingData.TargetElementGoal"),
        CIMREP_SUBJECT("setting_policy", target_element_resource_pool,
            "ReplicationSettingData.TargetElementResourcePool"),
        CIMREP_SUBJECT("selection", locality,
            "ReplicationService.GetReplicationRelationships.Locality"),
        CIMREP_SUBJECT("selection", relationship_class,
            "ReplicationService.GetReplicationRelationships.Type"),
        CIMREP_SUBJECT("selection", peer_systems_option,
            "ReplicationService.GetPeerSystems.Options"),
        CIMREP_SUBJECT("replication_group", reserved_as, "ReplicationGroup.ReservedAs"),
        CIMREP_SUBJECT("replication_entity", replication_entity_type, "ReplicationEntity.Type"),
        CIMREP_SUBJECT("status", operational_status, "ManagedSystemElement.OperationalStatus"),
        CIMREP_SUBJECT("status", health_state, "ManagedSystemElement.HealthState"),
        CIMREP_SUBJECT("status", connectivity_status, "ConnectivityCollection.ConnectivityStatus"),
        CIMREP_SUBJECT("status", element_effect, "AffectedJobElement.ElementEffects"),
        CIMREP_SUBJECT("error_type", error_type, "Error.ErrorType"),
        CIMREP_SUBJECT("error_type", perceived_severity, "Error.PerceivedSeverity"),
        CIMREP_SUBJECT("error_type", error_source_format, "Error.ErrorSourceFormat"),
        CIMREP_SUBJECT("error_type", cim_status_code, "Error.CIMStatusCode"),
        CIMREP_SUBJECT("probable_cause", probable_cause, "Error.ProbableCause"),
        CIMREP_SUBJECT("legacy_capabilities", legacy_synchronization_type,
            "StorageReplicationCapabilities.SupportedSynchronizationType"),
        CIMREP_SUBJECT("legacy_capabilities", legacy_asynchronous_action,
            "StorageReplicationCapabilities.SupportedAsynchronousActions"),
        CIMREP_SUBJECT("legacy_capabilities", legacy_synchronous_action,
            "StorageReplicationCapabilities.SupportedSynchronousActions"),
        CIMREP_SUBJECT("legacy_capabilities", initial_replication_state,
            "StorageReplicationCapabilities.InitialReplicationState"),
        CIMREP_SUBJECT("legacy_capabilities", specialized_element,
            "StorageReplicationCapabilities.SupportedSpecializedElements"),
        CIMREP_SUBJECT("legacy_capabilities", legacy_modify_operation,
            "StorageReplicationCapabilities.SupportedModifyOperations"),
        CIMREP_SUBJECT("legacy_capabilities", replica_host_accessibility,
            "StorageReplicationCapabilities.ReplicaHostAccessibility"),
        CIMREP_SUBJECT("legacy_capabilities", host_accessible_state,
            "StorageReplicationCapabilities.HostAccessibleState"),
        CIMREP_SUBJECT("legacy_capabilities", initial_synchronization_default,
            "StorageReplicationCapabilities.InitialSynchronizationDefault"),
        CIMREP_SUBJECT("legacy_capabilities", replication_priority_default,
            "StorageReplicationCapabilities.ReplicationPriorityDefault"),
        CIMREP_SUBJECT("legacy_capabilities", delta_replica_pool_access,
            "StorageReplicationCapabilities.DeltaReplicaPoolAccess"),
        CIMREP_SUBJECT("legacy_remote", remote_access,
            "StorageReplicationCapabilities.RemoteReplicationServicePointAccess"),
        CIMREP_SUBJECT("legacy_remote", alternate_access,
            "StorageReplicationCapabilities.AlternateReplicationServicePointAccess"),
        CIMREP_SUBJECT("legacy_remote", buffer_element_type,
            "StorageReplicationCapabilities.RemoteBufferElementType"),
        CIMREP_SUBJECT("legacy_remote", buffer_host,
            "StorageReplicationCapabilities.RemoteBufferHost"),
        CIMREP_SUBJECT("legacy_remote", buffer_location,
            "StorageReplicationCapabilities.RemoteBufferLocation"),
        CIMREP_SUBJECT("legacy_remote", buffer_support,
            "StorageReplicationCapabilities.RemoteBufferSupported"),
        CIMREP_SUBJECT("legacy_remote", use_buffer_default,
            "StorageReplicationCapabilities.UseReplicationBufferDefault"),
    };
    // clang-format on
    static const auto subjects = [] {
        std::vector<subject> made;
        for (const recipe& each : recipes)
            made.push_back(each.make(each.header, each.name, each.heading));
        return made;
    }();
    return subjects;
}

#undef CIMREP_SUBJECT

}  // namespace subjects
