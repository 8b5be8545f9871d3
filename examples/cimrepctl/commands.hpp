// examples/cimrepctl/commands.hpp -- what each command is asked, and what carries it out.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/units.hpp>

#include "console.hpp"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cimrepctl {

struct demo_request {
    std::string source;  ///< empty: files are made
    std::string target;
    bool overwrite = false;
    std::uint64_t size_bytes = 256 * mib;  ///< of the files
};
exit_status run_demo(console& out, const demo_request& asked);

struct mirror_command {
    std::string source;
    std::string target;
    std::vector<std::string> repository;  ///< empty: nothing is kept
    bool force = false;                   ///< what the source holds counts, whatever was known
    bool overwrite = false;
    std::string identical;  ///< empty: copy; "sampled" or "full"
};
exit_status run_mirror(console& out, const mirror_command& asked);

struct pair_request {
    std::string first;
    std::string second;
    std::vector<std::string> repository;  ///< empty: they are related for this run only
    bool repair = false;
    bool overwrite = false;
};
exit_status run_verify(console& out, const pair_request& asked);
exit_status run_compare(console& out, const pair_request& asked);

/// A command on a repository that nobody has open; names as they were given, with commas.
struct repository_command {
    std::vector<std::string> copies;
};
exit_status run_status(console& out, const repository_command& asked);
exit_status run_check(console& out, const repository_command& asked);

struct repair_command : repository_command {
    bool accept_missing = false;
    bool replace = false;
    bool overwrite = false;
};
exit_status run_repair(console& out, const repair_command& asked);

struct upgrade_command : repository_command {
    bool accept_missing = false;
};
exit_status run_upgrade(console& out, const upgrade_command& asked);

/// Ends a relationship; its elements may be away.
struct detach_command {
    std::string source;
    std::string target;
    std::vector<std::string> repository;
    bool force = false;
};
exit_status run_detach(console& out, const detach_command& asked);

struct table_request {
    std::string type;   ///< empty: all
    std::string state;  ///< empty: all
};
exit_status run_table(console& out, const table_request& asked);

}  // namespace cimrepctl
