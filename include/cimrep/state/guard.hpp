// state/guard.hpp -- what a relationship knows besides its CopyState, and conditions on it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace cimrep::inline v0 {

/// What is true of a relationship and not told by its CopyState. Durable with it.
enum class fact : std::uint8_t {
    none = 0,
    source_behind = 1,    ///< the target has what the source lacks: a restore or failover is open
    target_whole = 2,     ///< the target holds one whole image, of the source or a point in time
    target_written = 4,   ///< hosts changed the target since it was equal
    was_apart = 8,        ///< broke while Fractured, Split or Failedover
    was_stopped = 16,     ///< broke while the flow was stopped by request
    manual_recovery = 32  ///< CopyRecoveryMode is Manual: after repair wait for Resume
};

constexpr fact operator|(fact a, fact b) noexcept
{
    return fact(std::uint8_t(a) | std::uint8_t(b));
}

constexpr fact operator&(fact a, fact b) noexcept
{
    return fact(std::uint8_t(a) & std::uint8_t(b));
}

constexpr fact operator~(fact a) noexcept
{
    return fact(std::uint8_t(~std::uint8_t(a)));
}

/// Whether `all` has a bit of `some`.
constexpr bool has(fact all, fact some) noexcept
{
    return (all & some) != fact::none;
}

/// A condition on the facts, under which a row holds.
enum class guard : std::uint8_t {
    any,         ///< no condition
    whole,       ///< the source has everything
    behind,      ///< the target has what the source lacks
    sure,        ///< behind, and the target holds a whole image
    unsure,      ///< behind, and the target holds no whole image
    usable,      ///< the source has everything and the target holds a whole image
    unfit,       ///< the source has everything and the target holds no whole image
    clean,       ///< the source has everything and no host wrote to the target
    written,     ///< the source has everything and hosts wrote to the target
    kept,        ///< usable, and no host wrote to the target
    changed,     ///< usable, and hosts wrote to the target
    automatic,   ///< was flowing, the source has everything, CopyRecoveryMode is not Manual
    refilling,   ///< was flowing, the source is behind, CopyRecoveryMode is not Manual
    by_hand,     ///< was flowing, CopyRecoveryMode is Manual
    apart,       ///< broke while Fractured or Split
    taken_over,  ///< broke while Failedover
    stopped,     ///< broke while the flow was stopped by request
};

/// What a guard asks: the facts under the mask have these values.
struct guard_property {
    guard what;
    fact mask;
    fact value;
    std::string_view name;
    std::string_view meaning;
};

/// The guards, in order.
// clang-format off
inline constexpr auto guard_properties = [] {
    using enum fact;
    constexpr fact behind = source_behind, image = target_whole, host = target_written;
    constexpr fact memory = was_apart | was_stopped, manual = manual_recovery;
    constexpr fact all = behind | image | host, flow = memory | manual;
    constexpr fact broke = behind | flow, way = behind | memory;
    return std::to_array<guard_property>({
    {guard::any,        none,           none, "", "always"},
    {guard::whole,      behind,         none, "whole", "the source has everything"},
    {guard::behind,     behind,         behind, "behind", "the source lacks what the target has"},
    {guard::sure,       behind | image, behind | image, "sure", "behind, target is one image"},
    {guard::unsure,     behind | image, behind, "unsure", "behind, target is no whole image"},
    {guard::usable,     behind | image, image, "usable", "whole, target is one image"},
    {guard::unfit,      behind | image, none, "unfit", "whole, the target is no whole image"},
    {guard::clean,      behind | host,  none, "clean", "whole, no host wrote to the target"},
    {guard::written,    behind | host,  host, "written", "whole, hosts wrote to the target"},
    {guard::kept,       all,            image, "kept", "usable and clean"},
    {guard::changed,    all,            image | host, "changed", "usable and written"},
    {guard::automatic,  broke,          none, "automatic", "flowed, whole, automatic recovery"},
    {guard::refilling,  broke,          behind, "refilling", "flowed, behind, automatic recovery"},
    {guard::by_hand,    flow,           manual, "by hand", "flowed, manual recovery"},
    {guard::apart,      way,            was_apart, "apart", "broke while fractured or split"},
    {guard::taken_over, way,            was_apart | behind, "taken over", "broke failed over"},
    {guard::stopped,    memory,         was_stopped, "stopped", "broke while stopped by request"},
    });
}();
// clang-format on

static_assert(
    [] {
        for (std::size_t i = 0; i < guard_properties.size(); ++i)
            if (guard_properties[i].what != guard(i)) return false;
        return true;
    }(),
    "guards stand in order");

/// What `what` asks.
constexpr const guard_property& property_of(guard what) noexcept
{
    return guard_properties[std::size_t(what)];
}

/// Whether the facts meet the guard.
constexpr bool holds(guard what, fact facts) noexcept
{
    const auto& condition = property_of(what);
    return (facts & condition.mask) == condition.value;
}

/// Whether no facts meet both guards.
constexpr bool exclude(guard a, guard b) noexcept
{
    const auto& left = property_of(a);
    const auto& right = property_of(b);
    const fact both = left.mask & right.mask;
    return (left.value & both) != (right.value & both);
}

}  // namespace cimrep::inline v0
