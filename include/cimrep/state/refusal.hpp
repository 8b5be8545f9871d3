// state/refusal.hpp -- a refused request in words: the state it met, and what would be legal there.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/state/query.hpp>

#include <string>

namespace cimrep::inline v0 {

/// Whether a request that is legal in this state would be carried out, by whoever answers it.
using built_predicate = bool (*)(const relationship_state& state, request what);

/// What this relationship would accept now, as a list in words: "Detach, Restore from Replica
/// (with Force), Reset To Async (not built)". Empty where nothing is legal.
///
/// @param built  null: the table alone is asked.
/// Allocates:  the text.
inline std::string legal_requests_text(const relationship_state& state,
                                       built_predicate built = nullptr)
{
    std::string text;
    for (const auto& entry : supported_operations(state)) {
        if (entry.what == operation::unprepare) continue;  // deprecated: Prepare is named already
        if (!text.empty()) text += ", ";
        text += to_name(entry.what);
        const bool is_built = built == nullptr || built(state, request_of(entry.what));
        if (!is_built)
            text += " (not built)";
        else if (entry.requires_force)
            text += " (with Force)";
    }
    return text;
}

/// The failure of a request that `step` did not accept: what it met, and what to do.
///
/// @pre     `why` is what `step(state, what, ...)` answered, and not accepted.
/// @errors  errc::invalid_state_transition; errc::element_in_use while another request runs;
///          errc::invalid_argument for a group's request sent to one relationship.
/// Allocates:  the texts.
inline failure refusal(const relationship_state& state, request what, verdict why,
                       built_predicate built = nullptr)
{
    const auto* property = find_property(what);
    const std::string asked = property != nullptr ? std::string(property->name) : "the request";
    std::string met = asked + " of a ";
    met += to_name(state.kind.sync);
    met += " that is ";
    met += state.copy_state == no_association ? "not related" : to_name(state.copy_state);
    met += ", with progress ";
    met += to_name(state.progress);
    switch (why) {
    case verdict::needs_force:
        return fail(errc::invalid_state_transition, met + " can lose data",
                    "ask again with Force if that is wanted");
    case verdict::in_use:
        return fail(errc::element_in_use, met, "wait until what is under way has ended");
    case verdict::group_only:
        return fail(errc::invalid_argument, asked + " is for groups",
                    "send it to a GroupSynchronized");
    case verdict::accepted:
    case verdict::ignored:
    case verdict::illegal: break;
    }
    const std::string legal = legal_requests_text(state, built);
    return fail(errc::invalid_state_transition, met,
                legal.empty() ? "nothing is legal there" : "legal there: " + legal);
}

}  // namespace cimrep::inline v0
