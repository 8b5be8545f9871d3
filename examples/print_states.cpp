// examples/print_states.cpp -- writes docs/states.md and its diagrams from the tables.
// SPDX-License-Identifier: BSL-1.0
//
//   print_states                 the document on stdout
//   print_states --write FOLDER  states.md and states_*.dot into FOLDER
//   print_states --check FOLDER  fails if what is in FOLDER is not what would be written
#include <cimrep/service/conformance.hpp>
#include <cimrep/state/query.hpp>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <utility>

using namespace cimrep;

namespace {

constexpr sync_type printed[] = {sync_type::mirror, sync_type::snapshot, sync_type::clone};

std::string lower(std::string_view text)
{
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
    return result;
}

std::string state_text(copy_state state)
{
    if (state == every_state) return "*any*";
    if (state == no_association) return "*none*";
    return std::string(to_name(state));
}

std::string kinds_text(kind_set kinds)
{
    if (kinds == every_kind) return "";
    if (kinds == remote_kinds) return "remote";
    for (const auto& [flow, name] : mode_names) {
        if (flow == mode::unknown) continue;
        if (kinds == kinds_of(flow)) return lower(name);
        if (kinds == ~kinds_of(flow)) return "not " + lower(name);
    }
    return "";
}

std::string effects_text(effect does)
{
    std::string text;
    for (const auto& [what, name] : effect_names)
        if (has(does, what)) text += (text.empty() ? "" : ", ") + std::string(name);
    return text;
}

std::string_view access_text(host_access access)
{
    switch (access) {
    case host_access::none: return "no";
    case host_access::read_only: return "read";
    case host_access::read_write: return "read, write";
    }
    return "";
}

std::string_view use_text(state_use use)
{
    switch (use) {
    case state_use::reached: return "yes";
    case state_use::remote_only: return "remote only";
    case state_use::not_active: return "not active";
    case state_use::group_only: return "groups only";
    case state_use::never: return "never";
    }
    return "";
}

std::string_view origin_text(origin where)
{
    return where == origin::stated ? "stated" : "inferred";
}

template <class Row>
std::string_view built_text(sync_type type, const Row& row)
{
    return is_built(type, row) ? "yes" : "not yet";
}

// The document.

void print_states(std::ostream& out, sync_type type)
{
    out << "| CopyState | used | hosts may use the target | meaning |\n|--|--|--|--|\n";
    for (const auto& row : states_of(type))
        out << "| " << to_name(row.state) << " | " << use_text(row.use) << " | "
            << access_text(row.target) << " | " << row.note << " |\n";
    out << "\n";
}

/// The mark of one cell: legal, legal with Force, or depending on the circumstances; in
/// parentheses, what is not built.
std::string mark(sync_type type, copy_state from, request what)
{
    bool plain = false, forced = false, built = false;
    for (const auto& row : requests_of(type)) {
        if (row.from != from || row.what != what) continue;
        (row.need == force_need::force ? forced : plain) = true;
        built = built || is_built(type, row);
    }
    if (!plain && !forced) return "";
    const std::string text = plain && forced ? "yes / F" : forced ? "F" : "yes";
    return built ? text : "(" + text + ")";
}

void print_matrix(std::ostream& out, sync_type type)
{
    out << "|  |";
    std::string rule = "|--|";
    for (const auto& state : states_of(type)) {
        if (state.use == state_use::never || state.use == state_use::group_only) continue;
        out << " " << to_name(state.state) << " |";
        rule += "--|";
    }
    out << "\n" << rule << "\n";
    for (const auto& property : request_properties) {
        std::string cells;
        bool used = false;
        for (const auto& state : states_of(type)) {
            if (state.use == state_use::never || state.use == state_use::group_only) continue;
            const std::string cell = mark(type, state.state, property.what);
            used = used || !cell.empty();
            cells += " " + cell + " |";
        }
        if (used) out << "| " << property.name << " |" << cells << "\n";
    }
    out << "\n";
}

void print_requests(std::ostream& out, sync_type type)
{
    out << "| from | request | for | when | Force | during | to | then | goal | effects | origin "
           "| built |\n"
           "|--|--|--|--|--|--|--|--|--|--|--|--|\n";
    for (const auto& row : requests_of(type)) {
        const auto& property = *find_property(row.what);
        const bool stays = row.to == every_state;
        const auto goal = goal_of(type, row);
        out << "| " << state_text(row.from) << " | " << property.name << " | "
            << kinds_text(row.kinds) << " | " << property_of(row.when).name << " | "
            << (row.need == force_need::force ? "Force" : "") << " | "
            << (stays ? "" : to_name(property.during)) << " | "
            << (stays ? "*same*" : state_text(row.to)) << " | "
            << (stays || row.to == no_association ? "" : to_name(row.then)) << " | "
            << (goal == row.to ? "" : to_name(goal)) << " | " << effects_text(row.does) << " | "
            << origin_text(row.origin) << " | " << built_text(type, row) << " |\n";
    }
    out << "\n";
}

void print_events(std::ostream& out, sync_type type)
{
    out << "| from | event | for | when | to | then | effects | origin | built |\n"
           "|--|--|--|--|--|--|--|--|--|\n";
    for (const auto& row : events_of(type))
        out << "| " << state_text(row.from) << " | " << to_name(row.what) << " | "
            << kinds_text(row.kinds) << " | " << property_of(row.when).name << " | "
            << state_text(row.to) << " | " << to_name(row.then) << " | " << effects_text(row.does)
            << " | " << origin_text(row.origin) << " | " << built_text(type, row) << " |\n";
    out << "\n";
}

const char* const introduction = R"(# CopyStates and what leads from one to another

Made from the tables in `include/cimrep/state` by the build target `docs_states`; do not edit.

A request is accepted or refused at once. While it is carried out the CopyState stays,
ProgressStatus is the one in *during*, RequestedCopyState is the *goal* (or *to*), and any other
request is answered with In Use. Then the CopyState is *to* and the ProgressStatus *then*. A
background copy counts as carried out when it has started; its end is an event. A request that
fails before it took hold leaves everything as it was. What has no row is refused; an event
without a row changes nothing.

Requests for groups (*any* state) leave the CopyState alone. *none* is: not related yet, or no
more. *for* is empty where a row is for every mode, local and remote. Tokenized clones have no
rows.

The table is larger than what is *built*. What it accepts and this version does not carry out (*not
yet*) answers Not Supported (1); [conformance.md](conformance.md) lists the kinds of replica and the
operations. An event is built where there can be a replica that it happens to; that this version
ever raises it is not said: *space exhausted*, *peer unknown* and *job cancelled* it does not.

)";

