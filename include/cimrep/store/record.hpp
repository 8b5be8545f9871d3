// store/record.hpp -- the unit of what a repository keeps: bytes under a key.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/config.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>

namespace cimrep::inline v0 {

/// What a record is about. A repository keeps and carries kinds that it does not know.
///
/// Values are part of the format of a repository: append only.
enum class record_kind : std::uint16_t {
    hot_extents = 1,         ///< a mark: the extent, by index, that a slot of the hot set has
    leg_state = 2,           ///< who is in the in-sync set of a volume
    relationship_state = 3,  ///< a relationship: its CopyState, its progress, its settings
    volume_state = 4,        ///< a volume: its shape and its legs
    map_page = 5,            ///< a page of a leg's map of differences
    leg_evidence = 6,        ///< who a volume is to its legs, and the labels they were given
    content_sample = 7,      ///< the checksum of a place of a volume, until that is written again
    job_outcome = 8,         ///< a job: what it waits for, and how it ended
    pool_state = 9,          ///< a pool of what points in time keep: its element
    points_in_time = 10,     ///< a point in time of a volume; with index 0: what all have in common
    exceptions = 11,         ///< a batch of what a volume has kept in its pool, and where
};

/// Where a record is found: its kind, whose it is, and which of that owner's.
///
/// Order:  by kind, then owner, then index: the order in which records are visited.
struct record_key {
    record_kind kind{};
    std::uint64_t owner = 0;
    std::uint64_t index = 0;
    friend constexpr auto operator<=>(const record_key&, const record_key&) = default;
};

/// The longest value of one record.
inline constexpr std::size_t record_value_bytes_max = 16 * 1024;

/// One step of a commit: a record gets a value, or goes.
///
/// Lifetime:  the value belongs to the owner of the commit and stays until that is done.
struct record_change {
    record_key key;
    std::span<const std::byte> value;  ///< as its owner encodes it; may be empty
    bool erase = false;                ///< the record goes; legal if there is none
};

}  // namespace cimrep::inline v0
