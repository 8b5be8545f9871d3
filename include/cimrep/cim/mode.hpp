// cim/mode.hpp -- when a write reaches the target: CIM_Synchronized.Mode.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// When a write to the source is acknowledged, relative to the target.
///
/// The Mode parameters of methods take a part of these values.
///
/// Source:  CIM_Synchronized.Mode, schema 2.49.0.
enum class mode : std::uint16_t {
    unknown = 0,
    synchronous = 2,   ///< after the target has it
    asynchronous = 3,  ///< before the target has it
    adaptive = 4,      ///< switches between the two as lag demands
    active = 5,        ///< both sides take host I/O, synchronously
};

/// The exact names of `mode`, in order.
// clang-format off
inline constexpr auto mode_names = std::to_array<value_name<mode>>({
    {mode::unknown, "Unknown"},
    {mode::synchronous, "Synchronous"},
    {mode::asynchronous, "Asynchronous"},
    {mode::adaptive, "Adaptive"},
    {mode::active, "Active"},
});
// clang-format on

template <>
inline constexpr value_map<mode> value_map_of<mode>{mode_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<mode>));

}  // namespace cimrep::inline v0
