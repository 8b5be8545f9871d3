// cim/setting_policy.hpp -- what ReplicationSettingData lets a client choose.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// How the members of two groups are paired.
///
/// Source:  CIM_ReplicationSettingData.Pairing, schema 2.49.0.
enum class pairing : std::uint16_t {
    instrumentation_decides = 2,
    exact_order = 3,
    optimum = 4,
};

/// The exact names of `pairing`, in order.
// clang-format off
inline constexpr auto pairing_names = std::to_array<value_name<pairing>>({
    {pairing::instrumentation_decides, "Instrumentation decides"},
    {pairing::exact_order, "Exact order"},
    {pairing::optimum, "Optimum"},
});
// clang-format on

template <>
inline constexpr value_map<pairing> value_map_of<pairing>{pairing_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<pairing>));

/// What to do when two groups differ in size.
///
/// Source:  CIM_ReplicationSettingData.UnequalGroupsAction, schema 2.49.0.
enum class unequal_groups_action : std::uint16_t {
    return_an_error = 2,
    allow_source_group_to_be_larger = 3,
    allow_target_group_to_be_larger = 4,
};

/// The exact names of `unequal_groups_action`, in order.
// clang-format off
inline constexpr auto unequal_groups_action_names =
    std::to_array<value_name<unequal_groups_action>>({
    {unequal_groups_action::return_an_error, "Return an error"},
    {unequal_groups_action::allow_source_group_to_be_larger, "Allow source group to be larger"},
    {unequal_groups_action::allow_target_group_to_be_larger, "Allow target group to be larger"},
});
// clang-format on

template <>
inline constexpr value_map<unequal_groups_action> value_map_of<unequal_groups_action>{
    unequal_groups_action_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<unequal_groups_action>));

/// What to do when two lists differ in size.
///
/// Source:  CIM_ReplicationSettingData.UnequalListsAction, schema 2.49.0.
enum class unequal_lists_action : std::uint16_t {
    return_an_error = 2,
    allow_source_list_to_be_larger = 3,
    allow_target_list_to_be_larger = 4,
};

/// The exact names of `unequal_lists_action`, in order.
// clang-format off
inline constexpr auto unequal_lists_action_names = std::to_array<value_name<unequal_lists_action>>({
    {unequal_lists_action::return_an_error, "Return an error"},
    {unequal_lists_action::allow_source_list_to_be_larger, "Allow source list to be larger"},
    {unequal_lists_action::allow_target_list_to_be_larger, "Allow target list to be larger"},
});
// clang-format on

template <>
inline constexpr value_map<unequal_lists_action> value_map_of<unequal_lists_action>{
    unequal_lists_action_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<unequal_lists_action>));

/// Whether to go on after an entry of a list failed.
///
/// Source:  CIM_ReplicationSettingData.OnGroupOrListError, schema 2.49.0.
enum class on_group_or_list_error : std::uint16_t {
    continue_ = 2,
    stop = 3,
};

/// The exact names of `on_group_or_list_error`, in order.
// clang-format off
inline constexpr auto on_group_or_list_error_names =
    std::to_array<value_name<on_group_or_list_error>>({
    {on_group_or_list_error::continue_, "Continue"},
    {on_group_or_list_error::stop, "Stop"},
});
// clang-format on

template <>
inline constexpr value_map<on_group_or_list_error> value_map_of<on_group_or_list_error>{
    on_group_or_list_error_names, vendor_from_0x8000_lower_case};
static_assert(in_order(value_map_of<on_group_or_list_error>));

/// Where targets come from when none is given.
///
/// Source:  CIM_ReplicationSettingData.TargetElementSupplier, schema 2.49.0.
enum class target_element_supplier : std::uint16_t {
    use_existing = 1,
    create_new = 2,
    use_and_create = 3,
    instrumentation_decides = 4,
    client_must_supply = 5,
};

/// The exact names of `target_element_supplier`, in order.
// clang-format off
inline constexpr auto target_element_supplier_names =
    std::to_array<value_name<target_element_supplier>>({
    {target_element_supplier::use_existing, "Use existing"},
    {target_element_supplier::create_new, "Create new"},
    {target_element_supplier::use_and_create, "Use and create"},
    {target_element_supplier::instrumentation_decides, "Instrumentation decides"},
    {target_element_supplier::client_must_supply, "Client must supply"},
});
// clang-format on

template <>
inline constexpr value_map<target_element_supplier> value_map_of<target_element_supplier>{
    target_element_supplier_names, vendor_from_0x8000_lower_case};
static_assert(in_order(value_map_of<target_element_supplier>));

