// cim/copy_policy.hpp -- how a copy behaves beside its host: priority, recovery, access.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// How a background copy ranks against host I/O.
///
/// Source:  CIM_StorageSynchronized.CopyPriority, schema 2.49.0.
enum class copy_priority : std::uint16_t {
    not_managed = 0,
    low = 1,
    same = 2,
    high = 3,
    urgent = 4,
};

/// The exact names of `copy_priority`, in order.
// clang-format off
inline constexpr auto copy_priority_names = std::to_array<value_name<copy_priority>>({
    {copy_priority::not_managed, "Not Managed"},
    {copy_priority::low, "Low"},
    {copy_priority::same, "Same"},
    {copy_priority::high, "High"},
    {copy_priority::urgent, "Urgent"},
});
// clang-format on

template <>
inline constexpr value_map<copy_priority> value_map_of<copy_priority>{copy_priority_names,
                                                                      vendor_from_0x8000};
static_assert(in_order(value_map_of<copy_priority>));

/// What happens after a broken link is repaired.
///
/// Source:  CIM_Synchronized.CopyRecoveryMode, schema 2.49.0.
enum class copy_recovery_mode : std::uint16_t {
    unknown = 0,
    automatic = 2,
    manual = 3,
};

/// The exact names of `copy_recovery_mode`, in order.
// clang-format off
inline constexpr auto copy_recovery_mode_names = std::to_array<value_name<copy_recovery_mode>>({
    {copy_recovery_mode::unknown, "Unknown"},
    {copy_recovery_mode::automatic, "Automatic"},
    {copy_recovery_mode::manual, "Manual"},
});
// clang-format on

template <>
inline constexpr value_map<copy_recovery_mode> value_map_of<copy_recovery_mode>{
    copy_recovery_mode_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<copy_recovery_mode>));

/// What a client wants to happen after a broken link is repaired.
///
/// Source:  CIM_ReplicationSettingData.CopyRecoveryMode, schema 2.49.0.
enum class desired_copy_recovery_mode : std::uint16_t {
    unknown = 0,
    automatic = 2,
    manual = 3,
    implementation_decides = 4,
};

/// The exact names of `desired_copy_recovery_mode`, in order.
// clang-format off
inline constexpr auto desired_copy_recovery_mode_names =
    std::to_array<value_name<desired_copy_recovery_mode>>({
    {desired_copy_recovery_mode::unknown, "Unknown"},
    {desired_copy_recovery_mode::automatic, "Automatic"},
    {desired_copy_recovery_mode::manual, "Manual"},
    {desired_copy_recovery_mode::implementation_decides, "Implementation decides"},
});
// clang-format on

template <>
inline constexpr value_map<desired_copy_recovery_mode> value_map_of<desired_copy_recovery_mode>{
    desired_copy_recovery_mode_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<desired_copy_recovery_mode>));

/// Which side hosts may only read.
///
/// Source:  CIM_StorageSynchronized.ReadOnly, schema 2.49.0.
enum class read_only : std::uint16_t {
    system_element = 2,
    synced_element = 3,
    both = 4,
};

/// The exact names of `read_only`, in order.
// clang-format off
inline constexpr auto read_only_names = std::to_array<value_name<read_only>>({
    {read_only::system_element, "SystemElement"},
    {read_only::synced_element, "SyncedElement"},
    {read_only::both, "Both"},
});
// clang-format on

template <>
inline constexpr value_map<read_only> value_map_of<read_only>{read_only_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<read_only>));

/// Which side the service has not discovered.
///
/// Source:  CIM_StorageSynchronized.UndiscoveredElement, schema 2.49.0.
enum class undiscovered_element : std::uint16_t {
    system_element = 2,
    synced_element = 3,
    both = 4,
};

/// The exact names of `undiscovered_element`, in order.
// clang-format off
inline constexpr auto undiscovered_element_names = std::to_array<value_name<undiscovered_element>>({
    {undiscovered_element::system_element, "SystemElement"},
    {undiscovered_element::synced_element, "SyncedElement"},
    {undiscovered_element::both, "Both"},
});
// clang-format on

template <>
inline constexpr value_map<undiscovered_element> value_map_of<undiscovered_element>{
    undiscovered_element_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<undiscovered_element>));

}  // namespace cimrep::inline v0
