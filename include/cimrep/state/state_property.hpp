// state/state_property.hpp -- what a CopyState means for one kind of replica: use and host access.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/copy_state.hpp>
#include <cimrep/state/guard.hpp>
#include <cimrep/state/replication_kind.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace cimrep::inline v0 {

/// What hosts may do with the target.
enum class host_access : std::uint8_t { none, read_only, read_write };

/// Whether a kind of replica knows a CopyState.
enum class state_use : std::uint8_t {
    reached,      ///< a relationship of every locality can be in it
    remote_only,  ///< only a relationship over a link can be in it
    not_active,   ///< not where both sides take host I/O: a write to the target is no surprise
    group_only,   ///< only a group of relationships can be in it
    never,        ///< not of this kind; the note says why
};

/// One CopyState of one kind of replica.
struct state_property {
    copy_state state;
    state_use use;
    host_access target;  ///< of the target; an active mirror's is read and written while in sync
    std::string_view note;
};

namespace detail {

// clang-format off
inline constexpr auto mirror_states = [] {
    using enum copy_state;
    using enum state_use;
    constexpr auto no = host_access::none, rw = host_access::read_write;
    return std::to_array<state_property>({
        {initialized,    reached,     no, "related; nothing has been copied"},
        {unsynchronized, reached,     no, "a copy, resync, restore or failback is under way"},
        {synchronized,   reached,     no, "every acknowledged write is there; asynchronous: soon"},
        {broken,         reached,     no, "source, target, path or space failed"},
        {fractured,      reached,     rw, "apart; what changes on either side is remembered"},
        {split,          reached,     rw, "apart at one instant, with a consistent target"},
        {inactive,       reached,     no, "the flow is stopped; Activate starts it"},
        {suspended,      reached,     no, "the flow is stopped; Resume starts it"},
        {failedover,     reached,     rw, "hosts use the target; the source lags behind"},
        {prepared,       reached,     no, "everything is ready; Activate starts the flow"},
        {aborted,        reached,     no, "the copy was ended; Resync Replica starts it again"},
        {skewed,         not_active,  no, "something else wrote to the target"},
        {mixed,          group_only,  no, "the members of a group differ"},
        {not_applicable, never,       no, "of RequestedCopyState only: nothing is under way"},
        {partitioned,    remote_only, no, "the link is down, the other side's state is not known"},
        {invalid,        reached,     no, "what the target holds cannot be told"},
        {restored,       never,       no, "a restored mirror goes on: it is Synchronized"},
    });
}();

inline constexpr auto snapshot_states = [] {
    using enum copy_state;
    using enum state_use;
    constexpr auto no = host_access::none, ro = host_access::read_only;
    constexpr auto rw = host_access::read_write;
    return std::to_array<state_property>({
        {initialized,    never,       no, "Inactive says it: a target without a point in time"},
        {unsynchronized, reached,     ro, "a restore from the snapshot is under way"},
        {synchronized,   reached,     rw, "the point in time, as it was"},
        {broken,         reached,     no, "preserved data is lost, or the pool is full"},
        {fractured,      never,       no, "a snapshot lives of its source and cannot stand apart"},
        {split,          never,       no, "a snapshot lives of its source and cannot stand apart"},
        {inactive,       reached,     no, "a target without a point in time"},
        {suspended,      never,       no, "a snapshot has no flow that could be held"},
        {failedover,     never,       no, "only a mirror fails over"},
        {prepared,       reached,     no, "space is reserved; Activate takes the point in time"},
        {aborted,        reached,     ro, "a restore was ended; the source is half overwritten"},
        {skewed,         reached,     rw, "the point in time, changed by hosts"},
        {mixed,          group_only,  no, "the members of a group differ"},
        {not_applicable, never,       no, "of RequestedCopyState only: nothing is under way"},
        {partitioned,    remote_only, no, "the link is down, the other side's state is not known"},
        {invalid,        reached,     no, "what the target holds cannot be told"},
        {restored,       reached,     rw, "the source was made equal to the point in time"},
    });
}();

inline constexpr auto clone_states = [] {
    using enum copy_state;
    using enum state_use;
    constexpr auto no = host_access::none, rw = host_access::read_write;
    return std::to_array<state_property>({
        {initialized,    reached,     no, "related; no point in time was taken"},
        {unsynchronized, reached,     rw, "the image is filling, or a restore is under way"},
        {synchronized,   reached,     rw, "a full copy of the point in time"},
        {broken,         reached,     no, "source, target, path or space failed"},
        {fractured,      reached,     rw, "a full copy, set apart"},
        {split,          reached,     rw, "a full copy, set apart with consistency"},
        {inactive,       reached,     no, "a target without a point in time"},
        {suspended,      reached,     rw, "filling in the background is stopped; Resume goes on"},
        {failedover,     never,       no, "only a mirror fails over"},
        {prepared,       reached,     no, "everything is ready; Activate takes the point in time"},
        {aborted,        reached,     no, "the copy or a restore was ended"},
        {skewed,         reached,     rw, "a full copy, changed by hosts"},
        {mixed,          group_only,  no, "the members of a group differ"},
        {not_applicable, never,       no, "of RequestedCopyState only: nothing is under way"},
        {partitioned,    remote_only, no, "the link is down, the other side's state is not known"},
        {invalid,        reached,     no, "what the target holds cannot be told"},
        {restored,       reached,     rw, "the source was made equal to the clone"},
    });
}();
// clang-format on

template <class States>
constexpr bool in_order_of_states(const States& states) noexcept
{
    for (std::size_t i = 0; i < states.size(); ++i)
        if (std::size_t(states[i].state) != i + std::size_t(copy_state::initialized)) return false;
    return true;
}

static_assert(in_order_of_states(mirror_states) && mirror_states.size() == 17);
static_assert(in_order_of_states(snapshot_states) && snapshot_states.size() == 17);
static_assert(in_order_of_states(clone_states) && clone_states.size() == 17);

}  // namespace detail