const char* const decisions = R"(## Decisions

The schema leaves to each implementation what is legal where. Rows marked *inferred* follow
these rules.

* **A restore or failback under way is Unsynchronized**, with progress Restoring or Failing
  back, for every kind of replica: source and target differ, and no host may write the target
  meanwhile. At its end a mirror is Synchronized and goes on; a snapshot or clone is Restored,
  and Resume makes it Synchronized again. Nothing is required of the client afterwards.
* **While the source is behind** (a restore, a failback or a failover is open, or the source was
  lost while the target was in sync), whatever would take the source's word for true needs
  Force, also after a crash, an abort, or the loss and return of a leg.
* **Force** is asked for where data can be lost: to overwrite the source, to leave a target that
  is no whole image to hosts, to fail over to anything but a target in sync, and to end a
  relationship while data flows or while a target lives of its source.
* **Restore only from a whole image.** A target that was fractured while it was being filled
  cannot overwrite its source. Failback from such a target needs Force.
* **A leg that comes back** goes on by itself only if it was flowing when it broke, and
  CopyRecoveryMode is not Manual. One that had been fractured or split comes back Fractured, one
  that had failed over comes back Failedover, one that had been stopped by request is Suspended.
* **Restart after a crash**: a synchronous mirror copies what was hot and is Unsynchronized
  until then. An asynchronous one stands at a cycle, so its target stays whole. A request that
  had been accepted and not carried out has failed.
* **Reverse Roles** leaves Synchronized as it is; from Fractured, Split and Failedover a resync
  is required.
* **Changing the mode** is for mirrors. To Sync or to Active from Synchronized waits until
  everything is on the target; Active needs Synchronized.
