// cim/status.hpp -- the state of health of an element or a connection.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// The current status of an element.
///
/// Source:  CIM_ManagedSystemElement.OperationalStatus, schema 2.49.0.
enum class operational_status : std::uint16_t {
    unknown = 0,
    other = 1,
    ok = 2,
    degraded = 3,
    stressed = 4,
    predictive_failure = 5,
    error = 6,
    non_recoverable_error = 7,
    starting = 8,
    stopping = 9,
    stopped = 10,
    in_service = 11,
    no_contact = 12,
    lost_communication = 13,
    aborted = 14,
    dormant = 15,
    supporting_entity_in_error = 16,
    completed = 17,
    power_mode = 18,
    relocating = 19,
};

/// The exact names of `operational_status`, in order.
// clang-format off
inline constexpr auto operational_status_names = std::to_array<value_name<operational_status>>({
    {operational_status::unknown, "Unknown"},
    {operational_status::other, "Other"},
    {operational_status::ok, "OK"},
    {operational_status::degraded, "Degraded"},
    {operational_status::stressed, "Stressed"},
    {operational_status::predictive_failure, "Predictive Failure"},
    {operational_status::error, "Error"},
    {operational_status::non_recoverable_error, "Non-Recoverable Error"},
    {operational_status::starting, "Starting"},
    {operational_status::stopping, "Stopping"},
    {operational_status::stopped, "Stopped"},
    {operational_status::in_service, "In Service"},
    {operational_status::no_contact, "No Contact"},
    {operational_status::lost_communication, "Lost Communication"},
    {operational_status::aborted, "Aborted"},
    {operational_status::dormant, "Dormant"},
    {operational_status::supporting_entity_in_error, "Supporting Entity in Error"},
    {operational_status::completed, "Completed"},
    {operational_status::power_mode, "Power Mode"},
    {operational_status::relocating, "Relocating"},
});
// clang-format on

template <>
inline constexpr value_map<operational_status> value_map_of<operational_status>{
    operational_status_names, vendor_reserved_from_0x8000};
static_assert(in_order(value_map_of<operational_status>));

/// The current health of an element.
///
/// Source:  CIM_ManagedSystemElement.HealthState, schema 2.49.0.
enum class health_state : std::uint16_t {
    unknown = 0,
    ok = 5,
    degraded_warning = 10,
    minor_failure = 15,
    major_failure = 20,
    critical_failure = 25,
    non_recoverable_error = 30,
};

/// The exact names of `health_state`, in order.
// clang-format off
inline constexpr auto health_state_names = std::to_array<value_name<health_state>>({
    {health_state::unknown, "Unknown"},
    {health_state::ok, "OK"},
    {health_state::degraded_warning, "Degraded/Warning"},
    {health_state::minor_failure, "Minor failure"},
    {health_state::major_failure, "Major failure"},
    {health_state::critical_failure, "Critical failure"},
    {health_state::non_recoverable_error, "Non-recoverable error"},
});
// clang-format on

template <>
inline constexpr value_map<health_state> value_map_of<health_state>{health_state_names,
                                                                    vendor_from_0x8000};
static_assert(in_order(value_map_of<health_state>));

/// Whether the elements of a collection reach one another.
///
/// Source:  CIM_ConnectivityCollection.ConnectivityStatus, schema 2.49.0.
enum class connectivity_status : std::uint16_t {
    unknown = 0,
    connectivity_up = 2,
    no_connectivity_down = 3,
    partitioned = 4,
};

/// The exact names of `connectivity_status`, in order.
// clang-format off
inline constexpr auto connectivity_status_names = std::to_array<value_name<connectivity_status>>({
    {connectivity_status::unknown, "Unknown"},
    {connectivity_status::connectivity_up, "Connectivity/Up"},
    {connectivity_status::no_connectivity_down, "No Connectivity/Down"},
    {connectivity_status::partitioned, "Partitioned"},
});
// clang-format on

template <>
inline constexpr value_map<connectivity_status> value_map_of<connectivity_status>{
    connectivity_status_names, no_vendor_values};
static_assert(in_order(value_map_of<connectivity_status>));

/// How a job affects an element.
///
/// Source:  CIM_AffectedJobElement.ElementEffects, schema 2.49.0.
enum class element_effect : std::uint16_t {
    unknown = 0,
    other = 1,
    exclusive_use = 2,
    performance_impact = 3,
    element_integrity = 4,
    create = 5,
};

/// The exact names of `element_effect`, in order.
// clang-format off
inline constexpr auto element_effect_names = std::to_array<value_name<element_effect>>({
    {element_effect::unknown, "Unknown"},
    {element_effect::other, "Other"},
    {element_effect::exclusive_use, "Exclusive Use"},
    {element_effect::performance_impact, "Performance Impact"},
    {element_effect::element_integrity, "Element Integrity"},
    {element_effect::create, "Create"},
});
// clang-format on

template <>
inline constexpr value_map<element_effect> value_map_of<element_effect>{element_effect_names,
                                                                        no_vendor_values};
static_assert(in_order(value_map_of<element_effect>));

}  // namespace cimrep::inline v0
