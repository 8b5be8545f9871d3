// cim/legacy_remote.hpp -- how the older Copy Services reach and buffer remote replicas.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// Where the access point of a remote replication is.
///
/// Source:  CIM_StorageReplicationCapabilities.RemoteReplicationServicePointAccess, schema 2.49.0.
enum class remote_access : std::uint16_t {
    not_specified = 2,
    source = 3,
    target = 4,
    proxy = 5,
};

/// The exact names of `remote_access`, in order.
// clang-format off
inline constexpr auto remote_access_names = std::to_array<value_name<remote_access>>({
    {remote_access::not_specified, "Not Specified"},
    {remote_access::source, "Source"},
    {remote_access::target, "Target"},
    {remote_access::proxy, "Proxy"},
});
// clang-format on

template <>
inline constexpr value_map<remote_access> value_map_of<remote_access>{remote_access_names,
                                                                      vendor_from_0x8000};
static_assert(in_order(value_map_of<remote_access>));

/// Where the second access point of a remote replication is.
///
/// Source:  CIM_StorageReplicationCapabilities,
///          AlternateReplicationServicePointAccess, schema 2.49.0.
enum class alternate_access : std::uint16_t {
    none = 2,
    source = 3,
    target = 4,
    proxy = 5,
};

/// The exact names of `alternate_access`, in order.
// clang-format off
inline constexpr auto alternate_access_names = std::to_array<value_name<alternate_access>>({
    {alternate_access::none, "None"},
    {alternate_access::source, "Source"},
    {alternate_access::target, "Target"},
    {alternate_access::proxy, "Proxy"},
});
// clang-format on

template <>
inline constexpr value_map<alternate_access> value_map_of<alternate_access>{alternate_access_names,
                                                                            vendor_from_0x8000};
static_assert(in_order(value_map_of<alternate_access>));

/// What a replication buffer is made of.
///
/// Source:  CIM_StorageReplicationCapabilities.RemoteBufferElementType, schema 2.49.0.
enum class buffer_element_type : std::uint16_t {
    not_specified = 0,
    in_extent = 2,
    in_pool = 3,
};

/// The exact names of `buffer_element_type`, in order.
// clang-format off
inline constexpr auto buffer_element_type_names = std::to_array<value_name<buffer_element_type>>({
    {buffer_element_type::not_specified, "Not specified"},
    {buffer_element_type::in_extent, "InExtent"},
    {buffer_element_type::in_pool, "InPool"},
});
// clang-format on

template <>
inline constexpr value_map<buffer_element_type> value_map_of<buffer_element_type>{
    buffer_element_type_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<buffer_element_type>));

/// Which element hosts a replication buffer.
///
/// Source:  CIM_StorageReplicationCapabilities.RemoteBufferHost, schema 2.49.0.
enum class buffer_host : std::uint16_t {
    array = 2,
    component_cs = 3,
    pipe = 4,
};

/// The exact names of `buffer_host`, in order.
// clang-format off
inline constexpr auto buffer_host_names = std::to_array<value_name<buffer_host>>({
    {buffer_host::array, "Array"},
    {buffer_host::component_cs, "ComponentCS"},
    {buffer_host::pipe, "Pipe"},
});
// clang-format on

template <>
inline constexpr value_map<buffer_host> value_map_of<buffer_host>{buffer_host_names,
                                                                  vendor_from_0x8000};
static_assert(in_order(value_map_of<buffer_host>));

/// On which side a replication buffer is.
///
/// Source:  CIM_StorageReplicationCapabilities.RemoteBufferLocation, schema 2.49.0.
enum class buffer_location : std::uint16_t {
    source = 2,
    target = 3,
    both = 4,
};

/// The exact names of `buffer_location`, in order.
// clang-format off
inline constexpr auto buffer_location_names = std::to_array<value_name<buffer_location>>({
    {buffer_location::source, "Source"},
    {buffer_location::target, "Target"},
    {buffer_location::both, "Both"},
});
// clang-format on

template <>
inline constexpr value_map<buffer_location> value_map_of<buffer_location>{buffer_location_names,
                                                                          vendor_from_0x8000};
static_assert(in_order(value_map_of<buffer_location>));

/// Whether a replication buffer is used.
///
/// Source:  CIM_StorageReplicationCapabilities.RemoteBufferSupported, schema 2.49.0.
enum class buffer_support : std::uint16_t {
    not_supported = 0,
    required = 2,
    optional = 3,
};

/// The exact names of `buffer_support`, in order.
// clang-format off
inline constexpr auto buffer_support_names = std::to_array<value_name<buffer_support>>({
    {buffer_support::not_supported, "Not Supported"},
    {buffer_support::required, "Required"},
    {buffer_support::optional, "Optional"},
});
// clang-format on

template <>
inline constexpr value_map<buffer_support> value_map_of<buffer_support>{buffer_support_names,
                                                                        vendor_from_0x8000};
static_assert(in_order(value_map_of<buffer_support>));

/// Whether a replication uses a buffer by default.
///
/// Source:  CIM_StorageReplicationCapabilities.UseReplicationBufferDefault, schema 2.49.0.
enum class use_buffer_default : std::uint16_t {
    not_managed = 0,
    use_buffer = 1,
    do_not_use_buffer = 2,
};

/// The exact names of `use_buffer_default`, in order.
// clang-format off
inline constexpr auto use_buffer_default_names = std::to_array<value_name<use_buffer_default>>({
    {use_buffer_default::not_managed, "Not Managed"},
    {use_buffer_default::use_buffer, "Use Buffer"},
    {use_buffer_default::do_not_use_buffer, "Do Not Use Buffer"},
});
// clang-format on

template <>
inline constexpr value_map<use_buffer_default> value_map_of<use_buffer_default>{
    use_buffer_default_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<use_buffer_default>));

}  // namespace cimrep::inline v0
