// lib/store/log_scan.hpp -- reads a log area: what follows a checkpoint, and whether that is all.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/error.hpp>
#include <cimrep/store/log_entry.hpp>
#include <cimrep/store/superblock.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace cimrep::inline v0 {

/// What was found in a log area.
struct log_findings {
    std::uint64_t records = 0;        ///< that follow the checkpoint without a gap
    std::uint64_t last_sequence = 0;  ///< of the last of them, or of what the checkpoint contains
    std::uint64_t next_position = 0;  ///< behind the last of them
    byte_extent next_record;  ///< of something there that says to be the next, and is not whole
    std::uint64_t newest_sequence = 0;  ///< of any record of this life; above last: there is a hole
    bool next_may_be_first = false;     ///< too long a record would lie at the start of the area
    bool torn = false;  ///< something that is no record lies where the next one would

    bool hole() const noexcept { return newest_sequence > last_sequence; }
    /// Whether the next record may lie in the block at `position`, which could not be read. One
    /// whose first block can be read, and is none of it, was never whole; but bad blocks come in
    /// runs, and one beside a bad block may have been replaced since.
    bool may_go_on(std::uint64_t position) const noexcept
    {
        if (position == next_position || position == next_position + store_block_bytes) return true;
        if (position == repository_layout::log_offset_bytes && next_may_be_first) return true;
        return position >= next_record.offset_bytes && position < next_record.end_bytes();
    }
};

/// Visits the records that follow the checkpoint of `block`, in order; then looks whether any later
/// one lies in the area, which means that one before it was lost.
///
/// @param log    the whole log area.
/// @param visit  may refuse a record with an error, which ends the scan.
result<log_findings> scan_log(std::span<const std::byte> log, const superblock& block,
                              const std::function<result<>(const log_entry&)>& visit);

}  // namespace cimrep::inline v0
