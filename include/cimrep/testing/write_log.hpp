// testing/write_log.hpp -- what a device was told to write, in the order of its becoming durable.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/config.hpp>
#include <cimrep/base/error.hpp>
#include <cimrep/base/units.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace cimrep::inline v0 {

/// The flags of an entry, as dm-log-writes numbers them.
namespace log_flag {
inline constexpr std::uint64_t flush = 1;
inline constexpr std::uint64_t fua = 2;
inline constexpr std::uint64_t discard = 4;
inline constexpr std::uint64_t mark = 8;
}  // namespace log_flag

/// One entry of a write_log.
struct log_entry {
    static constexpr std::uint64_t unknown = UINT64_MAX;

    std::uint64_t flags = 0;        ///< of log_flag; 0: a plain write
    byte_extent extent{};           ///< of a write or a discard
    std::vector<std::byte> data{};  ///< of a write; the text of a mark

    /// When the entry was logged, and when its operation was submitted: moments that all logs of
    /// one power domain count together. The log of another program does not know them.
    std::uint64_t logged = unknown;
    std::uint64_t submitted = unknown;

    bool is(std::uint64_t flag) const noexcept { return (flags & flag) != 0; }
    bool writes() const noexcept { return !is(log_flag::mark) && !extent.empty(); }
    friend bool operator==(const log_entry&, const log_entry&) = default;
};

/// The entries of one device.
///
/// The order is that of dm-log-writes, the worst case that a device may make of what it was told:
/// a write with FUA stands where it completed; others stand just before the entry of the first
/// flush that was submitted after their completion, in the order of completion. So all that stands
/// before a flush is durable when that flush has ended, and nothing else need be.
struct write_log {
    std::uint32_t sector_bytes = 512;  ///< the unit of extents in the encoded form
    std::vector<log_entry> entries{};

    /// Index of the first mark with this text from `from` on; entries.size() if there is none.
    std::size_t find_mark(std::string_view text, std::size_t from = 0) const noexcept;
    friend bool operator==(const write_log&, const write_log&) = default;
};

/// The log as dm-log-writes puts it on its log device, so that replay-log of xfstests reads it.
///
/// Grammar, little-endian, in sectors of `sector_bytes`:
///     log        = superblock entry*
///     superblock = magic:u64 (0x6a736677736872) version:u64 (1) entries:u64 sector_bytes:u32
///     entry      = sector:u64 sectors:u64 flags:u64 data_bytes:u64 [text] [moments], then the data
/// The text of a mark stands in its entry's own sector. So do the moments of other entries: in the
/// last 24 bytes {0x676f6c7065726d69:u64 logged:u64 submitted:u64}, which others ignore.
///
/// Allocates:  the result.
CIMREP_API std::vector<std::byte> encode(const write_log& log);

/// @errors  errc::invalid_argument if it is no such log, is cut short, or contradicts itself.
CIMREP_API result<write_log> decode_write_log(std::span<const std::byte> bytes);

}  // namespace cimrep::inline v0
