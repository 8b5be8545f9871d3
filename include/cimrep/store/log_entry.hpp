// store/log_entry.hpp -- one write of the log, its header and its codec.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/error.hpp>
#include <cimrep/store/layout.hpp>

#include <boost/uuid/uuid.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace cimrep::inline v0 {

/// What stands before the changes of a log record.
struct log_header {
    static constexpr std::size_t encoded_bytes = 64;

    boost::uuids::uuid set{};
    std::uint64_t position = 0;  ///< where on the device the record belongs, in bytes
    std::uint64_t sequence = 0;  ///< one more than that of the record before
    std::uint64_t life = 0;      ///< of the opener that wrote it
    std::uint32_t payload_bytes = 0;
    std::uint32_t changes = 0;
    friend bool operator==(const log_header&, const log_header&) = default;

    /// What the record takes in the log: whole blocks.
    constexpr std::uint64_t record_bytes() const noexcept
    {
        const std::uint64_t bytes = encoded_bytes + std::uint64_t{payload_bytes};
        return (bytes + store_block_bytes - 1) / store_block_bytes * store_block_bytes;
    }
};

/// Writes the header, with the checksum over it and the payload that follows in `record` already.
///
/// @pre  `record` holds header and payload.
CIMREP_API void encode(const log_header& from, std::span<std::byte> record) noexcept;

/// A log record in somebody's memory.
struct log_entry {
    log_header header;
    std::span<const std::byte> payload;
};

/// Reads what `bytes` begin with as a header, of which nothing is proven.
///
/// @errors  errc::repository_absent (no magic), errc::repository_damaged (too short).
CIMREP_API result<log_header> peek_log_header(std::span<const std::byte> bytes) noexcept;

/// Reads the record that begins with `bytes`, which may go on beyond it or end within it.
///
/// @errors  errc::repository_absent (no magic), errc::repository_damaged.
CIMREP_API result<log_entry> decode_log_record(std::span<const std::byte> bytes) noexcept;

}  // namespace cimrep::inline v0
