// lib/store/judgement.hpp -- which copies belong together, and which of them is to be believed.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/store/device_repository.hpp>

#include "copy_reader.hpp"
#include "fan_out.hpp"
#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cimrep::inline v0 {

/// The copies of one repository among the devices that were given.
struct known_copies {
    static constexpr int none = -1;

    superblock best;                                                  ///< of the highest generation
    std::array<int, repository_copies_max> device{none, none, none};  ///< by copy: which was given
    copy_mask stale;    ///< recorded as stale by the best
    copy_mask missing;  ///< not stale, and not given
    /// Of which the other superblock is of each copy that has the best generation: it was not on
    /// record everywhere, so nothing was answered in it.
    std::optional<repository_generation> before;
    std::vector<std::string> remarks;

    bool given(unsigned copy) const noexcept { return device[copy] != none; }
    /// To be read, and to be written anew when the repository is opened.
    bool used(unsigned copy) const noexcept { return given(copy) && !stale.has(copy); }
    /// Whether `found`, of a copy in use, has everything that was answered.
    bool knows_all(const copy_findings& found) const noexcept;
};

/// Which of two copies that know all is the one to go on from: the later generation, then the
/// longer log.
bool is_better(const copy_findings& one, const copy_findings& other) noexcept;

/// Recognises the copies by their superblocks, wherever they were given.
///
/// @errors  as device_repository::open(), as far as superblocks show it.
outcome<known_copies> identify(std::span<const copy_findings* const> found,
                               const repository_open_options& options);

/// The copy whose content is that of the repository: whole, one that knows all, and with what any
/// other in use has, but for the last record, which may not have been answered.
///
/// @errors  errc::repository_damaged.
outcome<unsigned> choose(known_copies& known, std::span<const copy_findings* const> found);

}  // namespace cimrep::inline v0
