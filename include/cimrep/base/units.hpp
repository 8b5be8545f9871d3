// base/units.hpp -- bytes, extents and times that cannot be mistaken for one another.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/config.hpp>

#include <algorithm>
#include <compare>
#include <cstdint>

namespace cimrep::inline v0 {

inline constexpr std::uint64_t kib = 1024;
inline constexpr std::uint64_t mib = 1024 * kib;
inline constexpr std::uint64_t gib = 1024 * mib;
inline constexpr std::uint64_t tib = 1024 * gib;

/// A half-open run of bytes on a device: [offset, offset + length).
///
/// Unit:  bytes. An empty extent has length 0 and touches nothing.
struct byte_extent {
    std::uint64_t offset_bytes = 0;
    std::uint64_t length_bytes = 0;

    constexpr std::uint64_t end_bytes() const noexcept { return offset_bytes + length_bytes; }
    constexpr bool empty() const noexcept { return length_bytes == 0; }
    constexpr bool overlaps(byte_extent other) const noexcept
    {
        return offset_bytes < other.end_bytes() && other.offset_bytes < end_bytes() && !empty() &&
               !other.empty();
    }
    constexpr bool contains(byte_extent other) const noexcept
    {
        return offset_bytes <= other.offset_bytes && other.end_bytes() <= end_bytes();
    }
    friend constexpr bool operator==(byte_extent, byte_extent) = default;
};

/// True if [offset, offset + length) lies within `size_bytes`, without overflow.
constexpr bool within(std::uint64_t offset_bytes, std::uint64_t length_bytes,
                      std::uint64_t size_bytes) noexcept
{
    return length_bytes <= size_bytes && offset_bytes <= size_bytes - length_bytes;
}

/// A span of time in nanoseconds.
struct duration {
    std::int64_t nanoseconds = 0;
    friend constexpr auto operator<=>(duration, duration) = default;
};
constexpr duration milliseconds(std::int64_t n) noexcept
{
    return {n * 1'000'000};
}
constexpr duration seconds(std::int64_t n) noexcept
{
    return {n * 1'000'000'000};
}

/// An instant of a loop's monotonic clock. Comparable only with instants of the same loop.
struct monotonic_time {
    std::int64_t nanoseconds = 0;
    friend constexpr auto operator<=>(monotonic_time, monotonic_time) = default;
    friend constexpr monotonic_time operator+(monotonic_time t, duration d) noexcept
    {
        return {t.nanoseconds + d.nanoseconds};
    }
    friend constexpr duration operator-(monotonic_time a, monotonic_time b) noexcept
    {
        return {a.nanoseconds - b.nanoseconds};
    }
};

/// An instant of the wall clock: nanoseconds since 1970-01-01 UTC. 0 means 'never'.
struct wall_time {
    std::int64_t nanoseconds = 0;
    constexpr bool is_set() const noexcept { return nanoseconds != 0; }
    friend constexpr auto operator<=>(wall_time, wall_time) = default;
};

}  // namespace cimrep::inline v0
