// testing/disk_fault.hpp -- what may go wrong with one operation of a simulated disk, and when.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/error.hpp>
#include <cimrep/io/io_op.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cimrep::inline v0 {

/// What happens to an operation that a fault strikes.
enum class disk_fault : std::uint8_t {
    transient_error,     ///< it ends with the error; of a write each block may be done or not
    permanent_error,     ///< as above, and so does every later operation of its kind
    latent_sector,       ///< a block of its range cannot be read until it is written again
    short_transfer,      ///< only its first blocks are transferred
    stuck,               ///< it is not answered before release_stuck()
    slow,                ///< it takes `slow_latency` longer
    flush_loses_cache,   ///< a flush fails, and what it should have saved is gone
    write_back_failure,  ///< the next flush fails, and a cached block is given up for it
    capability_lost,     ///< write_zeroes or discard is not supported from now on
    bit_rot,             ///< a bit of its range flips on the medium; nobody says so
    misdirected_write,   ///< it is acknowledged and lies somewhere else
    misdirected_read,    ///< it returns what lies somewhere else
    lost_write,          ///< it is acknowledged and never done
    stale_read,          ///< it returns what lay there before the last write
    lying_flush,         ///< it is acknowledged and saves nothing
};
inline constexpr std::size_t disk_fault_count = 15;

inline constexpr std::array<std::string_view, disk_fault_count> disk_fault_names = {
    "transient_error",
    "permanent_error",
    "latent_sector",
    "short_transfer",
    "stuck",
    "slow",
    "flush_loses_cache",
    "write_back_failure",
    "capability_lost",
    "bit_rot",
    "misdirected_write",
    "misdirected_read",
    "lost_write",
    "stale_read",
    "lying_flush",
};

constexpr std::string_view to_string(disk_fault which) noexcept
{
    return disk_fault_names[static_cast<std::size_t>(which)];
}

/// True for a fault after which the disk has lied: a host without a second copy and checksums
/// cannot notice it. A simulation declares these 'beyond the model'.
constexpr bool is_silent(disk_fault which) noexcept
{
    return which >= disk_fault::bit_rot;
}

/// True if the fault can strike an operation of this kind.
constexpr bool can_strike(disk_fault which, io_kind kind) noexcept
{
    const bool changes = kind != io_kind::read && kind != io_kind::flush;
    switch (which) {
    case disk_fault::transient_error:
    case disk_fault::permanent_error:
    case disk_fault::stuck:
    case disk_fault::slow: return true;
    case disk_fault::latent_sector:
    case disk_fault::bit_rot: return kind != io_kind::flush;
    case disk_fault::short_transfer: return kind == io_kind::read || kind == io_kind::write;
    case disk_fault::flush_loses_cache:
    case disk_fault::lying_flush: return kind == io_kind::flush;
    case disk_fault::write_back_failure: return changes;
    case disk_fault::capability_lost:
        return kind == io_kind::write_zeroes || kind == io_kind::discard;
    case disk_fault::misdirected_write:
    case disk_fault::lost_write: return changes;
    case disk_fault::misdirected_read:
    case disk_fault::stale_read: return kind == io_kind::read;
    }
    return false;
}

/// One line of a script: the nth, and perhaps the next ones, of the operations that it looks at is
/// struck. It looks at those that its fault can strike.
struct disk_fault_rule {
    static constexpr std::uint64_t always = UINT64_MAX;

    disk_fault fault = disk_fault::transient_error;
    std::optional<io_kind> kind{};      ///< nothing: every kind that the fault can strike
    std::uint64_t nth = 1;              ///< the first operation looked at is 1
    std::uint64_t times = 1;            ///< from the nth on, so many; or `always`
    byte_extent extent{0, UINT64_MAX};  ///< only what overlaps it; a flush always does

    /// Of transient_error, permanent_error, flush_loses_cache and capability_lost. Without a value:
    /// errc::not_supported for a lost capability, std::errc::io_error otherwise.
    error_code error{};
};

}  // namespace cimrep::inline v0
