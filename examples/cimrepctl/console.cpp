// examples/cimrepctl/console.cpp -- prints line by line, so that a reader of a pipe sees progress.
// SPDX-License-Identifier: BSL-1.0
#include "console.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "interrupt.hpp"
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace cimrepctl {

namespace {

constexpr std::size_t columns_usual = 80;

/// Whether a path goes on with it: then what is before it is not the whole name.
bool is_of_path(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("/._-+").find(c) != std::string_view::npos;
}

/// The failure as one sentence; that of a signal needs no word from the system.
std::string sentence_of(const failure& why)
{
    if (!is_interruption(why)) return why.sentence();
    return why.remedy.empty() ? why.wrong : why.wrong + "; " + why.remedy;
}

int output_error = 0;  // of the first that failed

void flush_out() noexcept
{
    if (std::fflush(stdout) != 0 && output_error == 0) output_error = errno;
}

}  // namespace

void print_out(std::string_view text) noexcept
{
    const std::size_t written = std::fwrite(text.data(), 1, text.size(), stdout);
    if (written != text.size() && output_error == 0) output_error = errno;
}

exit_status finish_output(exit_status status) noexcept
{
    flush_out();
    // The parser writes its help by itself.
    if (output_error == 0 && std::ferror(stdout) != 0) output_error = EIO;
    if (output_error == 0) return status;
    std::fprintf(stderr,
                 "cimrepctl: cannot write to standard output: %s; what was to be told there is "
                 "lost, what was done is done\n",
                 std::strerror(output_error));
    return status == all_well ? went_wrong : status;
}

void occupy_standard_streams() noexcept
{
    // Opened for reading, so that writing to it fails. The lowest free number is taken.
    for (int number = STDIN_FILENO; number <= STDERR_FILENO; ++number)
        if (::fcntl(number, F_GETFD) < 0) (void)::open("/dev/null", O_RDONLY);
}

bool console::can_rewrite() const noexcept
{
    return !as_json_ && isatty(STDOUT_FILENO) == 1;
}

std::size_t console::columns() const noexcept
{
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0) return size.ws_col;
    const char* told = std::getenv("COLUMNS");
    const unsigned long columns = told == nullptr ? 0 : std::strtoul(told, nullptr, 10);
    return columns != 0 ? columns : columns_usual;
}

void console::say(const char* event, const json& members, const std::string& text)
{
    if (as_json_) {
        json line{{"event", event}};
        line.update(members);
        // What is no UTF-8 in a path is replaced, not refused.
        print_out(line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
    } else {
        end_line();
        print_out(text + "\n");
    }
    flush_out();
}

void console::rewrite(const std::string& text)
{
    // What the last text leaves behind is blanked, though never past the end of the line.
    print_out(fmt::format("\r{:<{}}", text, std::min(rewritable_, columns() - 1)));
    rewritable_ = text.size();
    flush_out();
}

void console::end_line()
{
    if (std::exchange(rewritable_, 0) != 0) print_out("\n");
}

void console::call(const std::string& name, const std::string& word)
{
    // A name in the middle of another one is not to be replaced by itself.
    const auto shorter = [&](const auto& known) { return known.first.size() < name.size(); };
    words_.emplace(std::find_if(words_.begin(), words_.end(), shorter), name, word);
}

std::string console::in_user_words(std::string sentence) const
{
    for (const auto& [name, word] : words_)
        for (auto at = sentence.find(name); at != std::string::npos;) {
            const auto end = at + name.size();
            const bool whole = (at == 0 || !is_of_path(sentence[at - 1])) &&
                               (end == sentence.size() || !is_of_path(sentence[end]));
            if (whole) sentence.replace(at, name.size(), word);
            at = sentence.find(name, whole ? at + word.size() : end);
        }
    return sentence;
}

exit_status console::complain(const failure& why)
{
    print_error(in_user_words(sentence_of(why)));
    return is_interruption(why) ? was_stopped : went_wrong;
}

exit_status console::refuse(const std::string& sentence)
{
    print_error(sentence);
    return wrong_usage;
}

void console::note(const std::string& sentence)
{
    print_line(in_user_words(sentence));
}

void console::print_line(const std::string& sentence)
{
    end_line();
    flush_out();
    std::fputs(("cimrepctl: " + sentence + "\n").c_str(), stderr);
}

void console::print_error(const std::string& sentence)
{
    print_line(sentence);
    if (as_json_) say("failed", {{"error", sentence}}, "");
}

}  // namespace cimrepctl
