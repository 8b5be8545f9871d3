// cim/legacy_operation.hpp -- operations of the older Copy Services: ModifySynchronization.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// What a client asks of a relationship through the older service.
///
/// The numbers have nothing to do with `operation`: Detach is 2 here and 8 there.
///
/// Source:  CIM_StorageConfigurationService.ModifySynchronization.Operation, schema 2.49.0.
enum class legacy_operation : std::uint16_t {
    detach = 2,
    fracture = 3,
    resync_replica = 4,
    restore_from_replica = 5,
    prepare = 6,
    unprepare = 7,
    quiesce = 8,
    unquiesce = 9,
    reset_to_sync = 10,
    reset_to_async = 11,
    start_copy = 12,
    stop_copy = 13,
};

/// The exact names of `legacy_operation`, in order.
// clang-format off
inline constexpr auto legacy_operation_names = std::to_array<value_name<legacy_operation>>({
    {legacy_operation::detach, "Detach"},
    {legacy_operation::fracture, "Fracture"},
    {legacy_operation::resync_replica, "Resync Replica"},
    {legacy_operation::restore_from_replica, "Restore from Replica"},
    {legacy_operation::prepare, "Prepare"},
    {legacy_operation::unprepare, "Unprepare"},
    {legacy_operation::quiesce, "Quiesce"},
    {legacy_operation::unquiesce, "Unquiesce"},
    {legacy_operation::reset_to_sync, "Reset To Sync"},
    {legacy_operation::reset_to_async, "Reset To Async"},
    {legacy_operation::start_copy, "Start Copy"},
    {legacy_operation::stop_copy, "Stop Copy"},
});
// clang-format on

template <>
inline constexpr value_map<legacy_operation> value_map_of<legacy_operation>{legacy_operation_names,
                                                                            vendor_from_0x8000};
static_assert(in_order(value_map_of<legacy_operation>));

}  // namespace cimrep::inline v0
