// cim/copy_type.hpp -- how the older Copy Services call kinds of replicas.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// The kind of a replica in the words of the older service.
///
/// Source:  CIM_StorageSynchronized.CopyType, schema 2.49.0.
enum class copy_type : std::uint16_t {
    async = 2,
    sync = 3,
    unsync_assoc = 4,
    unsync_unassoc = 5,
};

/// The exact names of `copy_type`, in order.
// clang-format off
inline constexpr auto copy_type_names = std::to_array<value_name<copy_type>>({
    {copy_type::async, "Async"},
    {copy_type::sync, "Sync"},
    {copy_type::unsync_assoc, "UnSyncAssoc"},
    {copy_type::unsync_unassoc, "UnSyncUnAssoc"},
});
// clang-format on

template <>
inline constexpr value_map<copy_type> value_map_of<copy_type>{copy_type_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<copy_type>));

/// The CopyType that AttachOrModifyReplica takes.
///
/// Source:  CIM_StorageConfigurationService.AttachOrModifyReplica.CopyType, schema 2.49.0.
enum class attach_or_modify_copy_type : std::uint16_t {
    async = 2,
    sync = 3,
    unsync_assoc = 4,
    unsync_unassoc = 5,
};

/// The exact names of `attach_or_modify_copy_type`, in order.
// clang-format off
inline constexpr auto attach_or_modify_copy_type_names =
    std::to_array<value_name<attach_or_modify_copy_type>>({
    {attach_or_modify_copy_type::async, "Async"},
    {attach_or_modify_copy_type::sync, "Sync"},
    {attach_or_modify_copy_type::unsync_assoc, "UnSyncAssoc"},
    {attach_or_modify_copy_type::unsync_unassoc, "UnSyncUnAssoc"},
});
// clang-format on

/// Unlike its siblings this map gives vendors everything from 0x1000 on.
inline constexpr auto vendor_from_0x1000 =
    std::to_array<value_range>({{0x1000, 0xFFFF, value_kind::vendor, "Vendor Specific"}});

template <>
inline constexpr value_map<attach_or_modify_copy_type> value_map_of<attach_or_modify_copy_type>{
    attach_or_modify_copy_type_names, vendor_from_0x1000};
static_assert(in_order(value_map_of<attach_or_modify_copy_type>));

/// What a replica is made of.
///
/// Source:  CIM_StorageSynchronized.ReplicaType, schema 2.49.0.
enum class replica_type : std::uint16_t {
    not_specified = 0,
    full_copy = 2,
    before_delta = 3,
    after_delta = 4,
    log = 5,
};

/// The exact names of `replica_type`, in order.
// clang-format off
inline constexpr auto replica_type_names = std::to_array<value_name<replica_type>>({
    {replica_type::not_specified, "Not Specified"},
    {replica_type::full_copy, "Full Copy"},
    {replica_type::before_delta, "Before Delta"},
    {replica_type::after_delta, "After Delta"},
    {replica_type::log, "Log"},
});
// clang-format on

template <>
inline constexpr value_map<replica_type> value_map_of<replica_type>{replica_type_names,
                                                                    vendor_from_0x8000};
static_assert(in_order(value_map_of<replica_type>));

}  // namespace cimrep::inline v0
