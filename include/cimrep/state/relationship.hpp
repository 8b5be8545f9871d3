// state/relationship.hpp -- one relationship as a pure state machine over the tables.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/state/table.hpp>

namespace cimrep::inline v0 {

/// Everything that the tables know of one relationship. A plain value: the runtime keeps it.
///
/// Invariant:  `pending` is none, or the table has a row for it in `copy_state` under `facts`.
struct relationship_state {
    replication_kind kind{};
    cimrep::copy_state copy_state = no_association;
    progress_status progress = progress_status::completed;
    cimrep::copy_state requested = cimrep::copy_state::not_applicable;  ///< RequestedCopyState
    request pending = request::none;  ///< accepted, and neither settled nor failed
    progress_status resting = progress_status::completed;  ///< what `progress` was before it
    fact facts = fact::none;

    friend constexpr bool operator==(const relationship_state&,
                                     const relationship_state&) = default;
};

/// How a request came in.
struct request_terms {
    bool force = false;     ///< the client accepts what Force warns of
    bool of_group = false;  ///< sent to a group, of which this relationship is a member
};

/// What became of a request or an event.
enum class verdict : std::uint8_t {
    accepted,     ///< the new state holds, the effects are to be carried out
    ignored,      ///< the table has no row for the event here: nothing changes
    illegal,      ///< the table has no row for the request in this CopyState
    needs_force,  ///< legal, but only with Force
    in_use,       ///< another request is being carried out
    group_only,   ///< the request is one for a group
};

/// The outcome of a step: what became of it, the state after it, and what is to be done.
///
/// Invariant:  unless accepted, `state` is the state before and there is nothing to be done.
struct step_result {
    cimrep::verdict verdict;
    relationship_state state;
    effect does;
};

namespace detail {

constexpr fact with(fact facts, fact set, fact clear) noexcept
{
    return (facts & ~clear) | set;
}

/// Remembers, while Broken, from where: that decides where repair leads.
constexpr fact remembered(fact facts, copy_state from, copy_state to) noexcept
{
    using enum copy_state;
    if (to != broken) return facts & ~(fact::was_apart | fact::was_stopped);
    if (from == fractured || from == split || from == failedover) return facts | fact::was_apart;
    if (from == initialized || from == inactive || from == suspended || from == prepared)
        return facts | fact::was_stopped;
    return facts;
}

/// The facts after the effects were commanded and the state became `to`.
constexpr fact facts_after(fact facts, copy_state from, copy_state to, effect does) noexcept
{
    using enum fact;
    facts = remembered(facts, from, to);
    if (has(does, effect::swap_roles) && has(facts, source_behind))
        facts = with(facts, none, source_behind | target_whole | target_written);
    if (has(does, effect::release_point_in_time))
        facts = with(facts, none, target_whole | target_written);
    if (has(does, effect::discard_target_changes | effect::take_point_in_time))
        facts = with(facts, none, target_written);
    if (has(does, effect::take_point_in_time)) facts = with(facts, none, source_behind);
    if (has(does, effect::start_copy)) facts = with(facts, none, source_behind | target_whole);
    if (has(does, effect::restore_source | effect::serve_from_target))
        facts = with(facts, source_behind, none);
    if (to == copy_state::synchronized || to == copy_state::restored)
        return with(facts, target_whole, source_behind | target_written);
    if (to == copy_state::skewed) return with(facts, target_whole | target_written, none);
    return facts;
}

/// What a relationship in this state is on its way to: RequestedCopyState without a request.
constexpr copy_state under_way(const relationship_state& state) noexcept
{
    if (state.copy_state != copy_state::unsynchronized) return copy_state::not_applicable;
    const bool to_source = has(state.facts, fact::source_behind);
    return to_source && state.kind.sync != sync_type::mirror ? copy_state::restored
                                                             : copy_state::synchronized;
}

/// The state in which a row arrives.
template <class Row>
constexpr relationship_state arrive(relationship_state state, const Row& row) noexcept
{
    if (row.to != every_state) {
        state.facts = facts_after(state.facts, state.copy_state, row.to, row.does);
        state.copy_state = row.to;
        state.progress = row.then;
    }
    if constexpr (requires { row.what == event::target_written; })
        if (row.what == event::target_written) state.facts = state.facts | fact::target_written;
    state.pending = request::none;
    state.resting = state.progress;
    state.requested = under_way(state);
    return state;
}

}  // namespace detail

/// Accepts a request, or says why not. Until `settle` or `fail` the CopyState stays, the
/// ProgressStatus is the request's own, and RequestedCopyState is where the work will end.
///
/// The effects are to be carried out in the order of their bits; then comes `settle`. A background
/// copy is carried out when it has started: its end is the event copy_done or restore_done. The
/// mode for set_mode is `find_property(what)->mode`, and `settle` enters it in the state.
constexpr step_result step(const relationship_state& state, request what,
                           request_terms terms = {}) noexcept
{
    if (state.pending != request::none) return {verdict::in_use, state, effect::none};
    const auto* row = find_request(state.kind, state.copy_state, what, state.facts);
    const auto* property = find_property(what);
    if (row == nullptr || property == nullptr) return {verdict::illegal, state, effect::none};
    if (property->form == request_form::group_only && !terms.of_group)
        return {verdict::group_only, state, effect::none};
    if (row->need == force_need::force && !terms.force)
        return {verdict::needs_force, state, effect::none};
    relationship_state next = state;
    next.pending = what;
    next.resting = state.progress;
    if (row->to != every_state) {
        next.progress = property->during;
        next.requested = goal_of(state.kind.sync, *row);
    }
    return {verdict::accepted, next, row->does};
}

/// The pending request has been carried out, durably. @pre one is pending.
constexpr relationship_state settle(const relationship_state& state) noexcept
{
    const auto* row = find_request(state.kind, state.copy_state, state.pending, state.facts);
    const auto* property = find_property(state.pending);
    if (row == nullptr || property == nullptr) return state;
    relationship_state next = detail::arrive(state, *row);
    if (property->mode != mode::unknown) next.kind.mode = property->mode;
    return next;
}

/// The pending request failed before its effects took hold: everything is as before it.
///
/// Where they half took hold, report what is true as an event instead, such as leg_lost.
constexpr relationship_state fail(const relationship_state& state) noexcept
{
    relationship_state next = state;
    next.pending = request::none;
    next.progress = state.resting;
    next.requested = detail::under_way(next);
    return next;
}

/// Lets an event happen. One without a row changes nothing. One with a row takes effect at once and
/// fails a pending request: hold copy_done and restore_done back until that one has settled.
///
/// A host's write to the target fails no request. A restart fails a pending one in any case.
constexpr step_result step(const relationship_state& state, event what) noexcept
{
    const auto* row = find_event(state.kind, state.copy_state, what, state.facts);
    const bool pending = state.pending != request::none;
    if (row != nullptr && what == event::target_written && pending) {
        relationship_state next = state;
        next.facts = next.facts | fact::target_written;
        return {verdict::accepted, next, effect::none};
    }
    if (row != nullptr) return {verdict::accepted, detail::arrive(state, *row), row->does};
    if (what == event::restart && pending) return {verdict::accepted, fail(state), effect::none};
    return {verdict::ignored, state, effect::none};
}

}  // namespace cimrep::inline v0
