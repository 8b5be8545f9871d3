// store/repository_upgrade.hpp -- gives a closed repository the features of this version.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/store/device_repository.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cimrep::inline v0 {

/// An upgrade, in its owner's memory until `done`.
struct repository_upgrade_op {
    std::vector<block_device*> copies;  ///< in any order, all of one loop
    /// With `accept_missing` it goes on although a copy is missing or stale. That copy then keeps
    /// what it had until it is brought back.
    repository_open_options options;
    void (*done)(repository_upgrade_op& op) noexcept = nullptr;
    std::optional<failure> error;
    repository_features before;        ///< what the repository used
    repository_features after;         ///< what it uses now
    bool changed = false;              ///< a copy lacked a feature; now none that was given does
    std::vector<std::string> remarks;  ///< what was wrong with copies, and is repaired now
    std::shared_ptr<void> working;     // the library's
};

/// Makes the repository use `newest_features`, in the superblocks of all its copies; earlier
/// versions of the library refuse it from then on. Its records stay as they are, and it is left
/// closed. One that uses them already is not written.
///
/// Interrupted at any moment it leaves a repository that opens, as it was or upgraded; called again
/// it ends what was begun.
///
/// @pre     `op.copies` is not empty and has no device twice.
/// @errors  in op.error: as device_repository::open(); errc::repository_incomplete if a copy is
///          missing or stale, and that is not accepted. Then nothing was written, unless a copy
///          failed only now: `changed` tells.
CIMREP_API void upgrade_repository(repository_upgrade_op& op);

}  // namespace cimrep::inline v0
