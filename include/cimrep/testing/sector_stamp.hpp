// testing/sector_stamp.hpp -- sectors that say themselves who wrote them, where and when.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/config.hpp>
#include <cimrep/base/units.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace cimrep::inline v0 {

/// What a stamped sector says about itself.
///
/// Unit:  sectors of `stamp_sector_bytes`, whatever the logical block of the device.
struct sector_stamp {
    std::uint64_t volume_id = 0;
    std::uint64_t sector = 0;          ///< where it was meant to lie
    std::uint64_t write_id = 0;        ///< of the write that brought it; never 0
    std::uint32_t index_in_write = 0;  ///< 0 for the first sector of its write
    monotonic_time time{};             ///< of the write's submission
    friend bool operator==(const sector_stamp&, const sector_stamp&) = default;
};

inline constexpr std::size_t stamp_sector_bytes = 512;

/// Writes the stamp over a whole sector: magic, fields, a 64-bit CRC of them, and a filler that
/// they determine, so that a change of any bit is noticed.
///
/// @pre  `to` has stamp_sector_bytes.
CIMREP_API void write_stamp(const sector_stamp& stamp, std::span<std::byte> to) noexcept;

/// What the bytes of a sector are, before anyone asks whether they are right.
enum class sector_content : std::uint8_t {
    stamped,  ///< a whole stamp
    zero,     ///< zeros throughout
    torn,  ///< the head of a stamp over something else: bits rotted, or less than a sector written
    garbage,  ///< anything else
};

/// A sector as read_stamp() has found it. The stamp is set if the content is stamped or torn.
struct found_sector {
    sector_content content = sector_content::garbage;
    sector_stamp stamp{};
};

/// @pre  `from` has stamp_sector_bytes.
CIMREP_API found_sector read_stamp(std::span<const std::byte> from) noexcept;

/// What a sector holds, compared with what it should.
enum class sector_class : std::uint8_t {
    expected,
    old,           ///< of an earlier write than the expected one
    future,        ///< of a later write
    wrong_sector,  ///< written for another place: misdirected
    wrong_volume,  ///< written for another volume
    torn,
    garbage,
    zero,  ///< zeros, where a stamp was expected
};

/// Compares by write id: of two writes to one sector the later one has the greater id.
CIMREP_API sector_class classify(const found_sector& found, std::uint64_t volume_id,
                                 std::uint64_t sector, std::uint64_t write_id) noexcept;

/// "write 12 of sector 7" or "zeros"; for the message of a failing test. Allocates.
CIMREP_API std::string describe(const found_sector& found);
CIMREP_API const char* to_string(sector_class which) noexcept;

}  // namespace cimrep::inline v0
