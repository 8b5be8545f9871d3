// store/superblock.hpp -- the block by which a copy of a repository is known, and its codec.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/error.hpp>
#include <cimrep/store/features.hpp>
#include <cimrep/store/layout.hpp>

#include <boost/uuid/uuid.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cimrep::inline v0 {

/// The copies that one repository has at most.
inline constexpr unsigned repository_copies_max = 3;

/// The version of the format that this library writes.
inline constexpr std::uint32_t repository_format = 1;

/// One generation of a repository: it changes when it is opened and when a copy leaves or returns.
///
/// The tag is random: copies that went on without each other have the same number at most.
struct repository_generation {
    std::uint64_t number = 0;
    std::uint64_t tag = 0;
    friend bool operator==(const repository_generation&, const repository_generation&) = default;
};

/// Who has, or last had, a repository open.
///
/// Unit:  texts of at most repository_owner_text_max bytes; longer ones are cut when written.
struct repository_owner {
    std::uint64_t incarnation = 0;  ///< how often the repository was opened; the store counts
    std::string boot_id;            ///< of the system, as the opener knows it
    std::string name;               ///< what a human recognises: program, process, host
    friend bool operator==(const repository_owner&, const repository_owner&) = default;
};
inline constexpr std::size_t repository_owner_text_max = 127;

/// What a superblock says.
///
/// Invariant:  what decode_superblock() returns: copy_index < copy_count <= 3, the masks name
///             existing copies, the layout is sound, the replay position lies in the log, and the
///             history descends from below the generation.
struct superblock {
    static constexpr std::size_t history_max = 64;

    repository_features features;
    boost::uuids::uuid set{};          ///< of the repository; the same on every copy
    std::uint64_t position = 0;        ///< where on the device this block belongs, in bytes
    std::uint64_t sequence = 0;        ///< of the superblocks of this copy; the higher one counts
    std::uint8_t copy_index = 0;       ///< which copy this is
    std::uint8_t copy_count = 1;       ///< how many there are
    std::uint8_t stale_copies = 0;     ///< bit i: copy i misses commits that others have
    bool clean = false;                ///< closed in order; nothing was in flight
    std::uint8_t checkpoint_area = 0;  ///< 0 or 1
    repository_generation generation;
    std::vector<repository_generation> history;  ///< the generations before, newest first
    repository_layout layout;
    std::uint64_t life = 0;               ///< random, new at each open; only its records count
    std::uint64_t checkpoint_number = 0;  ///< of the current one; counts from the life on
    std::uint64_t replay_sequence = 0;    ///< of the first log record after it
    std::uint64_t replay_position = 0;    ///< where that is, or the log's start if it does not fit
    std::uint64_t last_sequence = 0;      ///< if clean: of the last log record
    repository_owner owner;

    bool stale(unsigned copy) const noexcept { return (stale_copies >> copy & 1u) != 0; }
    friend bool operator==(const superblock&, const superblock&) = default;
};

/// Writes `from` into a block of store_block_bytes, with its checksum.
///
/// Allocates:  never.
CIMREP_API void encode(const superblock& from, std::span<std::byte> block) noexcept;

/// Reads the superblock that belongs at `position_bytes` of a device.
///
/// @param block  store_block_bytes of anything.
/// @errors  errc::repository_absent (the magic is not there), errc::repository_damaged,
///          errc::repository_version (a later version, or features that are not known).
CIMREP_API result<superblock> decode_superblock(std::span<const std::byte> block,
                                                std::uint64_t position_bytes);

}  // namespace cimrep::inline v0