* **A snapshot or clone outlives the loss of its source**, which cannot be overwritten
  meanwhile: it goes on when the source is back. Once its own pool or target fails while the
  source may be overwritten, its image cannot come back, and it is Broken until a Resync takes a
  new one.
* **Unprepare** (23) is Prepare; ModifySynchronization's Unprepare is `clear Prepared`.
* **Deactivate, Fracture and Split of snapshots and clones**: a snapshot cannot stand apart from
  its source and has no Fracture or Split; a clone has no Deactivate, since nothing is left to
  stop.
* **Reset Replica** is for snapshots: a clone does not keep what hosts overwrote.
* **Aborted stays** when a leg is lost: nothing flows, and Resync Replica has to be asked for
  anyway.
* **A snapshot's Detach needs Force** where there is content, since the target cannot keep it.
  Return To ResourcePool deletes the target and is for snapshots only.
* **Legacy properties**: see `state/legacy.hpp`. A snapshot in sync reports SyncState
  Synchronized and not Idle, because clients look for it before they delete one.

)";

void print_glossary(std::ostream& out)
{
    out << "## Conditions\n\n| when | holds if |\n|--|--|\n";
    for (const auto& row : guard_properties)
        if (row.what != guard::any) out << "| " << row.name << " | " << row.meaning << " |\n";
    out << "\n## Effects\n\nCarried out in this order.\n\n";
    for (const auto& row : effect_names) out << "1. " << row.name << "\n";
}

void print_document(std::ostream& out)
{
    out << introduction << decisions;
    for (const sync_type type : printed) {
        const std::string name{to_name(type)};
        out << "## " << name << "\n\n![" << name << "](states_" << lower(name) << ".svg)\n\n"
            << "Drawn are the ways that matter; dashed: events; F: needs Force. "
               "The tables below have all.\n\n"
            << "### States\n\n";
        print_states(out, type);
        out << "### What is legal where\n\nF: with Force. yes / F: Force under some "
               "conditions. In parentheses:\nlegal, but not built.\n\n";
        print_matrix(out, type);
        out << "### Requests\n\n";
        print_requests(out, type);
        out << "### Events\n\n";
        print_events(out, type);
    }
    print_glossary(out);
}

// The diagrams.

/// Whether the same request has an easier row there: only that one is drawn.
bool has_easier(sync_type type, const request_row& row)
{
    if (row.when != guard::behind && row.when != guard::unsure) return false;
    for (const auto& other : requests_of(type))
        if (other.from == row.from && other.what == row.what && other.when != row.when) return true;
    return false;
}

/// Not what would be drawn from everywhere, and so hide everything else.
bool is_drawn(sync_type type, const request_row& row)
{
    if (row.from == every_state || row.from == row.to || has_easier(type, row)) return false;
    const bool apart = row.from == copy_state::fractured || row.from == copy_state::split;
    if (row.what == request::prepare && apart) return false;
    if (row.to == no_association) return row.from == copy_state::synchronized;
    return row.to != copy_state::failedover || row.need == force_need::plain;
}

bool is_drawn(const event_row& row)
{
    if (row.from == row.to || row.what == event::source_lost) return false;
    const bool mishap = row.to == copy_state::broken || row.to == copy_state::partitioned ||
                        row.to == copy_state::invalid;
    if (!mishap || row.from == copy_state::partitioned) return true;
    return row.from == copy_state::synchronized ||
           (row.from == copy_state::unsynchronized && row.to == copy_state::broken);
}

std::string node(copy_state state)
{
    return state == no_association ? "none" : lower(to_name(state));
}

using edges = std::map<std::pair<copy_state, copy_state>, std::string>;

void add(edges& all, copy_state from, copy_state to, const std::string& label)
{
    std::string& text = all[{from, to}];
    if (text.find(label.substr(0, label.find(" (F)"))) != std::string::npos) return;
    text += (text.empty() ? "" : "\\n") + label;
}

void draw_edges(std::ostream& out, const edges& all, const std::string& look)
{
    for (const auto& [ends, label] : all)
        out << "    " << node(ends.first) << " -> "
            << (ends.second == no_association ? "gone" : node(ends.second)) << " [label=\"" << label
            << "\"" << look << "];\n";
}

