// lib/store/copy_reader.hpp -- reads one copy of a repository and says what it is worth.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/block_device.hpp>
#include <cimrep/store/checkpoint_header.hpp>
#include <cimrep/store/superblock.hpp>

#include "log_scan.hpp"
#include "record_map.hpp"
#include <array>
#include <memory_resource>
#include <optional>
#include <string>
#include <vector>

namespace cimrep::inline v0 {

/// What a copy was found to be.
struct copy_findings {
    std::array<error_code, 2> superblock_errors{};  ///< of each slot; none: it is valid
    std::array<std::optional<superblock>, 2> slots;
    bool blank = false;   ///< both slots hold nothing but zeros
    bool loaded = false;  ///< checkpoint and log were read
    error_code error;     ///< why what was loaded is not whole; none: it is
    std::string problem;  ///< the same as a sentence
    checkpoint_header checkpoint;
    log_findings log;
    std::uint64_t unreadable_log_blocks = 0;
    bool log_read_in_blocks = false;  ///< since an attempt to read more at once has failed

    /// The newest valid superblock, or nullptr.
    const superblock* newest() const noexcept;
    unsigned newest_slot() const noexcept;
    /// Why there is none.
    error_code superblock_error() const noexcept;
    bool whole() const noexcept { return loaded && !error; }
};

/// One transfer after the other, from a device that the caller keeps.
///
/// Invariant:  one op is in flight from start until `done`.
/// Allocates:  what it reads; std::errc::not_enough_memory ends it.
class copy_reader {
public:
    using completion = void (*)(copy_reader& self) noexcept;

    copy_reader() noexcept = default;
    copy_reader(const copy_reader&) = delete;

    /// Reads the superblocks into findings().
    void read_superblocks(block_device& device, completion done, void* context);
    /// Then the checkpoint and the log of the newest one, into `records`.
    ///
    /// @pre  there is a newest superblock.
    void load(record_map& records, completion done);

    copy_findings& findings() noexcept { return findings_; }
    block_device& device() const noexcept { return *device_; }
    void* context = nullptr;

private:
    struct read_op : io_op {
        copy_reader* self = nullptr;
    };
    using step = void (copy_reader::*)(error_code error);

    void start(std::uint64_t offset, step then) noexcept;
    void read(std::uint64_t offset, std::uint64_t bytes, step then);
    void read_next_part();
    void part_read(error_code error) noexcept;
    void finish(error_code error = {}, std::string problem = {}) noexcept;
    void have_slot(error_code error);
    void have_checkpoint_header(error_code error);
    void have_checkpoint(error_code error);
    void read_log();
    void have_log(error_code error);
    void judge_log();
    void lose_content(error_code error, std::string problem);
    result<> take_records();
    void guarded(step what, error_code error) noexcept;

    block_device* device_ = nullptr;
    record_map* records_ = nullptr;
    completion done_ = nullptr;
    copy_findings findings_;
    unsigned slot_ = 0;
    read_op op_;
    step then_ = nullptr;
    std::uint64_t offset_ = 0;
    std::uint64_t read_bytes_ = 0;
    std::vector<std::byte> memory_;
    // A log is read around what cannot be: block by block up to here, where a part has failed.
    bool reads_around_ = false;
    std::uint64_t single_blocks_end_ = 0;
    std::vector<std::uint64_t> unreadable_;  ///< positions on the device
    unsigned unreadable_in_a_row_ = 0;
};

}  // namespace cimrep::inline v0
