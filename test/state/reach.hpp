// test/state/reach.hpp -- every situation that a relationship can get into, and the ways out of it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/state/relationship.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace cimrep::test {

/// One CopyState under some facts.
struct situation {
    copy_state state = no_association;
    fact facts = fact::none;

    friend constexpr bool operator==(const situation&, const situation&) = default;
};

/// A way from one situation to another, by index.
struct way {
    std::uint16_t from;
    std::uint16_t to;
    bool by_request;
    bool by_repair;  ///< by the end of a copy, or by what was lost coming back
};

/// Everything within reach of creation, for one kind. Worked out at compile time as well.
struct reach {
    std::array<situation, 128> found{};
    std::size_t found_count = 0;
    std::array<way, 2048> ways{};
    std::size_t ways_count = 0;

    constexpr std::uint16_t index_of(const situation& wanted)
    {
        for (std::size_t i = 0; i < found_count; ++i)
            if (found[i] == wanted) return std::uint16_t(i);
        found[found_count] = wanted;
        return std::uint16_t(found_count++);
    }

    constexpr bool holds_state(copy_state state) const
    {
        for (std::size_t i = 0; i < found_count; ++i)
            if (found[i].state == state) return true;
        return false;
    }

    /// Whether every situation has a way to `goal` along the ways that `admits` takes.
    template <class Admits>
    constexpr bool all_lead_to(copy_state goal, Admits admits) const
    {
        std::array<bool, 128> leads{};
        for (std::size_t i = 0; i < found_count; ++i) leads[i] = found[i].state == goal;
        for (bool grew = true; grew;) {
            grew = false;
            for (std::size_t i = ways_count; i-- > 0;) {
                const way& w = ways[i];
                if (!leads[w.to] || leads[w.from] || !admits(w)) continue;
                leads[w.from] = grew = true;
            }
        }
        for (std::size_t i = 0; i < found_count; ++i)
            if (!leads[i]) return false;
        return true;
    }
};

constexpr bool is_repair(request)
{
    return false;
}

constexpr bool is_repair(event what)
{
    return what == event::copy_done || what == event::restore_done || what == event::leg_back ||
           what == event::link_back;
}

template <class Row>
constexpr void follow(reach& all, const replication_kind& kind, std::size_t from, const Row& row)
{
    const situation here = all.found[from];
    if (row.from != here.state || !concerns(row, kind, here.state)) return;
    if (!holds(row.when, here.facts)) return;
    relationship_state state{kind, here.state};
    state.facts = here.facts;
    const auto next = detail::arrive(state, row);
    // The end of a relationship forgets its facts.
    const fact kept =
        next.copy_state == no_association ? next.facts & fact::manual_recovery : next.facts;
    const auto to = all.index_of({next.copy_state, kept});
    constexpr bool asked = requires
    {
        row.need;
    };
    all.ways[all.ways_count++] = {std::uint16_t(from), to, asked, is_repair(row.what)};
}

/// Explores from "not related" over every request, with Force, and every event.
constexpr reach explore(const replication_kind& kind, fact recovery)
{
    reach all;
    all.index_of({no_association, recovery});
    for (std::size_t i = 0; i < all.found_count; ++i) {
        for (const auto& row : requests_of(kind.sync)) follow(all, kind, i, row);
        for (const auto& row : events_of(kind.sync)) follow(all, kind, i, row);
    }
    return all;
}

/// Whether the CopyStates within reach are exactly those that the kind is documented to have.
constexpr bool reaches_what_is_documented(const reach& all, const replication_kind& kind)
{
    for (const auto& row : states_of(kind.sync))
        if (row.state != no_association && all.holds_state(row.state) != is_used(kind, row.state))
            return false;
    return true;
}

/// Whether everything can be brought to Synchronized, and ended, without a further mishap.
constexpr bool has_no_dead_end(const reach& all)
{
    const auto forward = [](const way& w) { return w.by_request || w.by_repair; };
    const auto asked = [](const way& w) { return w.by_request; };
    return all.all_lead_to(copy_state::synchronized, forward) &&
           all.all_lead_to(no_association, asked);
}

}  // namespace cimrep::test
