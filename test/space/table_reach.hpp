// test/space/table_reach.hpp -- what the table allows where only that happens which a shard can do.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/service/conformance.hpp>
#include <cimrep/state/relationship.hpp>

#include <initializer_list>
#include <set>
#include <utility>
#include <vector>

namespace cimrep::test {

/// A CopyState under some facts.
using space_situation = std::pair<copy_state, fact>;

/// The situations and the rows within reach of creation, of a local synchronous mirror alone on its
/// source: by the requests that are built, and by the events that a shard raises for such a one.
struct table_reach {
    std::set<space_situation> situations;
    std::set<const request_row*> requests;
    std::set<const event_row*> events;
};

inline table_reach reach_of_table(bool manual_recovery)
{
    using enum event;
    const replication_kind kind{};
    table_reach all;
    std::vector<relationship_state> left(1);
    if (manual_recovery) left.front().facts = fact::manual_recovery;
    const auto found = [&](const relationship_state& state) {
        if (state.copy_state == no_association) return;
        if (all.situations.emplace(state.copy_state, state.facts).second) left.push_back(state);
    };
    while (!left.empty()) {
        const relationship_state from = left.back();
        left.pop_back();
        for (const request each : built_requests) {
            const step_result next = step(from, each, {.force = true});
            if (next.verdict != verdict::accepted) continue;
            all.requests.insert(find_request(kind, from.copy_state, each, from.facts));
            found(settle(next.state));
        }
        for (const event each :
             {copy_done, restore_done, leg_lost, source_lost, leg_back, restart}) {
            const step_result next = step(from, each);
            if (next.verdict != verdict::accepted) continue;
            all.events.insert(find_event(kind, from.copy_state, each, from.facts));
            found(next.state);
        }
    }
    return all;
}

}  // namespace cimrep::test
