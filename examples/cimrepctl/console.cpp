// examples/cimrepctl/console.cpp -- prints line by line, so that a reader of a pipe sees progress.
// SPDX-License-Identifier: BSL-1.0
#include "console.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include "interrupt.hpp"
#include <cstdio>

namespace cimrepctl {

bool console::can_rewrite() const noexcept
{
    return !as_json_ && isatty(STDOUT_FILENO) == 1;
}

void console::say(const char* event, const json& members, const std::string& text)
{
    if (as_json_) {
        json line{{"event", event}};
        line.update(members);
        // What is no UTF-8 in a path is replaced, not refused.
        fmt::print("{}\n", line.dump(-1, ' ', false, json::error_handler_t::replace));
    } else {
        end_line();
        fmt::print("{}\n", text);
    }
    std::fflush(stdout);
}

void console::rewrite(const std::string& text)
{
    fmt::print("\r{:<{}}", text, rewritable_);
    rewritable_ = text.size();
    std::fflush(stdout);
}

void console::end_line()
{
    if (std::exchange(rewritable_, 0) != 0) fmt::print("\n");
}

exit_status console::complain(const failure& why)
{
    end_line();
    std::fflush(stdout);
    fmt::print(stderr, "cimrepctl: {}\n", why.sentence());
    if (as_json_) say("failed", {{"error", why.sentence()}}, "");
    return is_interruption(why) ? was_stopped : went_wrong;
}

}  // namespace cimrepctl
