// state/query.hpp -- what the tables answer to a client that asks before it acts.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/assert.hpp>
#include <cimrep/state/relationship.hpp>

#include <array>
#include <cstddef>

namespace cimrep::inline v0 {

/// A few values in their order, in place. Never allocates.
///
/// Invariant:  `count <= Capacity`; the values from `count` on mean nothing.
template <class T, std::size_t Capacity>
struct short_list {
    std::array<T, Capacity> values{};
    std::size_t count = 0;

    constexpr void add(const T& value) noexcept
    {
        CIMREP_ASSERT(count < Capacity);
        values[count++] = value;
    }

    constexpr const T* begin() const noexcept { return values.data(); }
    constexpr const T* end() const noexcept { return values.data() + count; }
    constexpr std::size_t size() const noexcept { return count; }
    constexpr bool empty() const noexcept { return count == 0; }
};

/// A CopyState and whether hosts reach the target in it.
struct supported_copy_state {
    copy_state state;
    bool host_accessible;
};

/// An operation and what it takes.
struct supported_operation {
    operation what;
    bool requires_force;  ///< of a kind: under some circumstances; of a relationship: now
    bool updates_path;    ///< the keys of the association change
};

using copy_state_list = short_list<copy_state, 17>;
using supported_copy_state_list = short_list<supported_copy_state, 17>;
using supported_operation_list = short_list<supported_operation, operation_names.size()>;

namespace detail {

constexpr bool fits(request what, bool of_group) noexcept
{
    const auto* property = find_property(what);
    if (property == nullptr) return false;
    return property->form == request_form::any ||
           (property->form == request_form::group_only && of_group);
}

}  // namespace detail

/// Whether the table has a row for the request in this CopyState under some circumstances.
constexpr bool is_legal(const replication_kind& kind, copy_state from, request what) noexcept
{
    for (const auto& row : requests_of(kind.sync))
        if (row.what == what && concerns(row, kind, from)) return true;
    return false;
}

/// Whether the request needs Force in this CopyState under some circumstances.
///
/// Source:  CIM_ReplicationServiceCapabilities.GetSupportedOperations.RequiresForce, schema 2.49.0.
constexpr bool requires_force(const replication_kind& kind, copy_state from, request what) noexcept
{
    for (const auto& row : requests_of(kind.sync))
        if (row.what == what && concerns(row, kind, from) && row.need == force_need::force)
            return true;
    return false;
}

/// The CopyStates of a kind of replica.
///
/// Source:  CIM_ReplicationServiceCapabilities.GetSupportedCopyStates, schema 2.49.0.
constexpr supported_copy_state_list supported_copy_states(const replication_kind& kind) noexcept
{
    supported_copy_state_list found;
    for (const auto& row : states_of(kind.sync))
        if (is_used(kind, row.state))
            found.add({row.state, host_access_of(kind, row.state) != host_access::none});
    return found;
}

/// The CopyStates in which an operation is legal.
///
/// Source:  CIM_ReplicationServiceCapabilities.GetSupportedCopyStates.Operation, schema 2.49.0.
constexpr copy_state_list states_accepting(const replication_kind& kind, operation what) noexcept
{
    copy_state_list found;
    for (const auto& row : states_of(kind.sync))
        if (is_used(kind, row.state) && is_legal(kind, row.state, request_of(what)))
            found.add(row.state);
    return found;
}

/// The operations that are legal in a CopyState, those for groups only if it is a group's.
///
/// Source:  CIM_ReplicationServiceCapabilities.GetSupportedOperations, schema 2.49.0.
constexpr supported_operation_list supported_operations(const replication_kind& kind,
                                                        copy_state from,
                                                        bool of_group = false) noexcept
{
    supported_operation_list found;
    for (const auto& [what, name] : operation_names) {
        const request asked = request_of(what);
        if (detail::fits(asked, of_group) && is_legal(kind, from, asked))
            found.add(
                {what, requires_force(kind, from, asked), find_property(asked)->updates_path});
    }
    return found;
}

/// The operations that are legal in a CopyState or another: of the kind as a whole.
constexpr supported_operation_list supported_operations(const replication_kind& kind,
                                                        bool of_group = false) noexcept
{
    supported_operation_list found;
    for (const auto& [what, name] : operation_names) {
        supported_operation entry{what, false, false};
        bool legal = false;
        for (const auto& state : states_of(kind.sync))
            for (const auto& here : supported_operations(kind, state.state, of_group))
                if (here.what == what) {
                    legal = true;
                    entry.requires_force = entry.requires_force || here.requires_force;
                    entry.updates_path = here.updates_path;
                }
        if (legal) found.add(entry);
    }
    return found;
}

/// The operations that this relationship would accept now; none while one is being carried out.
///
/// Source:  CIM_ReplicationServiceCapabilities.GetSupportedOperationsForSynchronization, 2.49.0.
constexpr supported_operation_list supported_operations(const relationship_state& state,
                                                        bool of_group = false) noexcept
{
    supported_operation_list found;
    for (const auto& [what, name] : operation_names) {
        const request asked = request_of(what);
        const auto plain = step(state, asked, {.force = false, .of_group = of_group}).verdict;
        if (plain == verdict::accepted || plain == verdict::needs_force)
            found.add({what, plain == verdict::needs_force, find_property(asked)->updates_path});
    }
    return found;
}

/// Whether a request can lead to a CopyState, at once or at the end of the work it starts: whether
/// it makes sense as WaitForCopyState. For a state the request does not touch, whether it is there.
///
/// Source:  CIM_ReplicationServiceCapabilities.GetSupportedWaitForCopyStates, schema 2.49.0.
constexpr bool can_reach(const replication_kind& kind, request what, copy_state wanted) noexcept
{
    if (wanted == no_association) return false;
    for (const auto& row : requests_of(kind.sync)) {
        if (row.what != what || !contains(row.kinds, kind)) continue;
        if (row.to == every_state && is_used(kind, wanted)) return true;
        if (row.to == wanted || goal_of(kind.sync, row) == wanted) return true;
    }
    return false;
}

/// The CopyStates that make sense as WaitForCopyState of a request.
constexpr copy_state_list wait_for_copy_states(const replication_kind& kind, request what) noexcept
{
    copy_state_list found;
    for (const auto& row : states_of(kind.sync))
        if (can_reach(kind, what, row.state)) found.add(row.state);
    return found;
}

}  // namespace cimrep::inline v0