/// The 17 CopyStates as a kind of replica knows them, in order; empty for a tokenized clone.
constexpr std::span<const state_property> states_of(sync_type type) noexcept
{
    switch (type) {
    case sync_type::mirror: return detail::mirror_states;
    case sync_type::snapshot: return detail::snapshot_states;
    case sync_type::clone: return detail::clone_states;
    case sync_type::tokenized_clone: return {};
    }
    return {};
}

/// One CopyState of a kind of replica, or null for a tokenized clone and unknown numbers.
constexpr const state_property* find_property(sync_type type, copy_state state) noexcept
{
    for (const auto& row : states_of(type))
        if (row.state == state) return &row;
    return nullptr;
}

/// Whether a relationship of this kind can be in `state`. Mixed is of groups and counts as not.
constexpr bool is_used(const replication_kind& kind, copy_state state) noexcept
{
    const auto* row = find_property(kind.sync, state);
    if (row == nullptr) return false;
    switch (row->use) {
    case state_use::reached: return true;
    case state_use::remote_only: return kind.locality == local_or_remote::remote;
    case state_use::not_active: return kind.mode != mode::active;
    case state_use::group_only:
    case state_use::never: break;
    }
    return false;
}

/// What hosts may do with the target in `state`; while a restore is open it must not change.
///
/// Source:  CIM_ReplicationServiceCapabilities.GetSupportedCopyStates.HostAccessible,
/// schema 2.49.0.
constexpr host_access host_access_of(const replication_kind& kind, copy_state state,
                                     fact facts = fact::none) noexcept
{
    if (!is_used(kind, state)) return host_access::none;
    if (kind.mode == mode::active && state == copy_state::synchronized)
        return host_access::read_write;
    const host_access nominal = find_property(kind.sync, state)->target;
    const bool frozen = has(facts, fact::source_behind) && state == copy_state::unsynchronized;
    return frozen && nominal == host_access::read_write ? host_access::read_only : nominal;
}

}  // namespace cimrep::inline v0
