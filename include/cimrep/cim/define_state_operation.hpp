// cim/define_state_operation.hpp -- what can be asked of a point in time without a target.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// What a client asks of a synchronization aspect.
///
/// Source:  CIM_ReplicationService.ModifySettingsDefineState.Operation, schema 2.49.0.
enum class define_state_operation : std::uint16_t {
    activate_consistency = 2,
    deactivate_consistency = 3,
    delete_ = 4,
    copy_to_target = 5,
    detach = 6,
    restore = 7,
    attach_to_target = 8,
};

/// The exact names of `define_state_operation`, in order.
// clang-format off
inline constexpr auto define_state_operation_names =
    std::to_array<value_name<define_state_operation>>({
    {define_state_operation::activate_consistency, "Activate Consistency"},
    {define_state_operation::deactivate_consistency, "Deactivate Consistency"},
    {define_state_operation::delete_, "Delete"},
    {define_state_operation::copy_to_target, "Copy To Target"},
    {define_state_operation::detach, "Detach"},
    {define_state_operation::restore, "Restore"},
    {define_state_operation::attach_to_target, "Attach To Target"},
});
// clang-format on

template <>
inline constexpr value_map<define_state_operation> value_map_of<define_state_operation>{
    define_state_operation_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<define_state_operation>));

}  // namespace cimrep::inline v0