/// How a created target is provisioned.
///
/// Source:  CIM_ReplicationSettingData.ThinProvisioningPolicy, schema 2.49.0.
enum class thin_provisioning_policy : std::uint16_t {
    copy_thin_source_to_thin_target = 2,
    copy_thin_source_to_full_target = 3,
    copy_full_source_to_thin_target = 4,
    provisioning_of_target_same_as_source = 5,
    target_pool_decides_provisioning_of_target_element = 6,
    implementation_decides_provisioning_of_target = 7,
};

/// The exact names of `thin_provisioning_policy`, in order.
// clang-format off
inline constexpr auto thin_provisioning_policy_names =
    std::to_array<value_name<thin_provisioning_policy>>({
    {thin_provisioning_policy::copy_thin_source_to_thin_target, "Copy thin source to thin target"},
    {thin_provisioning_policy::copy_thin_source_to_full_target, "Copy thin source to full target"},
    {thin_provisioning_policy::copy_full_source_to_thin_target, "Copy full source to thin target"},
    {thin_provisioning_policy::provisioning_of_target_same_as_source,
     "Provisioning of target same as source"},
    {thin_provisioning_policy::target_pool_decides_provisioning_of_target_element,
     "Target pool decides provisioning of target element"},
    {thin_provisioning_policy::implementation_decides_provisioning_of_target,
     "Implementation decides provisioning of target"},
});
// clang-format on

template <>
inline constexpr value_map<thin_provisioning_policy> value_map_of<thin_provisioning_policy>{
    thin_provisioning_policy_names, vendor_from_0x8000_lower_case};
static_assert(in_order(value_map_of<thin_provisioning_policy>));

/// How a created target is compressed.
///
/// Source:  CIM_ReplicationSettingData.StorageCompressionPolicy, schema 2.49.0.
enum class storage_compression_policy : std::uint16_t {
    compressed_source_to_compressed_target = 2,
    compressed_source_to_uncompressed_target = 3,
    uncompressed_source_to_compressed_target = 4,
    compression_of_target_same_as_source = 5,
    target_pool_decides_compression_of_target_element = 6,
    implementation_decides_compression_of_target = 7,
};

/// The exact names of `storage_compression_policy`, in order.
// clang-format off
inline constexpr auto storage_compression_policy_names =
    std::to_array<value_name<storage_compression_policy>>({
    {storage_compression_policy::compressed_source_to_compressed_target,
     "Compressed source to compressed target"},
    {storage_compression_policy::compressed_source_to_uncompressed_target,
     "Compressed source to uncompressed target"},
    {storage_compression_policy::uncompressed_source_to_compressed_target,
     "Uncompressed source to compressed target"},
    {storage_compression_policy::compression_of_target_same_as_source,
     "Compression of target same as source"},
    {storage_compression_policy::target_pool_decides_compression_of_target_element,
     "Target pool decides compression of target element"},
    {storage_compression_policy::implementation_decides_compression_of_target,
     "Implementation decides compression of target"},
});
// clang-format on

template <>
inline constexpr value_map<storage_compression_policy> value_map_of<storage_compression_policy>{
    storage_compression_policy_names, vendor_from_0x8000_lower_case};
static_assert(in_order(value_map_of<storage_compression_policy>));

/// Which goal a created target has.
///
/// Source:  CIM_ReplicationSettingData.TargetElementGoal, schema 2.49.0.
enum class target_element_goal : std::uint16_t {
    implementation_decides = 2,
    same_as_source_element = 3,
};

/// The exact names of `target_element_goal`, in order.
// clang-format off
inline constexpr auto target_element_goal_names = std::to_array<value_name<target_element_goal>>({
    {target_element_goal::implementation_decides, "Implementation decides"},
    {target_element_goal::same_as_source_element, "Same as source element"},
});
// clang-format on

template <>
inline constexpr value_map<target_element_goal> value_map_of<target_element_goal>{
    target_element_goal_names, vendor_from_0x8000_lower_case};
static_assert(in_order(value_map_of<target_element_goal>));

/// Which pool a created target comes from.
///
/// Source:  CIM_ReplicationSettingData.TargetElementResourcePool, schema 2.49.0.
enum class target_element_resource_pool : std::uint16_t {
    implementation_decides = 2,
    same_as_source_element = 3,
};

/// The exact names of `target_element_resource_pool`, in order.
// clang-format off
inline constexpr auto target_element_resource_pool_names =
    std::to_array<value_name<target_element_resource_pool>>({
    {target_element_resource_pool::implementation_decides, "Implementation decides"},
    {target_element_resource_pool::same_as_source_element, "Same as source element"},
});
// clang-format on

template <>
inline constexpr value_map<target_element_resource_pool> value_map_of<target_element_resource_pool>{
    target_element_resource_pool_names, vendor_from_0x8000_lower_case};
static_assert(in_order(value_map_of<target_element_resource_pool>));

}  // namespace cimrep::inline v0
