// cim/setting_data.hpp -- what a client may wish for a replica: CIM_ReplicationSettingData.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/units.hpp>
#include <cimrep/cim/copy_methodology.hpp>
#include <cimrep/cim/copy_policy.hpp>
#include <cimrep/cim/setting_policy.hpp>

#include <cstdint>
#include <optional>

namespace cimrep::inline v0 {

/// Wishes for one replica or group. A property without a value leaves the choice to the provider.
///
/// Source:  CIM_ReplicationSettingData, schema 2.49.0.
struct replication_setting_data {
    std::optional<cimrep::pairing> pairing;
    std::optional<cimrep::unequal_groups_action> unequal_groups_action;
    std::optional<cimrep::desired_copy_methodology> desired_copy_methodology;
    std::optional<cimrep::target_element_supplier> target_element_supplier;
    std::optional<cimrep::thin_provisioning_policy> thin_provisioning_policy;
    std::optional<bool> consistent_point_in_time;  ///< of a group: one instant, with writes held
    std::optional<duration> delta_update_interval;
    std::optional<std::uint16_t> multihop;  ///< hops planned from the first source on
    std::optional<cimrep::on_group_or_list_error> on_group_or_list_error;
    std::optional<cimrep::copy_priority> copy_priority;
    std::optional<desired_copy_recovery_mode> copy_recovery_mode;
    std::optional<std::uint64_t> delta_update_blocks;
    std::optional<bool> failed_copy_stops_host_io;
    std::optional<cimrep::unequal_lists_action> unequal_lists_action;
    std::optional<cimrep::read_only> read_only;
    std::optional<cimrep::storage_compression_policy> storage_compression_policy;
    std::optional<bool> auto_delete;  ///< ignored where `time_before_removal` is set
    std::optional<bool> rrc_hardware_compression_enabled;
    std::optional<bool> rrc_software_compression_enabled;
    std::optional<cimrep::target_element_goal> target_element_goal;
    std::optional<cimrep::target_element_resource_pool> target_element_resource_pool;
    std::optional<duration> time_before_removal;  ///< no value: unlimited
    std::optional<bool> consistency_exempt;
    std::optional<bool> consistent_async_copy;
    std::optional<duration> desired_rpo;              ///< zero for synchronous
    std::optional<std::uint64_t> maximum_skew_bytes;  ///< told by the provider, not wished for

    friend bool operator==(const replication_setting_data&,
                           const replication_setting_data&) = default;
};

/// Calls `visit(name, member)` for all 26 properties with their CIM name and member pointer.
template <class Visitor>
constexpr void for_each_property(Visitor&& visit)
{
    using s = replication_setting_data;
    // clang-format off
    visit("Pairing",                       &s::pairing);
    visit("UnequalGroupsAction",           &s::unequal_groups_action);
    visit("DesiredCopyMethodology",        &s::desired_copy_methodology);
    visit("TargetElementSupplier",         &s::target_element_supplier);
    visit("ThinProvisioningPolicy",        &s::thin_provisioning_policy);
    visit("ConsistentPointInTime",         &s::consistent_point_in_time);
    visit("DeltaUpdateInterval",           &s::delta_update_interval);
    visit("Multihop",                      &s::multihop);
    visit("OnGroupOrListError",            &s::on_group_or_list_error);
    visit("CopyPriority",                  &s::copy_priority);
    visit("CopyRecoveryMode",              &s::copy_recovery_mode);
    visit("DeltaUpdateBlocks",             &s::delta_update_blocks);
    visit("FailedCopyStopsHostIO",         &s::failed_copy_stops_host_io);
    visit("UnequalListsAction",            &s::unequal_lists_action);
    visit("ReadOnly",                      &s::read_only);
    visit("StorageCompressionPolicy",      &s::storage_compression_policy);
    visit("AutoDelete",                    &s::auto_delete);
    visit("RRCHardwareCompressionEnabled", &s::rrc_hardware_compression_enabled);
    visit("RRCSoftwareCompressionEnabled", &s::rrc_software_compression_enabled);
    visit("TargetElementGoal",             &s::target_element_goal);
    visit("TargetElementResourcePool",     &s::target_element_resource_pool);
    visit("TimeBeforeRemoval",             &s::time_before_removal);
    visit("ConsistencyExempt",             &s::consistency_exempt);
    visit("ConsistentAsyncCopy",           &s::consistent_async_copy);
    visit("DesiredRPO",                    &s::desired_rpo);
    visit("MaximumSkew",                   &s::maximum_skew_bytes);
    // clang-format on
}

/// The values that the schema itself gives to properties; the others have none.
inline replication_setting_data schema_defaults() noexcept
{
    replication_setting_data setting;
    setting.target_element_supplier = target_element_supplier::instrumentation_decides;
    setting.thin_provisioning_policy =
        thin_provisioning_policy::implementation_decides_provisioning_of_target;
    setting.consistent_point_in_time = false;
    setting.multihop = std::uint16_t{1};
    setting.on_group_or_list_error = on_group_or_list_error::stop;
    setting.copy_recovery_mode = desired_copy_recovery_mode::implementation_decides;
    setting.failed_copy_stops_host_io = false;
    setting.unequal_lists_action = unequal_lists_action::return_an_error;
    setting.storage_compression_policy =
        storage_compression_policy::implementation_decides_compression_of_target;
    setting.auto_delete = false;
    setting.rrc_hardware_compression_enabled = false;
    setting.rrc_software_compression_enabled = false;
    setting.target_element_goal = target_element_goal::implementation_decides;
    setting.target_element_resource_pool = target_element_resource_pool::implementation_decides;
    setting.consistency_exempt = false;
    setting.consistent_async_copy = false;
    return setting;
}

/// `given`, with what it leaves open taken from `fallback`.
inline replication_setting_data merged(const replication_setting_data& given,
                                       const replication_setting_data& fallback) noexcept
{
    replication_setting_data setting = given;
    for_each_property([&](const char*, auto member) {
        if (!(setting.*member).has_value()) setting.*member = fallback.*member;
    });
    return setting;
}

}  // namespace cimrep::inline v0
