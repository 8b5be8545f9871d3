// examples/cimrepctl/kept_mirror.hpp -- a mirror that a repository keeps between runs.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "claim_wait.hpp"
#include "commands.hpp"
#include "kept_repository.hpp"
#include "session.hpp"
#include <memory>

namespace cimrepctl {

/// A repository, the elements that it needs, and a session over both.
///
/// Invariant:  destroyed in the order session, elements, repository.
class kept_session {
public:
    /// Opens the repository and what it names, with the pair that a command is about.
    ///
    /// @errors  the repository's and the shard's; errc::stale_reference and
    ///          errc::geometry_mismatch: an element of the pair is not what the repository knows.
    static outcome<std::unique_ptr<kept_session>> open(console& out, const std::string& source,
                                                       const std::string& target,
                                                       const copy_names& repository,
                                                       const kept_options& options);
    /// The shard first, then the repository with its clean mark.
    outcome<> close();

    session& over() noexcept { return *session_; }
    kept_repository& repository() noexcept { return *repository_; }
    const element_pair& pair() const noexcept { return pair_; }
    /// The pair is related already.
    bool is_known() const noexcept { return known_; }

private:
    kept_session() = default;

    std::unique_ptr<uring_loop> loop_;
    std::unique_ptr<kept_repository> repository_;
    std::unique_ptr<file_elements> files_;
    std::unique_ptr<patient_elements> elements_;
    std::unique_ptr<session> session_;
    element_pair pair_;
    bool known_ = false;
};

/// Makes the copy, or goes on with one that an earlier run has begun, and keeps the relationship.
outcome<> keep_mirror(console& out, const mirror_command& asked);

}  // namespace cimrepctl
