// cim/error_type.hpp -- what a CIM_Error says of a failure, in numbers.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// The kind of a failure.
///
/// Source:  CIM_Error.ErrorType, schema 2.49.0.
enum class error_type : std::uint16_t {
    unknown = 0,
    other = 1,
    communications_error = 2,
    quality_of_service_error = 3,
    software_error = 4,
    hardware_error = 5,
    environmental_error = 6,
    security_error = 7,
    oversubscription_error = 8,
    unavailable_resource_error = 9,
    unsupported_operation_error = 10,
};

/// The exact names of `error_type`, in order.
// clang-format off
inline constexpr auto error_type_names = std::to_array<value_name<error_type>>({
    {error_type::unknown, "Unknown"},
    {error_type::other, "Other"},
    {error_type::communications_error, "Communications Error"},
    {error_type::quality_of_service_error, "Quality of Service Error"},
    {error_type::software_error, "Software Error"},
    {error_type::hardware_error, "Hardware Error"},
    {error_type::environmental_error, "Environmental Error"},
    {error_type::security_error, "Security Error"},
    {error_type::oversubscription_error, "Oversubscription Error"},
    {error_type::unavailable_resource_error, "Unavailable Resource Error"},
    {error_type::unsupported_operation_error, "Unsupported Operation Error"},
});
// clang-format on

template <>
inline constexpr value_map<error_type> value_map_of<error_type>{error_type_names, no_vendor_values};
static_assert(in_order(value_map_of<error_type>));

/// How grave a failure is.
///
/// Source:  CIM_Error.PerceivedSeverity, schema 2.49.0.
enum class perceived_severity : std::uint16_t {
    unknown = 0,
    other = 1,
    information = 2,
    degraded_warning = 3,
    minor = 4,
    major = 5,
    critical = 6,
    fatal_non_recoverable = 7,
};

/// The exact names of `perceived_severity`, in order.
// clang-format off
inline constexpr auto perceived_severity_names = std::to_array<value_name<perceived_severity>>({
    {perceived_severity::unknown, "Unknown"},
    {perceived_severity::other, "Other"},
    {perceived_severity::information, "Information"},
    {perceived_severity::degraded_warning, "Degraded/Warning"},
    {perceived_severity::minor, "Minor"},
    {perceived_severity::major, "Major"},
    {perceived_severity::critical, "Critical"},
    {perceived_severity::fatal_non_recoverable, "Fatal/NonRecoverable"},
});
// clang-format on

template <>
inline constexpr value_map<perceived_severity> value_map_of<perceived_severity>{
    perceived_severity_names, no_vendor_values};
static_assert(in_order(value_map_of<perceived_severity>));

/// How the source of a failure is written.
///
/// Source:  CIM_Error.ErrorSourceFormat, schema 2.49.0.
enum class error_source_format : std::uint16_t {
    unknown = 0,
    other = 1,
    cim_object_path = 2,
};

/// The exact names of `error_source_format`, in order.
// clang-format off
inline constexpr auto error_source_format_names = std::to_array<value_name<error_source_format>>({
    {error_source_format::unknown, "Unknown"},
    {error_source_format::other, "Other"},
    {error_source_format::cim_object_path, "CIMObjectPath"},
});
// clang-format on

template <>
inline constexpr value_map<error_source_format> value_map_of<error_source_format>{
    error_source_format_names, no_vendor_values};
static_assert(in_order(value_map_of<error_source_format>));

/// The status of the CIM operation that failed.
///
/// Source:  CIM_Error.CIMStatusCode, schema 2.49.0.
enum class cim_status_code : std::uint32_t {
    failed = 1,
    access_denied = 2,
    invalid_namespace = 3,
    invalid_parameter = 4,
    invalid_class = 5,
    not_found = 6,
    not_supported = 7,
    class_has_children = 8,
    class_has_instances = 9,
    invalid_superclass = 10,
    already_exists = 11,
    no_such_property = 12,
    type_mismatch = 13,
    query_language_not_supported = 14,
    invalid_query = 15,
    method_not_available = 16,
    method_not_found = 17,
    unexpected_response = 18,
    invalid_response_destination = 19,
    namespace_not_empty = 20,
    invalid_enumeration_context = 21,
    invalid_operation_timeout = 22,
    pull_has_been_abandoned = 23,
    pull_cannot_be_abandoned = 24,
    filtered_enumeration_not_supported = 25,
    continuation_on_error_not_supported = 26,
    server_limits_exceeded = 27,
    server_is_shutting_down = 28,
    query_feature_not_supported = 29,
};

