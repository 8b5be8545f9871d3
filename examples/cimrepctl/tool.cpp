// examples/cimrepctl/tool.cpp -- posix_spawnp and a pipe.
// SPDX-License-Identifier: BSL-1.0
#include "tool.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interrupt.hpp"
#include <cerrno>

extern char** environ;

namespace cimrepctl {

using namespace cimrep;

namespace {

failure cannot_run(int error, const std::string& name)
{
    return fail({error, std::system_category()}, "cannot run " + name,
                error == ENOENT ? "install e2fsprogs" : "");
}

std::string read_all(int number)
{
    std::string text;
    char buffer[4096];
    for (;;) {
        const ssize_t got = ::read(number, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return text;
        text.append(buffer, static_cast<std::size_t>(got));
    }
}

std::string last_line(std::string text)
{
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    const auto at = text.find_last_of('\n');
    return at == std::string::npos ? text : text.substr(at + 1);
}

}  // namespace

outcome<tool_result> run_tool(std::vector<std::string> words)
{
    int pipe_ends[2];
    if (::pipe2(pipe_ends, O_CLOEXEC) != 0) return cannot_run(errno, words[0]);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDERR_FILENO);
    pid_t child = 0;
    const int error =
        posix_spawnp(&child, words[0].c_str(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe_ends[1]);
    tool_result ended;
    if (error == 0) ended.output = read_all(pipe_ends[0]);
    ::close(pipe_ends[0]);
    if (error != 0) return cannot_run(error, words[0]);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (interrupted()) return interruption();
    return ended;
}

outcome<std::string> expect_tool(std::vector<std::string> words)
{
    const std::string name = words[0];
    CIMREP_TRY(tool_result ended, run_tool(std::move(words)));
    if (ended.status == 0) return std::move(ended.output);
    return fail(std::make_error_code(std::errc::io_error), name + " ended with status " +
                                                               std::to_string(ended.status) + " (" +
                                                               last_line(ended.output) + ")");
}

}  // namespace cimrepctl
