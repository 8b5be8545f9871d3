// store/device_repository.hpp -- the durable repository: one to three devices, each a whole copy.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/base/latency_histogram.hpp>
#include <cimrep/io/block_device.hpp>
#include <cimrep/store/repository.hpp>
#include <cimrep/store/superblock.hpp>

#include <boost/uuid/uuid.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cimrep::inline v0 {

/// How a repository is made on devices.
struct repository_format_options {
    std::uint64_t size_bytes = 256 * mib;  ///< of each copy; a smaller device gives what it has
    std::uint64_t log_bytes = 0;           ///< 0: an eighth, at most 16 MiB
    bool overwrite = false;                ///< a repository that is there already is lost
    repository_features features = newest_features;  ///< fewer: for earlier versions to open it
};

/// How a repository is opened.
struct repository_open_options {
    std::string boot_id;  ///< recorded, and reported to the next opener
    std::string name;     ///< of the opener: the same
    std::optional<boost::uuids::uuid> expected_set{};  ///< any other repository is refused
    /// Open although a copy is missing that may know more; it becomes stale. Never by default.
    bool accept_missing = false;
    duration device_deadline{};  ///< of each transfer; a late copy becomes stale. 0: none
    std::pmr::memory_resource* memory = nullptr;  ///< of records and buffers; null: the default
};

/// What became of one copy.
enum class copy_condition : std::uint8_t {
    absent,   ///< no device with this copy was given
    current,  ///< has every commit that was answered
    stale,    ///< misses some; recorded on the others. resilver() brings it back
    filling,  ///< resilver() is at work
};

/// What was found at open.
struct repository_open_report {
    boost::uuids::uuid set{};
    repository_generation generation;  ///< of the new owner
    repository_owner previous_owner;
    bool closed_clean = false;  ///< by the previous owner
    std::uint64_t records = 0;
    std::uint64_t replayed_log_records = 0;
    bool torn_tail = false;  ///< a log record was being written when the last owner ended
    std::array<copy_condition, repository_copies_max> copies{};
    std::vector<std::string> remarks;  ///< what was wrong with copies, and is repaired now
};

enum class repository_state : std::uint8_t {
    open,
    lost,  ///< no copy is left that can be written: every commit fails
    closing,
    closed,
};

/// What has gone through a repository since it was opened.
struct repository_statistics {
    std::uint64_t commits = 0;      ///< that became durable
    std::uint64_t failed = 0;       ///< that did not
    std::uint64_t changes = 0;      ///< of the commits
    std::uint64_t log_records = 0;  ///< each of one commit or more
    std::uint64_t log_bytes = 0;    ///< written to each copy
    std::uint64_t commits_per_record_max = 0;
    std::uint64_t checkpoints = 0;
    std::uint64_t checkpoint_bytes = 0;
    std::uint64_t superblocks = 0;     ///< written, on all copies together
    std::uint64_t waits_for_room = 0;  ///< log records that waited for a checkpoint
    std::uint64_t copies_lost = 0;
    std::uint64_t records = 0;  ///< in the repository now
    std::uint64_t record_bytes = 0;
    std::uint64_t capacity_bytes = 0;
    latency_histogram commit_latency{};  ///< from commit() to its answer
};

class device_repository;

/// Makes an empty repository, in its owner's memory until `done`.
struct repository_format_op {
    repository_format_options options;
    std::vector<block_device*> copies;  ///< one to three, all of one loop
    std::pmr::memory_resource* memory = nullptr;
    void (*done)(repository_format_op& op) noexcept = nullptr;
    std::optional<failure> error;                ///< nothing: it is there, closed and empty
    boost::uuids::uuid set{};                    ///< what it is called from now on
    std::unique_ptr<device_repository> working;  // the library's
    struct refusal : loop_task {
        repository_format_op* op = nullptr;
    } refused;  // the library's
};

