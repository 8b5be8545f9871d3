// cim/replication_group.hpp -- what a replication group is kept for.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// The side that a group is reserved for.
///
/// Source:  CIM_ReplicationGroup.ReservedAs, schema 2.49.0.
enum class reserved_as : std::uint16_t {
    source_only = 2,
    target_only = 3,
    source_or_target = 4,
};

/// The exact names of `reserved_as`, in order.
// clang-format off
inline constexpr auto reserved_as_names = std::to_array<value_name<reserved_as>>({
    {reserved_as::source_only, "Source Only"},
    {reserved_as::target_only, "Target Only"},
    {reserved_as::source_or_target, "Source or Target"},
});
// clang-format on

template <>
inline constexpr value_map<reserved_as> value_map_of<reserved_as>{reserved_as_names,
                                                                  vendor_from_0x8000};
static_assert(in_order(value_map_of<reserved_as>));

}  // namespace cimrep::inline v0
