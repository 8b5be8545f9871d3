// cim/copy_methodology.hpp -- how a copy is made; three maps that differ in their ends.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// How the copy of a relationship is made.
///
/// Source:  CIM_StorageSynchronized.CopyMethodology, schema 2.49.0.
enum class copy_methodology : std::uint16_t {
    not_specified = 0,
    other = 1,
    implementation_decides = 2,
    full_copy = 3,
    incremental_copy = 4,
    differential_copy = 5,
    copy_on_write = 6,
    copy_on_access = 7,
    delta_update = 8,
    snap_and_clone = 9,
    copy_before_activation = 10,
    redirect_on_write = 11,
};

/// The exact names of `copy_methodology`, in order.
// clang-format off
inline constexpr auto copy_methodology_names = std::to_array<value_name<copy_methodology>>({
    {copy_methodology::not_specified, "Not Specified"},
    {copy_methodology::other, "Other"},
    {copy_methodology::implementation_decides, "Implementation decides"},
    {copy_methodology::full_copy, "Full Copy"},
    {copy_methodology::incremental_copy, "Incremental-Copy"},
    {copy_methodology::differential_copy, "Differential-Copy"},
    {copy_methodology::copy_on_write, "Copy-On-Write"},
    {copy_methodology::copy_on_access, "Copy-On-Access"},
    {copy_methodology::delta_update, "Delta-Update"},
    {copy_methodology::snap_and_clone, "Snap-And-Clone"},
    {copy_methodology::copy_before_activation, "Copy-before-Activation"},
    {copy_methodology::redirect_on_write, "Redirect-On-Write"},
});
// clang-format on

template <>
inline constexpr value_map<copy_methodology> value_map_of<copy_methodology>{copy_methodology_names,
                                                                            vendor_from_0x8000};
static_assert(in_order(value_map_of<copy_methodology>));

/// How a client wants the copy made.
///
/// Source:  CIM_ReplicationSettingData.DesiredCopyMethodology, schema 2.49.0.
enum class desired_copy_methodology : std::uint16_t {
    other = 1,
    instrumentation_decides = 2,
    full_copy = 3,
    incremental_copy = 4,
    differential_copy = 5,
    copy_on_write = 6,
    copy_on_access = 7,
    delta_update = 8,
    snap_and_clone = 9,
    copy_before_activation = 10,
    redirect_on_write = 11,
};

/// The exact names of `desired_copy_methodology`, in order.
// clang-format off
inline constexpr auto desired_copy_methodology_names =
    std::to_array<value_name<desired_copy_methodology>>({
    {desired_copy_methodology::other, "Other"},
    {desired_copy_methodology::instrumentation_decides, "Instrumentation decides"},
    {desired_copy_methodology::full_copy, "Full-Copy"},
    {desired_copy_methodology::incremental_copy, "Incremental-Copy"},
    {desired_copy_methodology::differential_copy, "Differential-Copy"},
    {desired_copy_methodology::copy_on_write, "Copy-On-Write"},
    {desired_copy_methodology::copy_on_access, "Copy-On-Access"},
    {desired_copy_methodology::delta_update, "Delta-Update"},
    {desired_copy_methodology::snap_and_clone, "Snap-And-Clone"},
    {desired_copy_methodology::copy_before_activation, "Copy-before-Activation"},
    {desired_copy_methodology::redirect_on_write, "Redirect-On-Write"},
});
// clang-format on

template <>
inline constexpr value_map<desired_copy_methodology> value_map_of<desired_copy_methodology>{
    desired_copy_methodology_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<desired_copy_methodology>));

/// How the copy of a synchronization aspect is made.
///
/// Source:  CIM_SynchronizationAspect.CopyMethodology, schema 2.49.0.
enum class aspect_copy_methodology : std::uint16_t {
    other = 1,
    implementation_decides = 2,
    full_copy = 3,
    incremental_copy = 4,
    differential_copy = 5,
    copy_on_write = 6,
    copy_on_access = 7,
    delta_update = 8,
    snap_and_clone = 9,
};

/// The exact names of `aspect_copy_methodology`, in order.
// clang-format off
inline constexpr auto aspect_copy_methodology_names =
    std::to_array<value_name<aspect_copy_methodology>>({
    {aspect_copy_methodology::other, "Other"},
    {aspect_copy_methodology::implementation_decides, "Implementation decides"},
    {aspect_copy_methodology::full_copy, "Full-Copy"},
    {aspect_copy_methodology::incremental_copy, "Incremental-Copy"},
    {aspect_copy_methodology::differential_copy, "Differential-Copy"},
    {aspect_copy_methodology::copy_on_write, "Copy-On-Write"},
    {aspect_copy_methodology::copy_on_access, "Copy-On-Access"},
    {aspect_copy_methodology::delta_update, "Delta-Update"},
    {aspect_copy_methodology::snap_and_clone, "Snap-And-Clone"},
});
// clang-format on

template <>
inline constexpr value_map<aspect_copy_methodology> value_map_of<aspect_copy_methodology>{
    aspect_copy_methodology_names, vendor_from_0x8000};
static_assert(in_order(value_map_of<aspect_copy_methodology>));

}  // namespace cimrep::inline v0
