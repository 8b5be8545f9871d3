// state/row.hpp -- the rows of the request and event tables, and what proves them in order.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/copy_state.hpp>
#include <cimrep/cim/progress_status.hpp>
#include <cimrep/state/effect.hpp>
#include <cimrep/state/event.hpp>
#include <cimrep/state/guard.hpp>
#include <cimrep/state/replication_kind.hpp>
#include <cimrep/state/request.hpp>

#include <cstddef>
#include <cstdint>

namespace cimrep::inline v0 {

/// Whether the specification states a row, or this library read it in.
enum class origin : std::uint8_t { stated, inferred };

/// Whether a request has to come with Force.
enum class force_need : std::uint8_t { plain, force };

/// As `from`: every state in which the relationship exists. As `to`: the state stays.
inline constexpr copy_state every_state{0};

/// As `from`: nothing is related yet. As `to`: the association is gone.
inline constexpr copy_state no_association = copy_state::not_applicable;

/// One request in one state. What holds for the request in all states: `request_property`.
struct request_row {
    copy_state from;
    request what;
    kind_set kinds;  ///< modes and localities for which the row is
    guard when;
    force_need need;
    copy_state to;         ///< once it is carried out
    progress_status then;  ///< in `to`: what runs there, or what the client must do next
    effect does;
    cimrep::origin origin;
};

/// One event in one state.
struct event_row {
    copy_state from;
    event what;
    kind_set kinds;
    guard when;
    copy_state to;
    progress_status then;
    effect does;
    cimrep::origin origin;
};

/// State, request or event, guard and kinds as one number that orders rows.
template <class Row>
constexpr std::uint64_t key_of(const Row& row) noexcept
{
    return std::uint64_t(row.from) << 48 | std::uint64_t(row.what) << 32 |
           std::uint64_t(row.when) << 16 | std::uint64_t(row.kinds);
}

/// Whether rows ascend strictly, and rows of one state and request never hold together.
///
/// Linear in the rows: a row is compared with its predecessors of the same state and request only.
template <class Rows>
constexpr bool deterministic(const Rows& rows) noexcept
{
    for (std::size_t i = 1; i < rows.size(); ++i) {
        if (key_of(rows[i - 1]) >= key_of(rows[i])) return false;
        for (std::size_t j = i; j-- > 0 && key_of(rows[j]) >> 32 == key_of(rows[i]) >> 32;)
            if (!exclude(rows[j].when, rows[i].when) &&
                (rows[j].kinds & rows[i].kinds) != kind_set{})
                return false;
    }
    return true;
}

/// The CopyState at the end of the background work that a row leads to: the RequestedCopyState.
template <class Row>
constexpr copy_state goal_of(sync_type type, const Row& row) noexcept
{
    if (row.to != copy_state::unsynchronized) return row.to;
    const bool to_source = has(row.does, effect::restore_source) && type != sync_type::mirror;
    return to_source ? copy_state::restored : copy_state::synchronized;
}

}  // namespace cimrep::inline v0
