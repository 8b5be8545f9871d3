// state/table.hpp -- the request and event tables of every kind of replica, and look-up in them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/state/clone_table.hpp>
#include <cimrep/state/mirror_table.hpp>
#include <cimrep/state/snapshot_table.hpp>
#include <cimrep/state/state_property.hpp>

#include <span>

namespace cimrep::inline v0 {

/// The rows of the request table for a kind of replica; none for a tokenized clone.
constexpr std::span<const request_row> requests_of(sync_type type) noexcept
{
    switch (type) {
    case sync_type::mirror: return mirror_requests;
    case sync_type::snapshot: return snapshot_requests;
    case sync_type::clone: return clone_requests;
    case sync_type::tokenized_clone: return {};
    }
    return {};
}

/// The rows of the event table for a kind of replica; none for a tokenized clone.
constexpr std::span<const event_row> events_of(sync_type type) noexcept
{
    switch (type) {
    case sync_type::mirror: return mirror_events;
    case sync_type::snapshot: return snapshot_events;
    case sync_type::clone: return clone_events;
    case sync_type::tokenized_clone: return {};
    }
    return {};
}

/// Whether a row is for this kind in this CopyState; rows of every state are for used ones only.
template <class Row>
constexpr bool concerns(const Row& row, const replication_kind& kind, copy_state from) noexcept
{
    if (!contains(row.kinds, kind)) return false;
    if (row.from == every_state) return is_used(kind, from) || from == copy_state::mixed;
    return row.from == from;
}

/// Whether a mirror's target is apart in `state`: rows lead there that part it, and none by which
/// hosts are served from it. It gets none of the volume's writes then, whatever was true before.
///
/// False of Broken and of Failedover, in which the target may be what is left of the volume, and of
/// kinds of replicas that get no writes of a volume in any state.
constexpr bool is_apart(const replication_kind& kind, copy_state state) noexcept
{
    bool parts = false, serves = false;
    const auto note = [&](const auto& row) {
        if (row.to != state || !contains(row.kinds, kind)) return;
        parts = parts || has(row.does, effect::start_tracking);
        serves = serves || has(row.does, effect::serve_from_target);
    };
    for (const auto& row : requests_of(kind.sync)) note(row);
    for (const auto& row : events_of(kind.sync)) note(row);
    return parts && !serves && state != no_association;
}

/// The row of a request in a CopyState under these facts, or null where it is not legal.
constexpr const request_row* find_request(const replication_kind& kind, copy_state from,
                                          request what, fact facts) noexcept
{
    for (const auto& row : requests_of(kind.sync))
        if (row.what == what && concerns(row, kind, from) && holds(row.when, facts)) return &row;
    return nullptr;
}

/// The row of an event in a CopyState under these facts, or null where it changes nothing.
constexpr const event_row* find_event(const replication_kind& kind, copy_state from, event what,
                                      fact facts) noexcept
{
    for (const auto& row : events_of(kind.sync))
        if (row.what == what && concerns(row, kind, from) && holds(row.when, facts)) return &row;
    return nullptr;
}

}  // namespace cimrep::inline v0