/// The exact names of `cim_status_code`, in order.
// clang-format off
inline constexpr auto cim_status_code_names = std::to_array<value_name<cim_status_code>>({
    {cim_status_code::failed, "CIM_ERR_FAILED"},
    {cim_status_code::access_denied, "CIM_ERR_ACCESS_DENIED"},
    {cim_status_code::invalid_namespace, "CIM_ERR_INVALID_NAMESPACE"},
    {cim_status_code::invalid_parameter, "CIM_ERR_INVALID_PARAMETER"},
    {cim_status_code::invalid_class, "CIM_ERR_INVALID_CLASS"},
    {cim_status_code::not_found, "CIM_ERR_NOT_FOUND"},
    {cim_status_code::not_supported, "CIM_ERR_NOT_SUPPORTED"},
    {cim_status_code::class_has_children, "CIM_ERR_CLASS_HAS_CHILDREN"},
    {cim_status_code::class_has_instances, "CIM_ERR_CLASS_HAS_INSTANCES"},
    {cim_status_code::invalid_superclass, "CIM_ERR_INVALID_SUPERCLASS"},
    {cim_status_code::already_exists, "CIM_ERR_ALREADY_EXISTS"},
    {cim_status_code::no_such_property, "CIM_ERR_NO_SUCH_PROPERTY"},
    {cim_status_code::type_mismatch, "CIM_ERR_TYPE_MISMATCH"},
    {cim_status_code::query_language_not_supported, "CIM_ERR_QUERY_LANGUAGE_NOT_SUPPORTED"},
    {cim_status_code::invalid_query, "CIM_ERR_INVALID_QUERY"},
    {cim_status_code::method_not_available, "CIM_ERR_METHOD_NOT_AVAILABLE"},
    {cim_status_code::method_not_found, "CIM_ERR_METHOD_NOT_FOUND"},
    {cim_status_code::unexpected_response, "CIM_ERR_UNEXPECTED_RESPONSE"},
    {cim_status_code::invalid_response_destination, "CIM_ERR_INVALID_RESPONSE_DESTINATION"},
    {cim_status_code::namespace_not_empty, "CIM_ERR_NAMESPACE_NOT_EMPTY"},
    {cim_status_code::invalid_enumeration_context, "CIM_ERR_INVALID_ENUMERATION_CONTEXT"},
    {cim_status_code::invalid_operation_timeout, "CIM_ERR_INVALID_OPERATION_TIMEOUT"},
    {cim_status_code::pull_has_been_abandoned, "CIM_ERR_PULL_HAS_BEEN_ABANDONED"},
    {cim_status_code::pull_cannot_be_abandoned, "CIM_ERR_PULL_CANNOT_BE_ABANDONED"},
    {cim_status_code::filtered_enumeration_not_supported,
     "CIM_ERR_FILTERED_ENUMERATION_NOT_SUPPORTED"},
    {cim_status_code::continuation_on_error_not_supported,
     "CIM_ERR_CONTINUATION_ON_ERROR_NOT_SUPPORTED"},
    {cim_status_code::server_limits_exceeded, "CIM_ERR_SERVER_LIMITS_EXCEEDED"},
    {cim_status_code::server_is_shutting_down, "CIM_ERR_SERVER_IS_SHUTTING_DOWN"},
    {cim_status_code::query_feature_not_supported, "CIM_ERR_QUERY_FEATURE_NOT_SUPPORTED"},
});
// clang-format on

template <>
inline constexpr value_map<cim_status_code> value_map_of<cim_status_code>{cim_status_code_names,
                                                                          no_vendor_values};
static_assert(in_order(value_map_of<cim_status_code>));

}  // namespace cimrep::inline v0
