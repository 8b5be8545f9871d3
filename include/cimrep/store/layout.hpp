// store/layout.hpp -- what lies where on a copy of a repository.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/error.hpp>
#include <cimrep/base/units.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace cimrep::inline v0 {

/// The unit of everything on a copy: superblocks, log records and checkpoints begin at multiples.
inline constexpr std::size_t store_block_bytes = 4096;

/// Where the areas of a copy lie: two superblocks, the log, two checkpoint areas, without gaps.
///
/// Unit:       bytes from the start of the device.
/// Invariant:  sound(): multiples of the block, in this order, none empty.
struct repository_layout {
    static constexpr std::uint64_t superblock_count = 2;
    static constexpr std::uint64_t log_offset_bytes = superblock_count * store_block_bytes;
    static constexpr std::uint64_t log_bytes_min = 4 * store_block_bytes;
    static constexpr std::uint64_t log_bytes_max = 64 * mib;
    static constexpr std::uint64_t size_bytes_max = 16 * gib;
    static constexpr std::uint64_t record_bytes_max = 256 * kib;

    std::uint64_t log_bytes = 0;
    std::uint64_t checkpoint_bytes = 0;  ///< of each of the two areas

    constexpr byte_extent log() const noexcept { return {log_offset_bytes, log_bytes}; }
    constexpr byte_extent checkpoint(unsigned area) const noexcept
    {
        return {log_offset_bytes + log_bytes + area * checkpoint_bytes, checkpoint_bytes};
    }
    constexpr std::uint64_t size_bytes() const noexcept { return checkpoint(1).end_bytes(); }

    /// What records may take, encoded. Less than an area holds: a checkpoint is written while
    /// commits go on, and may contain what the log gained meanwhile as well.
    constexpr std::uint64_t capacity_bytes() const noexcept
    {
        return checkpoint_bytes - store_block_bytes - log_bytes;
    }

    /// The longest log record with its header. Four of them fit into the log.
    constexpr std::uint64_t log_record_bytes_max() const noexcept
    {
        return std::min(record_bytes_max, log_bytes / 4 / store_block_bytes * store_block_bytes);
    }

    constexpr bool sound() const noexcept
    {
        return log_bytes % store_block_bytes == 0 && checkpoint_bytes % store_block_bytes == 0 &&
               log_bytes >= log_bytes_min && log_bytes <= log_bytes_max &&
               checkpoint_bytes >= log_bytes + 2 * store_block_bytes &&
               checkpoint_bytes <= size_bytes_max / 2 && size_bytes() <= size_bytes_max;
    }

    /// Divides a device. With `wanted_log_bytes` 0 the log gets an eighth, at most 16 MiB.
    ///
    /// @errors  errc::out_of_bounds if the device is too small for it.
    static result<repository_layout> divide(std::uint64_t size_bytes,
                                            std::uint64_t wanted_log_bytes = 0)
    {
        const auto down = [](std::uint64_t bytes) {
            return bytes / store_block_bytes * store_block_bytes;
        };
        const std::uint64_t size = std::min(size_bytes, size_bytes_max);
        repository_layout made;
        made.log_bytes =
            down(wanted_log_bytes != 0 ? std::min(wanted_log_bytes, log_bytes_max)
                                       : std::clamp(size / 8, log_bytes_min, 16 * mib));
        if (size < log_offset_bytes || size - log_offset_bytes < made.log_bytes)
            return errc::out_of_bounds;
        made.checkpoint_bytes = down((size - log_offset_bytes - made.log_bytes) / 2);
        if (!made.sound()) return errc::out_of_bounds;
        return made;
    }

    friend bool operator==(const repository_layout&, const repository_layout&) = default;
};

}  // namespace cimrep::inline v0
