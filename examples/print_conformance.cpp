// examples/print_conformance.cpp -- writes docs/conformance.md: what of the model is built.
// SPDX-License-Identifier: BSL-1.0
//
//   print_conformance               the document on stdout
//   print_conformance --write FILE  the document into FILE
//   print_conformance --check FILE  fails if FILE is not what would be written
#include <cimrep/cim/method.hpp>
#include <cimrep/cim/return_codes.hpp>
#include <cimrep/service/conformance.hpp>
#include <cimrep/service/return_code_of.hpp>
#include <cimrep/state/query.hpp>

#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>

using namespace cimrep;

namespace {

constexpr replication_kind mirror{sync_type::mirror, mode::synchronous, local_or_remote::local};

const method_conformance* find(method_id method)
{
    for (const auto& row : method_conformance_table)
        if (row.method == method) return &row;
    return nullptr;
}

std::string state_of(const method_conformance* row)
{
    if (row == nullptr) return "not there";
    const std::string note(row->note);
    switch (row->state) {
    case build_state::built: return note.empty() ? "built" : "built: " + note;
    case build_state::checked: return "parameters checked, then Not Supported (1)";
    }
    return "not there";
}

void print_methods(std::ostream& out)
{
    out << "## Methods\n\n"
           "A method that is *not there* has no operation record yet: a product that offers it\n"
           "answers Not Supported (1) itself.\n\n"
           "| class | method | here |\n|--|--|--|\n";
    for (const auto& row : method_rows)
        out << "| " << row.class_name << " | " << row.name << " | " << state_of(find(row.id))
            << " |\n";
}

// Where the table takes the request of a local synchronous mirror; F: with Force only, sometimes.
std::string accepted_in(request what)
{
    std::string text;
    for (const auto& state : states_of(mirror.sync)) {
        if (!is_used(mirror, state.state) || !is_legal(mirror, state.state, what)) continue;
        text += (text.empty() ? "" : ", ") + std::string(to_name(state.state));
        if (requires_force(mirror, state.state, what)) text += " (F)";
    }
    return text.empty() ? "nowhere" : text;
}

void print_operations(std::ostream& out)
{
    out << "\n## Operations of a local synchronous mirror\n\n"
           "What ModifyReplicaSynchronization and ModifyListSynchronization carry out. (F): needs\n"
           "Force there, at least sometimes. An operation that is not built answers Not Supported\n"
           "(1) where the table accepts it; elsewhere the table refuses it, as it does any other.\n"
           "\n| number | operation | built | accepted in |\n|--|--|--|--|\n";
    for (const auto& [what, name] : operation_names) {
        const auto asked = request_of(what);
        const auto* property = find_property(asked);
        const bool of_group = property->form == request_form::group_only;
        out << "| " << to_number(what) << " | " << name << " | "
            << (is_built(mirror, asked) ? "yes" : "not yet") << " | "
            << (of_group ? "groups only" : accepted_in(asked)) << " |\n";
    }
}

void print_kinds(std::ostream& out)
{
    out << "\n## Kinds of replica\n\n| number | ReplicationType | built |\n|--|--|--|\n";
    for (const auto& [type, name] : replication_type_names)
        out << "| " << to_number(type) << " | " << name << " | "
            << (is_built(kind_of(type)) ? "yes" : "not yet") << " |\n";
}

void print_settings(std::ostream& out)
{
    out << "\n## ReplicationSettingData\n\n"
           "CopyPriority and CopyRecoveryMode are kept when a replica is created;\n"
           "OnGroupOrListError rules a list. Every other property is checked against its value\n"
           "map; a value that asks for more than the schema's default is refused with Not\n"
           "Supported (1), by name.\n";
}

void print_codes(std::ostream& out)
{
    out << "\n## Return codes\n\n"
           "What a method answers for each error; the failure beside it says what to do.\n\n"
           "| error | methods | methods without In Use | RequestStateChange |\n|--|--|--|--|\n";
    for (const auto& row : return_code_table)
        out << "| " << make_error_code(row.error).message() << " | " << to_number(row.method)
            << " | " << to_number(row.no_in_use) << " | " << to_number(row.job) << " |\n";
}

std::string document()
{
    std::ostringstream out;
    out << "# Conformance\n\n"
           "<!-- Written by the target docs_conformance from the tables. Do not edit. -->\n\n"
           "What of the DMTF replication model, schema 2.49.0, this version carries out. The list "
           "of\nwhat is missing may only get shorter.\n\n";
    print_methods(out);
    print_operations(out);
    print_kinds(out);
    print_settings(out);
    print_codes(out);
    return out.str();
}

bool check(const std::string& path)
{
    std::ifstream in(path, std::ios::binary);
    const std::string there{std::istreambuf_iterator<char>(in), {}};
    if (there == document()) return true;
    std::cerr << path << " is stale: build the target docs_conformance\n";
    return false;
}

bool write(const std::string& path)
{
    std::ofstream out(path, std::ios::binary);
    out << document();
    if (out.flush().good()) return true;
    std::cerr << "cannot write " << path << "\n";
    return false;
}

}  // namespace

int main(int argc, char** argv)
{
    const std::string what = argc == 3 ? argv[1] : "";
    if (what == "--write") return write(argv[2]) ? 0 : 1;
    if (what == "--check") return check(argv[2]) ? 0 : 1;
    if (argc != 1) {
        std::cerr << "usage: print_conformance [--write FILE | --check FILE]\n";
        return 2;
    }
    std::cout << document();
    return 0;
}
