// store/repository_check.hpp -- looks at a closed repository and says what it found; repairs it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/store/device_repository.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cimrep::inline v0 {

/// What a copy is worth.
enum class copy_verdict : std::uint8_t {
    unknown,  ///< no valid superblock: another device, a new one, or a copy that lost both
    foreign,  ///< a copy of a repository, but not of this one, or one that went its own way
    stale,    ///< recorded as stale by the others; resilver it
    damaged,  ///< of this repository, but not whole
    behind,   ///< whole, but it misses records that another one has
    whole,
};

/// What was found on one device.
struct copy_report {
    copy_verdict verdict = copy_verdict::unknown;
    std::array<error_code, 2> superblocks{};  ///< none: it is valid
    std::optional<superblock> newest;         ///< of the valid ones
    std::uint64_t checkpoint_number = 0;
    std::uint64_t checkpoint_records = 0;
    std::uint64_t checkpoint_bytes = 0;
    std::uint64_t log_records = 0;    ///< that follow the checkpoint
    std::uint64_t last_sequence = 0;  ///< of the last of them, or before the first
    bool torn_tail = false;           ///< a record was being written when the owner ended
    std::vector<std::string> problems;
};

/// What was found altogether.
struct repository_check_report {
    std::vector<copy_report> copies;   ///< in the order of the devices
    std::optional<failure> refused;    ///< why open() would fail; nothing: it would not
    std::optional<unsigned> believed;  ///< the device whose content open() would take
    std::uint64_t records = 0;         ///< in the repository
    std::uint64_t record_bytes = 0;
    std::uint8_t stale_copies = 0;  ///< by the highest generation: a bit for each that is stale
    std::vector<std::pair<record_kind, std::uint64_t>> kinds;  ///< how many records of each

    /// Nothing is wrong with any device, and nothing is missing.
    bool good() const noexcept
    {
        bool all = !refused && !copies.empty();
        for (const copy_report& each : copies)
            all = all && each.verdict == copy_verdict::whole && each.problems.empty();
        return all;
    }
};

/// A look at a repository that nobody has open, in its owner's memory until `done`. Never writes.
struct repository_check_op {
    std::vector<block_device*> copies;  ///< in any order, all of one loop
    repository_open_options options;    ///< what open() would be given
    bool keep_content = false;          ///< what open() would find in it is asked for, too
    void (*done)(repository_check_op& op) noexcept = nullptr;
    repository_check_report report;
    /// If it is asked for, and open() would not fail: the records of the believed copy. No copy is
    /// needed any more to read them; a commit to them fails with errc::not_supported.
    std::unique_ptr<repository> content;
    std::shared_ptr<void> working;  // the library's
    struct refusal : loop_task {
        repository_check_op* op = nullptr;
    } refused;  // the library's
};

/// Reads every device whole and judges it as open() would.
///
/// @pre  `op.copies` is not empty and has no device twice.
CIMREP_API void check_repository(repository_check_op& op);

/// A repair, in its owner's memory until `done`.
struct repository_repair_op {
    std::vector<block_device*> copies;
    repository_open_options options;
    /// Devices without a valid superblock become the copies that are missing; what they carry is
    /// lost. Needs `options.accept_missing` as well.
    bool rebuild_unknown = false;
    void (*done)(repository_repair_op& op) noexcept = nullptr;
    std::optional<failure> error;
    std::vector<std::string> repaired;  ///< what was done, in sentences
    std::shared_ptr<void> working;      // the library's
};

/// Makes every copy that is given equal to the best one, if open() believes one of them; otherwise
/// changes nothing. Leaves the repository closed.
///
/// @errors  in op.error: as device_repository::open() and resilver(); errc::repository_incomplete
///          if a copy failed meanwhile.
CIMREP_API void repair_repository(repository_repair_op& op);

}  // namespace cimrep::inline v0
