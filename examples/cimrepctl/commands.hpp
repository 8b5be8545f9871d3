// examples/cimrepctl/commands.hpp -- what each command is asked, and what carries it out.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/units.hpp>

#include "console.hpp"
#include <cstdint>
#include <optional>
#include <string>

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
    bool overwrite = false;
    std::string identical;  ///< empty: copy; "sampled" or "full"
};
exit_status run_mirror(console& out, const mirror_command& asked);

struct pair_request {
    std::string first;
    std::string second;
    bool repair = false;
    bool overwrite = false;
};
exit_status run_verify(console& out, const pair_request& asked);
exit_status run_compare(console& out, const pair_request& asked);

struct table_request {
    std::string type;   ///< empty: all
    std::string state;  ///< empty: all
};
exit_status run_table(console& out, const table_request& asked);

}  // namespace cimrepctl
