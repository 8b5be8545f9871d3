// store/checkpoint_header.hpp -- the block before the records of a checkpoint, and its codec.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/error.hpp>
#include <cimrep/store/layout.hpp>

#include <boost/uuid/uuid.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace cimrep::inline v0 {

/// What a checkpoint says of itself. Its records follow in the next block.
struct checkpoint_header {
    boost::uuids::uuid set{};
    std::uint64_t position = 0;  ///< where on the device this block belongs, in bytes
    std::uint64_t number = 0;    ///< one more than that of the one before; from the life on
    std::uint64_t records = 0;
    std::uint64_t payload_bytes = 0;
    std::uint32_t payload_checksum = 0;  ///< CRC32C
    friend bool operator==(const checkpoint_header&, const checkpoint_header&) = default;
};

/// Writes the header into a block of store_block_bytes, with its own checksum.
CIMREP_API void encode(const checkpoint_header& from, std::span<std::byte> block) noexcept;

/// Reads the header that belongs at `position_bytes` of a device.
///
/// @param block  store_block_bytes of anything.
/// @errors  errc::repository_absent (no magic), errc::repository_damaged.
CIMREP_API result<checkpoint_header> decode_checkpoint_header(
    std::span<const std::byte> block, std::uint64_t position_bytes) noexcept;

}  // namespace cimrep::inline v0