/// Opens a repository, in its owner's memory until `done`.
struct repository_open_op {
    repository_open_options options;
    std::vector<block_device*> copies;  ///< in any order, all of one loop; outlive the repository
    void (*done)(repository_open_op& op) noexcept = nullptr;
    std::optional<failure> error;
    std::unique_ptr<device_repository> opened;  ///< unless there is an error
    repository_open_report report;
    struct refusal : loop_task {
        repository_open_op* op = nullptr;
    } refused;  // the library's
};

/// Closes a repository, in its owner's memory until `done`.
struct repository_close_op {
    void (*done)(repository_close_op& op) noexcept = nullptr;
    std::optional<failure> error;  ///< the clean mark could not be written
};

/// Brings a stale copy back, in its owner's memory until `done`.
struct repository_resilver_op : loop_task {
    unsigned copy = 0;               ///< its index
    block_device* device = nullptr;  ///< null: the one that it had
    bool overwrite = false;          ///< the device may carry something else; that is lost
    void (*done)(repository_resilver_op& op) noexcept = nullptr;
    std::optional<failure> error;
};

/// A repository on devices. Every copy that is not recorded as stale has every answered commit.
///
/// A commit is answered when its log record is durable on all current copies; commits that arrive
/// meanwhile share the next record. A copy that fails is recorded as stale on all others before
/// anything more is answered. docs/repository-format.md has the format and the order of writes.
///
/// Threads:    the loop's.
/// Lifetime:   the devices outlive it; close it before destroying it, also after it was lost.
/// Allocates:  for new keys and longer values, in commit() and after it; running out of memory or
///             of room fails the commit. A value that does not grow allocates nothing.
class CIMREP_API device_repository final : public repository {
public:
    /// @pre     `op.copies` is not empty and has no device twice.
    /// @errors  in op.error: errc::out_of_bounds (too small), errc::element_in_use (there is a
    ///          repository already), errc::repository_version (features that are not known), and
    ///          what a device reports.
    static void format(repository_format_op& op);

    /// Reads all copies, believes the newest, and writes the others anew where they are behind.
    ///
    /// @errors  in op.error: errc::repository_absent, _damaged, _version, _incomplete, _diverged,
    ///          errc::foreign_signature (copies of several repositories, or not the expected one),
    ///          errc::repository_lost, std::errc::not_enough_memory, and what a device reports.
    static void open(repository_open_op& op);

    ~device_repository() override;

    /// @errors  errc::over_budget (the records would not fit; one commit is too long for the log),
    ///          errc::repository_lost, errc::closed, std::errc::not_enough_memory.
    void commit(commit_op& op) noexcept override;
    bool durable() const noexcept override { return true; }
    /// As its superblocks say. A repository that an earlier version made has fewer than the newest;
    /// upgrade_repository() adds them.
    repository_features features() const noexcept override;
    std::optional<std::span<const std::byte>> find(const record_key& key) const override;
    void for_each(record_kind kind, const record_visitor& visit) const override;
    void for_each(record_kind kind, std::uint64_t owner,
                  const record_visitor& visit) const override;
    /// Visits every record, also of kinds that this version does not know.
    void for_each(const record_visitor& visit) const;

    /// Rewrites a stale copy whole while commits go on, then takes it back.
    ///
    /// @errors  in op.error: errc::invalid_argument (not a stale copy), errc::out_of_bounds,
    ///          errc::foreign_signature, errc::element_in_use (another one is being filled),
    ///          errc::closed, errc::repository_lost, and what the device reports.
    void resilver(repository_resilver_op& op);

    /// Waits for the commits that were made, then writes the clean mark. Later commits fail.
    void close(repository_close_op& op);

    repository_state state() const noexcept;
    unsigned copy_count() const noexcept;
    copy_condition condition(unsigned copy) const noexcept;
    /// Why a copy is stale, if it failed since the repository was opened.
    error_code copy_error(unsigned copy) const noexcept;
    std::uint64_t commit_bytes_max() const noexcept override;
    repository_statistics statistics() const noexcept;

    struct implementation;
    explicit device_repository(std::unique_ptr<implementation> parts) noexcept;

private:
    std::unique_ptr<implementation> parts_;
};

}  // namespace cimrep::inline v0
