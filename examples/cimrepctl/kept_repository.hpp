// examples/cimrepctl/kept_repository.hpp -- a repository that a command works with, and makes.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/runtime/file_elements.hpp>
#include <cimrep/runtime/saved_state.hpp>
#include <cimrep/store/device_repository.hpp>

#include "repository_copies.hpp"
#include <memory>
#include <optional>

namespace cimrepctl {

/// How a command opens its repository.
struct kept_options {
    const char* command = "";  ///< who has it, as the next one to open it is told
    bool create = false;       ///< make it where there is none
    bool may_be_away = false;  ///< the pair is what the repository knows, there or not
};

/// A repository on the files or devices that a user has named, open.
class kept_repository {
public:
    /// @errors  the store's, in the user's names; nothing that carries anything is formatted.
    static outcome<std::unique_ptr<kept_repository>> open(console& out, uring_loop& loop,
                                                          const copy_names& names,
                                                          const kept_options& options);
    /// Closes it, if that was not done.
    ~kept_repository();
    kept_repository(const kept_repository&) = delete;
    kept_repository& operator=(const kept_repository&) = delete;

    /// Writes the clean mark. Whoever used the repository is closed by then.
    outcome<> close();

    device_repository& store() noexcept { return *store_; }
    bool is_new() const noexcept { return new_; }
    const repository_open_report& report() const noexcept { return report_; }
    const copy_names& names() const noexcept { return copies_.names(); }

private:
    kept_repository(uring_loop& loop, repository_copies copies)
        : loop_(&loop), copies_(std::move(copies))
    {
    }
    std::optional<failure> try_to_open(const char* command);
    outcome<> format();
    outcome<> check_all_are_copies();

    uring_loop* loop_;
    repository_copies copies_;
    std::unique_ptr<device_repository> store_;
    repository_open_report report_;
    bool new_ = false;
};

/// Registers the elements of a repository's relationships, so that a shard can open them. What is
/// not there any more is left out: a relationship without its element is Broken until it is back.
///
/// @errors  the runtime's: records that cannot be understood.
outcome<std::vector<saved_element>> register_saved(file_elements& files, const repository& from);

/// The file or device of an element, as a user would name it.
std::string location_of(const object_path& element);

}  // namespace cimrepctl
