// examples/cimrepctl/tool.hpp -- runs a program of the system and keeps what it says.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>

#include <string>
#include <vector>

namespace cimrepctl {

/// How a program ended.
struct tool_result {
    int status = 0;      ///< its exit status; 128 and more: ended by a signal
    std::string output;  ///< its standard output and error
};

/// Runs `words[0]`, found in PATH, with the other words as its arguments, and waits for it.
///
/// @errors  what the system says to starting it; a remedy names the package of e2fsprogs' tools.
cimrep::outcome<tool_result> run_tool(std::vector<std::string> words);

/// As run_tool(); another exit status than 0 is a failure that holds the last line it wrote.
cimrep::outcome<std::string> expect_tool(std::vector<std::string> words);

}  // namespace cimrepctl
