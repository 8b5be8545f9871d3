// store/leg_label.hpp -- the block on a leg that says whose it is, and how far it has come.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/config.hpp>
#include <cimrep/store/layout.hpp>

#include <boost/uuid/uuid.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace cimrep::inline v0 {

/// What a leg says of itself, outside the data that it holds.
///
/// A label tells an older copy of a leg, another leg and a blank device from the one that the
/// repository means, and an older copy of the repository from the one that the legs have seen.
struct leg_label {
    boost::uuids::uuid set{};       ///< of the volume: the same on all of its legs
    std::uint64_t slot = 0;         ///< of the leg in its volume
    std::uint64_t generation = 0;   ///< of the in-sync set that the leg was a member of
    std::uint64_t incarnation = 0;  ///< of the process that wrote it: a random number
    std::uint64_t place_bytes = 0;  ///< where on its device it lies
    friend bool operator==(const leg_label&, const leg_label&) = default;
};

/// What a block that should be a label is.
enum class label_finding : std::uint8_t {
    label,    ///< one that this version reads, in its place
    blank,    ///< zeros
    foreign,  ///< something else, a damaged label, one of a later version or of another place
};

/// @pre  `block` has store_block_bytes.
CIMREP_API void encode(const leg_label& from, std::span<std::byte> block) noexcept;

/// Reads a block that was found at `place_bytes`; total: any bytes are one of the findings.
///
/// @pre  `block` has store_block_bytes.
CIMREP_API label_finding decode_leg_label(std::span<const std::byte> block,
                                          std::uint64_t place_bytes, leg_label& to) noexcept;

/// Where the label of a leg lies: the last whole block of its device, if that is none of the
/// volume's data; otherwise 0, and the leg has no label.
constexpr std::uint64_t label_place_of(std::uint64_t device_bytes,
                                       std::uint64_t volume_bytes) noexcept
{
    const std::uint64_t blocks = device_bytes / store_block_bytes;
    if (blocks == 0) return 0;
    const std::uint64_t last = (blocks - 1) * store_block_bytes;
    return last >= volume_bytes ? last : 0;
}

}  // namespace cimrep::inline v0
