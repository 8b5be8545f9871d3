// lib/io/uring/descriptor.hpp -- a file descriptor that closes itself, and small reads of /proc.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

namespace cimrep::inline v0::detail {

/// Owns a file descriptor.
class descriptor {
public:
    descriptor() noexcept = default;
    explicit descriptor(int number) noexcept : number_(number) {}
    descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    descriptor& operator=(descriptor&& other) noexcept
    {
        std::swap(number_, other.number_);
        return *this;
    }
    ~descriptor()
    {
        if (number_ >= 0) close(number_);
    }
    bool is_open() const noexcept { return number_ >= 0; }
    int number() const noexcept { return number_; }
    int release() noexcept { return std::exchange(number_, -1); }
    /// The path by which the very same file opens again, whatever became of its name.
    std::string link() const { return "/proc/self/fd/" + std::to_string(number_); }

private:
    int number_ = -1;
};

inline error_code last_error() noexcept
{
    return {errno, std::system_category()};
}

/// The first line of a small file of /proc or /sys; empty if there is none.
inline std::string first_line(const std::string& path)
{
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    while (!line.empty() && (line.back() == ' ' || line.back() == '\0')) line.pop_back();
    return line;
}

}  // namespace cimrep::inline v0::detail
