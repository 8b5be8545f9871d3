// examples/cimrepctl/console.hpp -- sentences for people, or one JSON object a line.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cimrepctl {

using namespace cimrep;
using json = nlohmann::ordered_json;

/// What a command ends with, and the program after it.
enum exit_status : int {
    all_well = 0,
    went_wrong = 1,   ///< an operation failed, or a difference was found
    wrong_usage = 2,  ///< the command line makes no sense
    was_stopped = 130,
};

/// Writes to standard output. What cannot be written ends nothing: finish_output() tells of it.
void print_out(std::string_view text) noexcept;
/// Flushes standard output.
///
/// @returns  `status`, but never all_well where something could not be written, which it tells.
exit_status finish_output(exit_status status) noexcept;
/// Lets no file or device that is opened become standard output: one that is closed leads nowhere.
void occupy_standard_streams() noexcept;

/// The standard output of the program.
class console {
public:
    explicit console(bool as_json) : as_json_(as_json) {}

    bool as_json() const noexcept { return as_json_; }
    /// True if lines can be rewritten: text on a terminal.
    bool can_rewrite() const noexcept;
    /// How many characters fit on a line that is rewritten: as the terminal says, else COLUMNS.
    std::size_t columns() const noexcept;

    /// Prints `text` for people, or {"event": event, ...members}.
    void say(const char* event, const json& members, const std::string& text);
    /// Replaces the line that the last rewrite() left, on a terminal.
    void rewrite(const std::string& text);
    /// Ends a line that rewrite() left.
    void end_line();

    /// Failures say `word` for `name`, as the user did, from now on.
    ///
    /// @param name  the path of a file, or an object path that has it in it.
    void call(const std::string& name, const std::string& word);
    /// Prints to stderr what the user should know before the command is over.
    void note(const std::string& sentence);
    /// Prints the failure's sentence to stderr, and as JSON where that is asked for.
    exit_status complain(const failure& why);
    /// As complain(), of a command line that makes no sense.
    exit_status refuse(const std::string& sentence);

private:
    std::string in_user_words(std::string sentence) const;
    void print_line(const std::string& sentence);
    void print_error(const std::string& sentence);

    bool as_json_;
    std::vector<std::pair<std::string, std::string>> words_;  ///< the longest name first
    std::size_t rewritable_ = 0;
};

}  // namespace cimrepctl
