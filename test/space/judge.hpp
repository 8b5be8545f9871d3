// test/space/judge.hpp -- whether what happened is what the table says.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/state/table.hpp>

#include "action.hpp"
#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace cimrep::test {

/// What a world was before an action.
struct moment {
    std::string dump;
    space_repository::records durable;
    region_values source, target;
    std::size_t trace_size = 0;
};

/// Compares one action's end with the table, by the table's public functions alone.
struct judgement {
    enum class end : std::uint8_t {
        other,        ///< no request
        illegal,      ///< refused, as the table says
        not_built,    ///< refused, since this version does not carry it out
        absent,       ///< refused, since an element is not there
        failed,       ///< accepted; then a leg failed
        carried_out,  ///< accepted, and its row's state was reached
    };

    const world& on;
    const view& before;
    const action& what;
    const outcome_of_action& ended;
    const view& after;
    const moment& then;

    std::vector<std::string> wrong{};
    std::set<const event_row*> event_rows{};
    const request_row* row = nullptr;
    end kind = end::other;

    void judge();

private:
    void judge_request();
    void judge_refusal(verdict by_table);
    void judge_creation();
    void judge_trace();
    void judge_content();
    void judge_host();
    void judge_repair();
    void judge_restart();
    bool explain(const relationship_state& from, const relationship_state& to);
    std::vector<std::pair<relationship_state, const event_row*>> steps(
        const relationship_state& from) const;
    bool reached(const relationship_state& wanted) const;
    bool unchanged() const;
    void require(bool holds, const std::string& sentence)
    {
        if (!holds) wrong.push_back(sentence);
    }
};

}  // namespace cimrep::test
