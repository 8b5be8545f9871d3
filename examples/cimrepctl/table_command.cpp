// examples/cimrepctl/table_command.cpp -- the tables that the library works by, row by row.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cim/value_map.hpp>
#include <cimrep/service/conformance.hpp>
#include <cimrep/state/query.hpp>

#include <fmt/format.h>

#include "commands.hpp"
#include <algorithm>
#include <string_view>
#include <utility>

namespace cimrepctl {

namespace {

constexpr sync_type shown_types[] = {sync_type::mirror, sync_type::snapshot, sync_type::clone};

bool same_name(std::string_view a, std::string_view b)
{
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::string from_text(copy_state state)
{
    if (state == every_state) return "any";
    if (state == no_association) return "none";
    return std::string(to_name(state));
}

std::string to_text_of(copy_state from, copy_state to)
{
    if (to == every_state) return from_text(from);
    if (to == no_association) return "gone";
    return std::string(to_name(to));
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
    return "some";
}

std::string effects_text(effect does)
{
    std::string text;
    for (const auto& [what, name] : effect_names)
        if (has(does, what)) text += (text.empty() ? "" : ", ") + std::string(name);
    return text;
}

std::string line(std::string_view from, std::string_view what, std::string_view force,
                 std::string_view to, std::string_view then, std::string_view origin,
                 std::string_view built, std::string_view when)
{
    std::string text = fmt::format("{:<15} {:<23} {:<6} {:<15} {:<18} {:<9} {:<8} {}", from, what,
                                   force, to, then, origin, built, when);
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

/// What rows of requests and of events have in common.
template <class Row>
void print_row(console& out, sync_type type, const Row& row, const char* kind,
               std::string_view what, bool force)
{
    const std::string from = from_text(row.from), to = to_text_of(row.from, row.to);
    const std::string_view when = property_of(row.when).meaning;
    const char* origin = row.origin == origin::stated ? "stated" : "inferred";
    const bool built = is_built(type, row);
    out.say(kind,
            {{"sync_type", to_name(type)},
             {"from", from},
             {kind, what},
             {"for", kinds_text(row.kinds)},
             {"when", when},
             {"force", force},
             {"to", to},
             {"progress_status", to_name(row.then)},
             {"effects", effects_text(row.does)},
             {"origin", origin},
             {"built", built}},
            line(from, what, force ? "force" : "", to, to_name(row.then), origin,
                 built ? "built" : "not yet", row.when == guard::any ? "" : when));
}

/// @param begun  whether something was printed before, which this is set apart from.
void print_type(console& out, sync_type type, const table_request& asked, bool& begun)
{
    const auto wanted = [&](copy_state from) {
        const bool anywhere = from == every_state && !same_name(asked.state, "none");
        return asked.state.empty() || anywhere || same_name(asked.state, from_text(from));
    };
    const auto head = [&](const char* what) {
        if (out.as_json()) return;
        print_out(fmt::format(
            "{}{} {}\n{}\n", std::exchange(begun, true) ? "\n" : "", to_name(type), what,
            line("CopyState", what, "", "leads to", "ProgressStatus", "origin", "built", "if")));
    };
    head("requests");
    for (const request_row& row : requests_of(type))
        if (wanted(row.from))
            print_row(out, type, row, "request", find_property(row.what)->name,
                      row.need == force_need::force);
    head("events");
    for (const event_row& row : events_of(type))
        if (wanted(row.from)) print_row(out, type, row, "happening", to_name(row.what), false);
}

}  // namespace

exit_status run_table(console& out, const table_request& asked)
{
    const bool known =
        asked.state.empty() || same_name(asked.state, "any") || same_name(asked.state, "none") ||
        std::ranges::any_of(copy_state_names,
                            [&](const auto& row) { return same_name(row.name, asked.state); });
    if (!known) {
        std::string names;
        for (const auto& row : copy_state_names) names += ", " + std::string(row.name);
        return out.refuse("--state " + asked.state + " is no CopyState; give any, none" + names);
    }
    bool begun = false;
    for (const sync_type type : shown_types)
        if (asked.type.empty() || same_name(asked.type, to_name(type)))
            print_type(out, type, asked, begun);
    if (!out.as_json())
        print_out(
            "\nnot yet: legal by the table; a request gets Not Supported (1) from this version\n");
    return all_well;
}

}  // namespace cimrepctl
