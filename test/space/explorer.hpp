// test/space/explorer.hpp -- breadth first over all that can happen, until nothing new is found.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/state/table.hpp>

#include "action.hpp"
#include "table_reach.hpp"
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cimrep::test {

/// Every state of a mirror of two elements, and what leads from one to another.
///
/// A state is reached by living the shortest way to it again; then one action more is tried there.
/// What goes wrong is collected in words, with that way.
class explorer {
public:
    struct edge {
        std::uint32_t to;
        std::uint16_t action;
    };
    struct node {
        view seen;
        std::uint32_t parent = 0;
        std::uint16_t by = 0;  ///< the action that led here from the parent
        std::vector<edge> ways;
    };
    struct counts {
        std::uint64_t replays = 0, edges = 0, accepted = 0, refused = 0, not_built = 0, absent = 0,
                      failed = 0;
    };

    explorer(bool manual_recovery, bool each_region);

    /// Goes on from the first `sources_max` states that are found. False: there are more than
    /// `states_max`.
    bool explore(std::size_t states_max, std::size_t sources_max = SIZE_MAX);

    const std::vector<node>& nodes() const { return nodes_; }
    const counts& counted() const { return counted_; }
    const std::vector<std::string>& wrong() const { return wrong_; }
    /// CopyStates with their facts, at rest.
    std::set<space_situation> situations() const;
    /// The rows of the events that were needed to explain what happened.
    const std::set<const event_row*>& event_rows() const { return event_rows_; }
    const std::set<const request_row*>& request_rows() const { return request_rows_; }

    /// How many states have no way to one that `goal` takes, along ways that help.
    std::size_t dead_ends(bool (*goal)(const view&));
    /// What a second opening after the first does not find as the first left it.
    void check_reopening();

private:
    using world_at = std::unique_ptr<world>;

    world_at live(std::uint32_t node);
    bool try_action(world& on, std::uint32_t node, std::uint16_t action);
    std::uint32_t index_of(const view& seen, std::uint32_t parent, std::uint16_t by);
    void complain(const std::string& sentence);

    bool manual_recovery_;
    std::vector<action> actions_;
    std::vector<node> nodes_;
    std::map<std::string, std::uint32_t> known_;
    counts counted_;
    std::vector<std::string> wrong_;
    std::set<const event_row*> event_rows_;
    std::set<const request_row*> request_rows_;
    std::string way_;   ///< to what is tried now
    std::string dump_;  ///< of the world that is tried now, or nothing
};

}  // namespace cimrep::test
