// state/event.hpp -- what the engine, a device or a path reports to a relationship.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace cimrep::inline v0 {

/// A fact that nobody asked for. An event without a row in the table changes nothing.
enum class event : std::uint8_t {
    none,             ///< nothing happened
    copy_done,        ///< everything that differed is on the target, durably
    restore_done,     ///< everything that differed is on the source, durably
    target_written,   ///< a host wrote to a target that hosts may write
    leg_lost,         ///< the target failed, or missed its deadline
    source_lost,      ///< the source failed; what is in sync with it can serve
    leg_back,         ///< the lost element is there again, and is the one it was
    link_lost,        ///< the path to the other system is down
    link_back,        ///< the path is up again, and the other side's state is known
    peer_unknown,     ///< what the target holds cannot be told
    space_exhausted,  ///< the pool or the thin target is full
    job_cancelled,    ///< a client ended the job that copies
    source_replaced,  ///< a restore of another replica overwrote the source
    restart,          ///< opened again after a crash
};

struct event_name {
    event what;
    std::string_view name;
};

/// The names of the events, in order.
inline constexpr auto event_names = std::to_array<event_name>({
    {event::copy_done, "copy done"},
    {event::restore_done, "restore done"},
    {event::target_written, "target written"},
    {event::leg_lost, "leg lost"},
    {event::source_lost, "source lost"},
    {event::leg_back, "leg back"},
    {event::link_lost, "link lost"},
    {event::link_back, "link back"},
    {event::peer_unknown, "peer unknown"},
    {event::space_exhausted, "space exhausted"},
    {event::job_cancelled, "job cancelled"},
    {event::source_replaced, "source replaced"},
    {event::restart, "restart"},
});

/// The name of `what`; empty for `none`.
constexpr std::string_view to_name(event what) noexcept
{
    for (const auto& row : event_names)
        if (row.what == what) return row.name;
    return {};
}

}  // namespace cimrep::inline v0
