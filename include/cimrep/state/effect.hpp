// state/effect.hpp -- what the machine commands the runtime to do.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace cimrep::inline v0 {

/// Commands to the runtime, one bit each. Those of one step are carried out in the order of the
/// bits; a background copy counts as carried out when it has started.
enum class effect : std::uint32_t {
    none = 0,
    stop_copy = 1U << 0,               ///< end the background copy, wait for its windows
    hold_and_drain = 1U << 1,          ///< hold host writes until the bits after this are done
    drain_target = 1U << 2,            ///< wait until every acknowledged write is on the target
    flush_target = 1U << 3,            ///< make the target durable
    start_tracking = 1U << 4,          ///< send no write to the target, mark what differs
    track_target = 1U << 5,            ///< mark what hosts write to the target
    mark_all_different = 1U << 6,      ///< nothing on the target is known to be equal
    discard_target_changes = 1U << 7,  ///< what was written to the target is to be overwritten
    release_point_in_time = 1U << 8,   ///< give up the preserved image
    take_point_in_time = 1U << 9,      ///< the source as it is now is the image
    reserve_target = 1U << 10,         ///< have everything ready that Activate will need
    set_mode = 1U << 11,               ///< go on in the mode of the new state
    set_consistency = 1U << 12,        ///< of the group: keep its members consistent
    clear_consistency = 1U << 13,      ///< of the group: stop keeping them consistent
    join_group = 1U << 14,             ///< add the pairs to the group
    leave_group = 1U << 15,            ///< take the pairs out of the group
    serve_from_target = 1U << 16,      ///< hosts' I/O goes to the target, which is marked
    swap_roles = 1U << 17,             ///< source and target change places; new keys
    start_copy = 1U << 18,             ///< copy what differs to the target
    continue_cycles = 1U << 19,        ///< ship what differs in cycles: the target stays whole
    restore_source = 1U << 20,         ///< the target is the truth: copy it to the source
    create_aspect = 1U << 21,          ///< keep the origin of the target as an aspect
    drop_association = 1U << 22,       ///< end the relationship, keep both elements
    delete_target = 1U << 23,          ///< delete the target, its space goes back to the pool
};

/// Both commands.
constexpr effect operator|(effect a, effect b) noexcept
{
    return effect(std::uint32_t(a) | std::uint32_t(b));
}

/// Whether `all` has a bit of `some`.
constexpr bool has(effect all, effect some) noexcept
{
    return (std::uint32_t(all) & std::uint32_t(some)) != 0;
}

struct effect_name {
    effect what;
    std::string_view name;
};

/// The names of the single commands, in the order in which they are carried out.
inline constexpr auto effect_names = std::to_array<effect_name>({
    {effect::stop_copy, "stop copy"},
    {effect::hold_and_drain, "hold and drain"},
    {effect::drain_target, "drain target"},
    {effect::flush_target, "flush target"},
    {effect::start_tracking, "start tracking"},
    {effect::track_target, "track target"},
    {effect::mark_all_different, "mark all different"},
    {effect::discard_target_changes, "discard target changes"},
    {effect::release_point_in_time, "release point in time"},
    {effect::take_point_in_time, "take point in time"},
    {effect::reserve_target, "reserve target"},
    {effect::set_mode, "set mode"},
    {effect::set_consistency, "set consistency"},
    {effect::clear_consistency, "clear consistency"},
    {effect::join_group, "join group"},
    {effect::leave_group, "leave group"},
    {effect::serve_from_target, "serve from target"},
    {effect::swap_roles, "swap roles"},
    {effect::start_copy, "start copy"},
    {effect::continue_cycles, "continue cycles"},
    {effect::restore_source, "restore source"},
    {effect::create_aspect, "create aspect"},
    {effect::drop_association, "drop association"},
    {effect::delete_target, "delete target"},
});

}  // namespace cimrep::inline v0
