// cim/sync_type.hpp -- kinds of replica: CIM_Synchronized.SyncType.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// The kind of a replica.
///
/// Source:  CIM_Synchronized.SyncType, schema 2.49.0.
enum class sync_type : std::uint16_t {
    mirror = 6,           ///< a copy that is kept up
    snapshot = 7,         ///< a point in time, made of differences
    clone = 8,            ///< a point in time, made of a full copy
    tokenized_clone = 9,  ///< a clone by a token for the data
};

/// The exact names of `sync_type`, in order.
// clang-format off
inline constexpr auto sync_type_names = std::to_array<value_name<sync_type>>({
    {sync_type::mirror, "Mirror"},
    {sync_type::snapshot, "Snapshot"},
    {sync_type::clone, "Clone"},
    {sync_type::tokenized_clone, "TokenizedClone"},
});
// clang-format on

template <>
inline constexpr value_map<sync_type> value_map_of<sync_type>{sync_type_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<sync_type>));

}  // namespace cimrep::inline v0
