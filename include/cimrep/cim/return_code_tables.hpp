// cim/return_code_tables.hpp -- the tables behind return_codes.hpp: one per distinct value map.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/method.hpp>
#include <cimrep/cim/return_code.hpp>

namespace cimrep::inline v0 {

/// Codes that only some methods have. The same number means something else elsewhere.
namespace method_code {

inline constexpr return_code groups_are_not_nameable{7};
inline constexpr return_code one_or_more_elements_in_a_replication_relationship{7};
inline constexpr return_code group_does_not_exist{7};
inline constexpr return_code member_not_in_group{8};
inline constexpr return_code unable_to_confirm_target_data{7};
inline constexpr return_code information_is_not_available{7};
inline constexpr return_code property_is_not_supported{7};
inline constexpr return_code no_default_replication_setting_data{7};
inline constexpr return_code source_temporarily_not_available{7};
inline constexpr return_code target_temporarily_not_available{8};
inline constexpr return_code size_not_supported{4097};
inline constexpr return_code partially_completed_operation{4098};
inline constexpr return_code pipe_busy{4096};
inline constexpr return_code not_authorized{6};
inline constexpr return_code invalid_state_transition{4097};
inline constexpr return_code use_of_timeout_parameter_not_supported{4098};
inline constexpr return_code busy{4099};
inline constexpr return_code access_denied{6};

}  // namespace method_code

// clang-format off
namespace detail::return_codes {

inline constexpr auto jobless_ranges = std::to_array<value_range>({
    {0x8000, 0xFFFFFFFF, value_kind::vendor, "Vendor Specific"},
});

inline constexpr auto legacy_ranges_from_4098 = std::to_array<value_range>({
    {4098, 0x7FFF, value_kind::method_reserved, "Method Reserved"},
    {0x8000, 0xFFFF, value_kind::vendor, "Vendor Specific"},
});

inline constexpr auto legacy_ranges_from_4097 = std::to_array<value_range>({
    {4097, 0x7FFF, value_kind::method_reserved, "Method Reserved"},
    {0x8000, 0xFFFF, value_kind::vendor, "Vendor Specific"},
});

inline constexpr auto legacy_ranges_from_4099 = std::to_array<value_range>({
    {4099, 0x7FFF, value_kind::method_reserved, "Method Reserved"},
    {0x8000, 0xFFFF, value_kind::vendor, "Vendor Specific"},
});

inline constexpr auto legacy_ranges_from_4096 = std::to_array<value_range>({
    {4096, 0x7FFF, value_kind::method_reserved, "Method Reserved"},
    {0x8000, 0xFFFF, value_kind::vendor, "Vendor Specific"},
});

inline constexpr auto legacy_jobless_ranges = std::to_array<value_range>({
    {0x8000, 0xFFFF, value_kind::vendor, "Vendor Specific"},
});

inline constexpr auto legacy_ranges_from_4100 = std::to_array<value_range>({
    {4100, 0x7FFF, value_kind::method_reserved, "Method Reserved"},
    {0x8000, 0xFFFF, value_kind::vendor, "Vendor Specific"},
});

inline constexpr auto create_group_codes = std::to_array<value_name<return_code>>({
    {return_code::completed, "Success"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unknown"},
    {return_code::timeout, "Timeout"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
    {return_code::in_use, "In Use"},
    {method_code::groups_are_not_nameable, "Groups are not nameable"},
});

inline constexpr auto delete_group_codes = std::to_array<value_name<return_code>>({
    {return_code::completed, "Success"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unknown"},
    {return_code::timeout, "Timeout"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
    {return_code::in_use, "In Use"},
    {method_code::one_or_more_elements_in_a_replication_relationship,
     "One or more elements in a replication relationship"},
});

inline constexpr auto add_members_codes = std::to_array<value_name<return_code>>({
    {return_code::completed, "Success"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unknown"},
    {return_code::timeout, "Timeout"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
    {return_code::in_use, "In Use"},
    {method_code::group_does_not_exist, "Group does not exist"},
});

inline constexpr auto remove_members_codes = std::to_array<value_name<return_code>>({
    {return_code::completed, "Success"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unknown"},
    {return_code::timeout, "Timeout"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
    {return_code::in_use, "In Use"},
    {method_code::group_does_not_exist, "Group does not exist"},
    {method_code::member_not_in_group, "Member not in group"},
});

inline constexpr auto create_codes = std::to_array<value_name<return_code>>({
    {return_code::completed, "Completed with No Error"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unknown"},
    {return_code::timeout, "Timeout"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
    {return_code::in_use, "In Use"},
    {return_code::job_started, "Method Parameters Checked - Job Started"},
});

inline constexpr auto modify_codes = std::to_array<value_name<return_code>>({
    {return_code::completed, "Completed with No Error"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unspecified Error"},
    {return_code::timeout, "Timeout"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
    {return_code::in_use, "In Use"},
    {return_code::job_started, "Method Parameters Checked - Job Started"},
});

inline constexpr auto add_codes = std::to_array<value_name<return_code>>({
    {return_code::completed, "Completed with No Error"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unspecified Error"},
    {return_code::timeout, "Timeout"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
    {return_code::in_use, "In Use"},
});

inline constexpr auto confirm_codes = std::to_array<value_name<return_code>>({
    {return_code::completed, "Completed with No Error"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unknown"},
    {return_code::timeout, "Timeout"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
    {return_code::in_use, "In Use"},
    {method_code::unable_to_confirm_target_data, "Unable to confirm target data"},
    {return_code::job_started, "Method Parameters Checked - Job Started"},
});

inline constexpr auto capability_codes = std::to_array<value_name<return_code>>({
    {return_code::completed, "Success"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unknown"},
    {return_code::timeout, "Timeout"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
    {return_code::in_use, "In Use"},
});

inline constexpr auto maximum_codes = std::to_array<value_name<return_code>>({
    {return_code::completed, "Success"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unknown"},
    {return_code::timeout, "Timeout"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
    {return_code::in_use, "In Use"},
    {method_code::information_is_not_available, "Information is not available"},
});

inline constexpr auto setting_codes = std::to_array<value_name<return_code>>({
    {return_code::completed, "Success"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unknown"},
    {return_code::timeout, "Timeout"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
    {return_code::in_use, "In Use"},
    {method_code::property_is_not_supported, "Property Is Not Supported"},
});

inline constexpr auto default_setting_codes = std::to_array<value_name<return_code>>({
    {return_code::completed, "Success"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unknown"},
    {return_code::timeout, "Timeout"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
    {return_code::in_use, "In Use"},
    {method_code::no_default_replication_setting_data, "No default ReplicationSettingData"},
});

inline constexpr auto tokenized_codes = std::to_array<value_name<return_code>>({
    {return_code::completed, "Success"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unknown"},
    {return_code::timeout, "Timeout"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
    {return_code::in_use, "In Use"},
    {method_code::source_temporarily_not_available, "Source Temporarily Not Available"},
    {method_code::target_temporarily_not_available, "Target Temporarily Not Available"},
});

inline constexpr auto pool_codes = std::to_array<value_name<return_code>>({
    {return_code::completed, "Job Completed with No Error"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unknown"},
    {return_code::timeout, "Timeout"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
    {return_code::in_use, "In Use"},
    {return_code::job_started, "Method Parameters Checked - Job Started"},
    {method_code::size_not_supported, "Size Not Supported"},
});

inline constexpr auto legacy_create_codes = std::to_array<value_name<return_code>>({
    {return_code::completed, "Job Completed with No Error"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unknown"},
    {return_code::timeout, "Timeout"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
    {return_code::in_use, "In Use"},
    {return_code::job_started, "Method Parameters Checked - Job Started"},
});

inline constexpr auto legacy_modify_codes = std::to_array<value_name<return_code>>({
    {return_code::completed, "Job Completed with No Error"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unspecified Error"},
    {return_code::timeout, "Timeout"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
    {return_code::in_use, "In Use"},
    {return_code::job_started, "Method Parameters Checked - Job Started"},
});

inline constexpr auto elements_codes = std::to_array<value_name<return_code>>({
    {return_code::completed, "Completed with No Error"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unknown"},
    {return_code::timeout, "Timeout"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
    {return_code::in_use, "In Use"},
    {return_code::job_started, "Method Parameters Checked - Job Started"},
    {method_code::size_not_supported, "Size Not Supported"},
});

inline constexpr auto several_elements_codes = std::to_array<value_name<return_code>>({
    {return_code::completed, "Job Completed with No Error"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unknown"},
    {return_code::timeout, "Timeout"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
    {return_code::in_use, "In Use"},
    {return_code::job_started, "Method Parameters Checked - Job Started"},
    {method_code::size_not_supported, "Size Not Supported"},
    {method_code::partially_completed_operation, "Partially Completed Operation"},
});

inline constexpr auto pipe_codes = std::to_array<value_name<return_code>>({
    {return_code::completed, "Success"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unspecified Error"},
    {return_code::timeout, "Timeout"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
    {method_code::pipe_busy, "Busy"},
});

inline constexpr auto legacy_targets_codes = std::to_array<value_name<return_code>>({
    {return_code::completed, "Completed with No Error"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unknown"},
    {return_code::timeout, "Timeout"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
    {return_code::in_use, "In Use"},
});

inline constexpr auto usage_codes = std::to_array<value_name<return_code>>({
    {return_code::completed, "Completed with No Error"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unknown"},
    {return_code::timeout, "Timeout"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
});

inline constexpr auto usage_change_codes = std::to_array<value_name<return_code>>({
    {return_code::completed, "Completed with No Error"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unknown"},
    {return_code::timeout, "Timeout"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
    {method_code::not_authorized, "Not Authorized"},
    {return_code::job_started, "Method Parameters Checked - Job Started"},
});

inline constexpr auto job_change_codes = std::to_array<value_name<return_code>>({
    {return_code::completed, "Completed with No Error"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unknown/Unspecified Error"},
    {return_code::timeout, "Can NOT complete within Timeout Period"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
    {return_code::in_use, "In Use"},
    {return_code::job_started, "Method Parameters Checked - Transition Started"},
    {method_code::invalid_state_transition, "Invalid State Transition"},
    {method_code::use_of_timeout_parameter_not_supported, "Use of Timeout Parameter Not Supported"},
    {method_code::busy, "Busy"},
});

inline constexpr auto job_error_codes = std::to_array<value_name<return_code>>({
    {return_code::completed, "Success"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unspecified Error"},
    {return_code::timeout, "Timeout"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
    {method_code::access_denied, "Access Denied"},
});

struct row {
    method_id method;
    value_map<return_code> codes;
};

inline constexpr auto rows = std::to_array<row>({
    {method_id::create_group, {create_group_codes, jobless_ranges}},
    {method_id::delete_group, {delete_group_codes, jobless_ranges}},
    {method_id::add_members, {add_members_codes, jobless_ranges}},
    {method_id::remove_members, {remove_members_codes, jobless_ranges}},
    {method_id::create_element_replica, {create_codes, job_method_ranges}},
    {method_id::create_group_replica, {create_codes, job_method_ranges}},
    {method_id::create_synchronization_aspect, {create_codes, job_method_ranges}},
    {method_id::modify_replica_synchronization, {modify_codes, job_method_ranges}},
    {method_id::modify_list_synchronization, {modify_codes, job_method_ranges}},
    {method_id::modify_settings_define_state, {modify_codes, job_method_ranges}},
    {method_id::get_available_target_elements, {modify_codes, job_method_ranges}},
    {method_id::get_peer_systems, {modify_codes, job_method_ranges}},
    {method_id::get_replication_relationships, {modify_codes, job_method_ranges}},
    {method_id::get_service_access_points, {modify_codes, job_method_ranges}},
    {method_id::add_replication_entity, {add_codes, jobless_ranges}},
    {method_id::add_service_access_point, {add_codes, jobless_ranges}},
    {method_id::add_shared_secret, {add_codes, jobless_ranges}},
    {method_id::create_list_replica, {create_codes, job_method_ranges}},
    {method_id::create_group_replica_from_elements, {create_codes, job_method_ranges}},
    {method_id::get_replication_relationship_instances, {modify_codes, job_method_ranges}},
    {method_id::modify_list_settings_define_state, {modify_codes, job_method_ranges}},
    {method_id::add_to_remote_replication_collection, {create_codes, job_method_ranges}},
    {method_id::create_remote_replication_collection, {create_codes, job_method_ranges}},
    {method_id::remove_from_remote_replication_collection, {create_codes, job_method_ranges}},
    {method_id::add_elements_to_group_synchronized, {create_codes, job_method_ranges}},
    {method_id::confirm_target_data, {confirm_codes, job_method_ranges}},
    {method_id::create_group_replica_from_element_synchronizations,
     {create_codes, job_method_ranges}},
    {method_id::get_synchronization_aspect_instances, {modify_codes, job_method_ranges}},
    {method_id::get_synchronization_aspects, {modify_codes, job_method_ranges}},
    {method_id::create_list_synchronization_aspect, {create_codes, job_method_ranges}},
    {method_id::convert_sync_type_to_replication_type, {capability_codes, jobless_ranges}},
    {method_id::convert_replication_type_to_sync_type, {capability_codes, jobless_ranges}},
    {method_id::get_supported_copy_states, {capability_codes, jobless_ranges}},
    {method_id::get_supported_group_copy_states, {capability_codes, jobless_ranges}},
    {method_id::get_supported_wait_for_copy_states, {capability_codes, jobless_ranges}},
    {method_id::get_supported_features, {capability_codes, jobless_ranges}},
    {method_id::get_supported_group_features, {capability_codes, jobless_ranges}},
    {method_id::get_supported_consistency, {capability_codes, jobless_ranges}},
    {method_id::get_supported_operations, {capability_codes, jobless_ranges}},
    {method_id::get_supported_group_operations, {capability_codes, jobless_ranges}},
    {method_id::get_supported_list_operations, {capability_codes, jobless_ranges}},
    {method_id::get_supported_settings_define_state_operations, {capability_codes, jobless_ranges}},
    {method_id::get_supported_thin_provisioning_features, {capability_codes, jobless_ranges}},
    {method_id::get_supported_maximum, {maximum_codes, jobless_ranges}},
    {method_id::get_default_consistency, {capability_codes, jobless_ranges}},
    {method_id::get_default_group_persistency, {capability_codes, jobless_ranges}},
    {method_id::get_supported_replication_setting_data, {setting_codes, jobless_ranges}},
    {method_id::get_default_replication_setting_data, {default_setting_codes, jobless_ranges}},
    {method_id::get_supported_connection_features, {capability_codes, jobless_ranges}},
    {method_id::get_synchronization_supported, {capability_codes, jobless_ranges}},
    {method_id::get_supported_storage_compression_features, {capability_codes, jobless_ranges}},
    {method_id::get_supported_tokenized_replication_type, {tokenized_codes, jobless_ranges}},
    {method_id::get_element_name_capabilities, {capability_codes, jobless_ranges}},
    {method_id::get_supported_list_features, {capability_codes, jobless_ranges}},
    {method_id::get_supported_operations_for_synchronization, {capability_codes, jobless_ranges}},
    {method_id::get_supported_replication_types_for_system, {capability_codes, jobless_ranges}},
    {method_id::get_supported_replication_setting_data_date_time, {setting_codes, jobless_ranges}},
    {method_id::create_or_modify_storage_pool, {pool_codes, legacy_ranges_from_4098}},
    {method_id::create_or_modify_element_from_storage_pool, {pool_codes, legacy_ranges_from_4098}},
    {method_id::delete_storage_pool, {legacy_create_codes, legacy_ranges_from_4097}},
    {method_id::return_to_storage_pool, {legacy_create_codes, legacy_ranges_from_4097}},
    {method_id::create_replica, {legacy_create_codes, legacy_ranges_from_4097}},
    {method_id::modify_synchronization, {legacy_modify_codes, legacy_ranges_from_4097}},
    {method_id::attach_replica, {legacy_modify_codes, legacy_ranges_from_4097}},
    {method_id::create_or_modify_element_from_elements, {elements_codes, legacy_ranges_from_4098}},
    {method_id::assign_storage_resource_affinity, {elements_codes, legacy_ranges_from_4098}},
    {method_id::attach_or_modify_replica, {legacy_modify_codes, legacy_ranges_from_4097}},
    {method_id::create_elements_from_storage_pools,
     {several_elements_codes, legacy_ranges_from_4099}},
    {method_id::create_or_modify_replication_pipe, {pipe_codes, legacy_ranges_from_4097}},
    {method_id::create_replication_buffer, {legacy_modify_codes, legacy_ranges_from_4097}},
    {method_id::legacy_get_available_target_elements,
     {legacy_targets_codes, legacy_ranges_from_4096}},
    {method_id::get_elements_based_on_usage, {usage_codes, legacy_jobless_ranges}},
    {method_id::request_usage_change, {usage_change_codes, legacy_ranges_from_4097}},
    {method_id::return_elements_to_storage_pool, {legacy_create_codes, legacy_ranges_from_4097}},
    {method_id::request_state_change, {job_change_codes, legacy_ranges_from_4100}},
    {method_id::get_error, {job_error_codes, legacy_jobless_ranges}},
    {method_id::get_errors, {job_error_codes, legacy_jobless_ranges}},
});
// clang-format on

static_assert(rows.size() == method_rows.size());
static_assert([] {
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (rows[i].method != static_cast<method_id>(i) || !in_order(rows[i].codes)) return false;
    return true;
}());

}  // namespace detail::return_codes

}  // namespace cimrep::inline v0
