// test/state/grid_test.cpp -- every cell of the tables against the reviewed state_grid.txt.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/state/query.hpp>

#include "catch.hpp"
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

using namespace cimrep;

namespace {

const char* const file_name = CIMREP_TEST_DATA "/state_grid.txt";

/// One line of the file: the kinds, the CopyState and request or event, and what is expected.
struct line {
    std::string type, state, what, kinds, when, need, to, then;
};

using key = std::tuple<std::string, std::string, std::string>;
using grid = std::map<key, std::vector<line>>;

std::string trimmed(const std::string& text)
{
    const auto first = text.find_first_not_of(' ');
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

grid read_grid()
{
    grid lines;
    std::ifstream in(file_name);
    for (std::string text; std::getline(in, text);) {
        if (text.empty() || text[0] == '#') continue;
        std::istringstream cells(text);
        line l;
        for (auto* cell :
             {&l.type, &l.state, &l.what, &l.kinds, &l.when, &l.need, &l.to, &l.then}) {
            std::getline(cells, *cell, '|');
            *cell = trimmed(*cell);
        }
        lines[{l.type, l.state, l.what}].push_back(l);
    }
    return lines;
}

/// What a condition in the file means, said once more than in the library.
bool meets(const std::string& when, fact facts)
{
    const bool behind = has(facts, fact::source_behind), image = has(facts, fact::target_whole);
    const bool written = has(facts, fact::target_written);
    const bool apart = has(facts, fact::was_apart), stopped = has(facts, fact::was_stopped);
    const bool manual = has(facts, fact::manual_recovery), flowed = !apart && !stopped;
    const std::map<std::string, bool> conditions{
        {"always", true},
        {"whole", !behind},
        {"behind", behind},
        {"sure", behind && image},
        {"unsure", behind && !image},
        {"usable", !behind && image},
        {"unfit", !behind && !image},
        {"clean", !behind && !written},
        {"written", !behind && written},
        {"kept", !behind && image && !written},
        {"changed", !behind && image && written},
        {"automatic", flowed && !behind && !manual},
        {"refilling", flowed && behind && !manual},
        {"by hand", flowed && manual},
        {"apart", apart && !stopped && !behind},
        {"taken over", apart && !stopped && behind},
        {"stopped", stopped && !apart},
    };
    return conditions.at(when);
}

bool covers(const std::string& kinds, const replication_kind& kind)
{
    const bool remote = kind.locality == local_or_remote::remote;
    const std::string flow{to_name(kind.mode)};
    if (kinds == "all") return true;
    if (kinds == "remote") return remote;
    if (kinds.starts_with("not ")) return kinds.substr(4) != flow;
    return kinds == flow;
}

std::string state_name(copy_state state)
{
    return state == no_association ? "-" : std::string(to_name(state));
}

/// The line for a cell, or null where nothing is expected to be legal.
const line* expected(const grid& lines, const replication_kind& kind, copy_state from,
                     const std::string& what, fact facts)
{
    const std::string type{to_name(kind.sync)};
    const auto find = [&](const std::string& state) -> const line* {
        const auto found = lines.find({type, state, what});
        if (found == lines.end()) return nullptr;
        for (const line& l : found->second)
            if (covers(l.kinds, kind) && meets(l.when, facts)) return &l;
        return nullptr;
    };
    if (const line* l = find(state_name(from))) return l;
    const bool related = from == copy_state::mixed || is_used(kind, from);
    return related ? find("*") : nullptr;
}

/// All combinations of facts.
std::vector<fact> all_facts()
{
    std::vector<fact> facts;
    for (unsigned bits = 0; bits < 64; ++bits) facts.push_back(fact(bits));
    return facts;
}

std::string kinds_text(kind_set kinds)
{
    if (kinds == every_kind) return "all";
    if (kinds == remote_kinds) return "remote";
    for (const auto& [flow, name] : mode_names) {
        if (flow == mode::unknown) continue;
        if (kinds == kinds_of(flow)) return std::string(name);
        if (kinds == ~kinds_of(flow)) return "not " + std::string(name);
    }
    return "?";
}

template <class Row>
void print_row(std::ostream& out, sync_type type, const Row& row, std::string_view what,
               std::string_view need)
{
    const auto column = [&out](std::string_view text, std::size_t width) {
        out << text << std::string(width > text.size() ? width - text.size() : 0, ' ') << "| ";
    };
    const auto name = row.when == guard::any ? "always" : property_of(row.when).name;
    const bool stays = row.to == every_state;
    column(to_name(type), 9);
    column(row.from == every_state ? "*" : state_name(row.from), 15);
    column(what, 23);
    column(kinds_text(row.kinds), 17);
    column(name, 11);
    column(need, 9);
    column(stays ? "=" : state_name(row.to), 15);
    out << (stays ? "=" : to_name(row.then)) << "\n";
}

std::string_view need_of(const request_row& row)
{
    if (find_property(row.what)->form == request_form::group_only) return "group";
    return row.need == force_need::force ? "Force" : "-";
}

void rewrite()
{
    std::ofstream out(file_name);
    out << "# What is legal where, and where it leads. Whatever is not listed is refused.\n"
           "# state: * is every state of a relationship, - is none; to: = stays as it is\n"
           "# when: see docs/states.md; need: Force, a group, the word event, or nothing\n"
           "# type | state | request or event | kinds | when | need | to | then\n";
    for (const auto& [type, name] : sync_type_names) {
        for (const auto& row : requests_of(type))
            print_row(out, type, row, find_property(row.what)->name, need_of(row));
        for (const auto& row : events_of(type))
            print_row(out, type, row, to_name(row.what), "event");
    }
}

/// Whether a step answered as the line says. A line is null where a refusal is expected.
bool agrees(const line* l, const relationship_state& before, request what, request_terms terms)
{
    const auto result = step(before, what, terms);
    if (l == nullptr) return result.verdict == verdict::illegal && result.state == before;
    if (l->need == "group" && !terms.of_group) return result.verdict == verdict::group_only;
    if (l->need == "Force" && !terms.force) return result.verdict == verdict::needs_force;
    if (result.verdict != verdict::accepted || result.state.pending != what) return false;
    if (result.state.copy_state != before.copy_state) return false;
    const auto after = settle(result.state);
    if (l->to == "=") return after == before;
    return state_name(after.copy_state) == l->to && to_name(after.progress) == l->then;
}

}  // namespace

TEST_CASE("every cell of type, state, operation and Force is as the reviewed file says")
{
    if (std::getenv("CIMREP_REWRITE") != nullptr) rewrite();
    const grid lines = read_grid();
    REQUIRE(lines.size() > 100);
    std::size_t cells = 0, wrong = 0;
    for (const auto& [type, type_name] : replication_type_names)
        for (const auto& [state, name] : copy_state_names)
            for (const auto& [what, what_name] : operation_names)
                for (const bool force : {false, true}) {
                    ++cells;
                    // Without an association there is nothing that an operation could be sent to.
                    if (state == no_association) continue;
                    for (const fact facts : all_facts()) {
                        relationship_state before{kind_of(type), state};
                        before.facts = facts;
                        before.requested = detail::under_way(before);
                        const bool old = what == operation::unprepare;
                        const auto* l = expected(lines, before.kind, state,
                                                 old ? "Prepare" : std::string(what_name), facts);
                        for (const bool of_group : {false, true})
                            if (!agrees(l, before, request_of(what), {force, of_group})) {
                                ++wrong;
                                UNSCOPED_INFO(type_name << ", " << name << ", " << what_name
                                                        << ", force " << force << ", facts "
                                                        << unsigned(facts));
                            }
                    }
                }
    CHECK(cells == 22984);
    CHECK(wrong == 0);
}

TEST_CASE("every cell of type, state and event is as the reviewed file says")
{
    const grid lines = read_grid();
    std::size_t wrong = 0;
    for (const auto& [type, type_name] : replication_type_names)
        for (const auto& [state, name] : copy_state_names)
            for (const auto& [what, what_name] : event_names)
                for (const fact facts : all_facts()) {
                    relationship_state before{kind_of(type), state};
                    before.facts = facts;
                    const auto* l =
                        expected(lines, before.kind, state, std::string(what_name), facts);
                    const auto result = step(before, what);
                    const bool as_expected =
                        l == nullptr ? result.verdict == verdict::ignored &&
                                           result.state == before && result.does == effect::none
                                     : result.verdict == verdict::accepted &&
                                           state_name(result.state.copy_state) == l->to &&
                                           to_name(result.state.progress) == l->then;
                    if (!as_expected) {
                        ++wrong;
                        UNSCOPED_INFO(type_name << ", " << name << ", " << what_name << ", facts "
                                                << unsigned(facts));
                    }
                }
    CHECK(wrong == 0);
}

TEST_CASE("creating and clearing Prepared are as the reviewed file says")
{
    const grid lines = read_grid();
    for (const auto& [type, type_name] : replication_type_names)
        for (const auto& [state, name] : copy_state_names)
            for (const auto& property : request_properties) {
                if (property.form != request_form::creation &&
                    property.form != request_form::legacy)
                    continue;
                for (const fact facts : all_facts()) {
                    relationship_state before{kind_of(type), state};
                    before.facts = facts;
                    before.requested = detail::under_way(before);
                    CAPTURE(type_name, name, property.name, unsigned(facts));
                    const auto* l =
                        expected(lines, before.kind, state, std::string(property.name), facts);
                    if (!agrees(l, before, property.what, {})) FAIL_CHECK("differs");
                }
            }
}
