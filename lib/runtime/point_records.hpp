// lib/runtime/point_records.hpp -- pools, points in time and what they keep as records.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/engine/exception.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cimrep::inline v0 {

/// A pool as it is known without its device. Its key has its number as owner.
struct pool_record {
    std::string element;  ///< the text of its object path
    std::string identity;
    std::uint64_t size_bytes = 0;
    friend bool operator==(const pool_record&, const pool_record&) = default;
};

/// What the points in time of a volume have in common: the record with index 0 of its owner.
struct points_record {
    std::uint64_t epoch = 0;
    std::uint64_t pool = 0;  ///< its number
    std::uint64_t chunk_bytes = 0;
    friend bool operator==(const points_record&, const points_record&) = default;
};

/// One point in time: its number is the index of its record.
struct point_record {
    wall_time taken_at{};
    bool broken = false;  ///< something that it needs was not kept: nothing of it is shown
    friend bool operator==(const point_record&, const point_record&) = default;
};

using points_value = std::array<std::byte, 24>;
using point_value = std::array<std::byte, 16>;
inline constexpr std::size_t exception_value_bytes = 24;

std::string encode(const pool_record& from);
points_value encode(const points_record& from) noexcept;
point_value encode(const point_record& from) noexcept;
/// @pre  `to` has exception_value_bytes.
void encode(const packed_exception& from, std::span<std::byte> to) noexcept;

/// @errors  errc::repository_damaged, naming what is missing or out of its map.
outcome<pool_record> decode_pool(std::span<const std::byte> bytes);
outcome<points_record> decode_points(std::span<const std::byte> bytes);
outcome<point_record> decode_point(std::span<const std::byte> bytes);
/// One batch; none of it reaches over the end of the longest chunk.
outcome<std::vector<exception>> decode_exceptions(std::span<const std::byte> bytes);

}  // namespace cimrep::inline v0
