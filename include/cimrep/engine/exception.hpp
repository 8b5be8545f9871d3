// engine/exception.hpp -- old content of a volume that was kept in a pool when it was overwritten.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/units.hpp>

#include <compare>
#include <cstdint>

namespace cimrep::inline v0 {

/// What is preserved and freed at a time, and the unit of the numbers below.
inline constexpr std::uint64_t sub_block_bytes = 4 * kib;

/// Chunks of a volume, and the places of its pool, are counted in sub-blocks.
inline constexpr std::uint32_t chunk_sub_blocks_max = 256;

/// A run of sub-blocks of one chunk, preserved under one epoch, that lie in one run of the pool.
///
/// Unit:       sub-blocks, but for `chunk`, which counts chunks, and `epoch`.
/// Invariant:  of one chunk and epoch no two runs overlap; count is not 0, and the run ends within
///             its chunk.
struct exception {
    std::uint64_t chunk = 0;
    std::uint64_t epoch = 0;
    std::uint16_t first = 0;  ///< of the chunk
    std::uint16_t count = 0;
    std::uint64_t place = 0;  ///< in the pool, of the first

    constexpr std::uint32_t end() const noexcept { return std::uint32_t{first} + count; }
    constexpr bool has(std::uint32_t sub_block) const noexcept
    {
        return sub_block >= first && sub_block < end();
    }
    friend bool operator==(const exception&, const exception&) = default;
};

/// The order of an index: those of a chunk are together, the earlier epochs first.
constexpr bool comes_before(const exception& a, const exception& b) noexcept
{
    if (a.chunk != b.chunk) return a.chunk < b.chunk;
    if (a.epoch != b.epoch) return a.epoch < b.epoch;
    return a.first < b.first;
}

/// True if `b` goes on where `a` ends, in the volume and in the pool, so that both may be one.
constexpr bool continues(const exception& a, const exception& b) noexcept
{
    return a.chunk == b.chunk && a.epoch == b.epoch && a.end() == b.first &&
           a.place + a.count == b.place;
}

/// An exception as an index holds it, in memory and on a disk: 24 bytes.
struct packed_exception {
    std::uint64_t where = 0;  ///< chunk, first and count less one
    std::uint64_t epoch = 0;
    std::uint64_t place = 0;

    static constexpr std::uint64_t chunk_max = (std::uint64_t{1} << 48) - 1;

    friend bool operator==(const packed_exception&, const packed_exception&) = default;
};

constexpr packed_exception pack(const exception& from) noexcept
{
    const std::uint64_t run =
        std::uint64_t{from.first} << 8 | (static_cast<std::uint64_t>(from.count) - 1);
    return {from.chunk << 16 | run, from.epoch, from.place};
}
constexpr exception unpack(const packed_exception& from) noexcept
{
    return {from.where >> 16, from.epoch, static_cast<std::uint16_t>(from.where >> 8 & 0xff),
            static_cast<std::uint16_t>((from.where & 0xff) + 1), from.place};
}
constexpr bool comes_before(const packed_exception& a, const packed_exception& b) noexcept
{
    return comes_before(unpack(a), unpack(b));
}

}  // namespace cimrep::inline v0
