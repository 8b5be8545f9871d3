// test/space/action.hpp -- everything that a client, a host or fate can do to a world.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/state/event.hpp>
#include <cimrep/state/request.hpp>

#include "view.hpp"
#include "world.hpp"
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace cimrep::test {

enum class act : std::uint8_t {
    create,        ///< the request says how
    ask,           ///< ModifyReplicaSynchronization
    write_source,  ///< a host, through the volume
    write_target,
    flush,
    flush_fails,  ///< a flush, and one leg cannot
    fail,         ///< a leg's element goes
    come_back,    ///< a leg's element is back, and the library is told
    copy_window,  ///< one window of the copy ends
    copy_ends,
    crash,
    close,   ///< in order; opened again
    accept,  ///< the operator accepts what the last flush may have lost
};

struct action {
    act what{};
    cimrep::request request = cimrep::request::none;
    cimrep::operation operation{};
    bool force = false;
    bool on_target = false;
    std::size_t region = 0;

    std::string name() const;
    /// Whether it can happen there at all.
    bool possible(const view& here) const;
    /// Whether it is something that helps: no mishap, and no host's doing.
    bool helps() const;
    /// The events that it may bring about.
    std::vector<event> events() const;
};

/// All of them, in a fixed order; hosts write the first region, or each.
std::vector<action> all_actions(bool each_region);

/// How an action ended.
struct outcome_of_action {
    bool refused = false;  ///< by the library, in words
    std::optional<failure> error;
    error_code code{};  ///< of a host's operation
};

outcome_of_action carry_out(world& on, const action& what);

}  // namespace cimrep::test