std::string graph_body(sync_type type)
{
    std::ostringstream out;
    out << "    rankdir=TB; nodesep=0.45; ranksep=0.9; bgcolor=white;\n"
           "    node [shape=box, style=\"rounded,filled\", fillcolor=\"#eef3fa\", "
           "fontname=\"Helvetica\", fontsize=13];\n"
           "    edge [fontname=\"Helvetica\", fontsize=10, color=\"#44546a\"];\n"
           "    none [label=\"\", shape=circle, width=0.2, fillcolor=black];\n"
           "    gone [label=\"\", shape=doublecircle, width=0.15, fillcolor=black];\n";
    for (const auto& row : states_of(type)) {
        if (row.use == state_use::never || row.use == state_use::group_only) continue;
        out << "    " << node(row.state) << " [label=\"" << to_name(row.state) << "\"";
        if (row.state == copy_state::synchronized) out << ", fillcolor=\"#cfe8cf\"";
        if (row.state == copy_state::broken || row.state == copy_state::invalid ||
            row.state == copy_state::partitioned || row.state == copy_state::aborted)
            out << ", fillcolor=\"#f6d5d0\"";
        out << "];\n";
    }
    edges asked, happened;
    for (const auto& row : requests_of(type))
        if (is_drawn(type, row))
            add(asked, row.from, row.to,
                std::string(find_property(row.what)->name) +
                    (row.need == force_need::force ? " (F)" : ""));
    for (const auto& row : events_of(type))
        if (is_drawn(row)) add(happened, row.from, row.to, std::string(to_name(row.what)));
    draw_edges(out, asked, "");
    draw_edges(out, happened, ", style=dashed, weight=0, fontcolor=\"#9c3b2e\", color=\"#9c3b2e\"");
    return out.str();
}

/// A mark of the text that survives the rendering: FNV-1a.
std::string mark_of(const std::string& text)
{
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text) hash = (hash ^ std::uint8_t(c)) * 0x100000001b3;
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash));
    return digits;
}

/// The identity that the graph carries into its SVG, so that a stale picture is found.
std::string identity(sync_type type)
{
    return "states_" + lower(to_name(type)) + "_" + mark_of(graph_body(type));
}

std::string graph(sync_type type)
{
    return "digraph \"" + std::string(to_name(type)) + "\" {\n    id=\"" + identity(type) +
           "\";\n" + graph_body(type) + "}\n";
}

// Writing and checking.

std::string read(const std::string& path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

bool complain(const std::string& path)
{
    std::cerr << path << " is stale: build the target docs_states\n";
    return false;
}

bool check(const std::string& folder)
{
    std::ostringstream document;
    print_document(document);
    bool fresh = read(folder + "/states.md") == document.str() || complain(folder + "/states.md");
    for (const sync_type type : printed) {
        const std::string path = folder + "/states_" + lower(to_name(type));
        fresh = (read(path + ".dot") == graph(type) || complain(path + ".dot")) && fresh;
        const bool drawn = read(path + ".svg").find(identity(type)) != std::string::npos;
        fresh = (drawn || complain(path + ".svg")) && fresh;
    }
    return fresh;
}

bool write(const std::string& folder)
{
    std::ofstream document(folder + "/states.md", std::ios::binary);
    print_document(document);
    bool written = document.flush().good();
    for (const sync_type type : printed) {
        std::ofstream out(folder + "/states_" + lower(to_name(type)) + ".dot", std::ios::binary);
        out << graph(type);
        written = out.flush().good() && written;
    }
    if (!written) std::cerr << "cannot write into " << folder << "\n";
    return written;
}

}  // namespace

int main(int argc, char** argv)
{
    const std::string what = argc == 3 ? argv[1] : "";
    if (what == "--write") return write(argv[2]) ? 0 : 1;
    if (what == "--check") return check(argv[2]) ? 0 : 1;
    if (argc != 1) {
        std::cerr << "usage: print_states [--write FOLDER | --check FOLDER]\n";
        return 2;
    }
    print_document(std::cout);
    return 0;
}
