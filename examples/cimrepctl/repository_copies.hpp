// examples/cimrepctl/repository_copies.hpp -- the files or devices that are a repository's copies.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/uring/uring_device.hpp>
#include <cimrep/io/uring/uring_loop.hpp>
#include <cimrep/store/repository_check.hpp>

#include "console.hpp"
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cimrepctl {

using namespace cimrep;

/// One to three files or devices, by the names that a user gave.
using copy_names = std::vector<std::string>;

/// "r1,r2" and "r3" as three names.
copy_names split_names(const std::vector<std::string>& words);
/// "r1, r2".
std::string names_text(const copy_names& names);

/// One to three, and nothing twice under two names, neither of them nor of `elements`, which are
/// what is mirrored.
///
/// @errors  errc::invalid_argument naming both.
outcome<> check_apart(const copy_names& names, const copy_names& elements = {});

enum class copy_access : std::uint8_t { read, write };

/// Copies that are open, and claimed until this is destroyed.
class repository_copies {
public:
    /// Waits a moment for whoever has one; see claim_wait.
    ///
    /// @errors  errc::element_in_use naming who has one; what the system reports.
    static outcome<repository_copies> open(console& out, uring_loop& loop, const copy_names& names,
                                           copy_access access);
    std::vector<block_device*> devices() const;
    const copy_names& names() const noexcept { return names_; }

private:
    copy_names names_;
    std::vector<std::unique_ptr<uring_device>> devices_;
};

/// A failure of the store, with the names instead of numbers and with the commands that help.
failure in_names(failure why, const copy_names& names);

/// What a check says of copies that are open.
repository_check_report check_copies(uring_loop& loop, const repository_copies& copies,
                                     bool accept_missing = false);

/// Which of those given are no copies, and more than the repository lacks; nothing where no copy is
/// believed. `absent` are those that are not there, and of which the report has nothing.
copy_names surplus_of(const repository_check_report& found, const copy_names& names,
                      const copy_names& absent = {});
constexpr std::string_view surplus_remedy =
    "leave it out: a repository keeps the number of copies it was made with";
/// That they are not to be given.
///
/// @pre  `surplus` is not empty.
failure refuse_surplus(const copy_names& surplus);

/// What the operating system calls its present run.
std::string boot_id();
/// "cimrepctl mirror (process 123)": who a repository says has it open.
std::string owner_name(const char* command);

/// Makes a file for a copy, all of which has room.
///
/// @errors  what the system says; then there is no file.
outcome<> make_copy_file(const std::string& name, std::uint64_t size_bytes);

}  // namespace cimrepctl
