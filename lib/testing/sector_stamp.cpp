// lib/testing/sector_stamp.cpp -- a head of seven words, and a filler that follows from them.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/assert.hpp>
#include <cimrep/testing/sector_stamp.hpp>

#include <boost/crc.hpp>
#include <boost/endian/conversion.hpp>
#include <fmt/format.h>

#include <array>
#include <cstring>

namespace cimrep::inline v0 {

namespace {

constexpr std::uint64_t magic = 0x706d617473726963;  // "cirstamp"
constexpr std::size_t words_of_sector = stamp_sector_bytes / 8;

/// Magic, volume, sector, write, index, time, checksum.
constexpr std::size_t words_of_head = 7;
using head = std::array<std::uint64_t, words_of_head>;

// The CRC-64 of ECMA-182, as xz uses it.
using crc64 =
    boost::crc_optimal<64, 0x42f0e1eba9ea3693, ~std::uint64_t{0}, ~std::uint64_t{0}, true, true>;

std::uint64_t checksum_of(const head& words) noexcept
{
    crc64 sum;
    sum.process_bytes(words.data(), (words_of_head - 1) * 8);
    return sum.checksum();
}

std::uint64_t filler(std::uint64_t checksum, std::size_t word) noexcept
{
    std::uint64_t value = (checksum + word) * 0x9e3779b97f4a7c15u;
    return value ^ value >> 29;
}

head head_of(const sector_stamp& stamp) noexcept
{
    head words = {magic,
                  stamp.volume_id,
                  stamp.sector,
                  stamp.write_id,
                  stamp.index_in_write,
                  static_cast<std::uint64_t>(stamp.time.nanoseconds),
                  0};
    for (std::uint64_t& word : words) word = boost::endian::native_to_little(word);
    words.back() = boost::endian::native_to_little(checksum_of(words));
    return words;
}

bool is_zero(std::span<const std::byte> sector) noexcept
{
    static constexpr std::byte zeros[stamp_sector_bytes] = {};
    return std::memcmp(sector.data(), zeros, stamp_sector_bytes) == 0;
}

}  // namespace

void write_stamp(const sector_stamp& stamp, std::span<std::byte> to) noexcept
{
    CIMREP_ASSERT(to.size() == stamp_sector_bytes && stamp.write_id != 0);
    const head words = head_of(stamp);
    std::memcpy(to.data(), words.data(), sizeof words);
    const std::uint64_t checksum = boost::endian::little_to_native(words.back());
    for (std::size_t at = words_of_head; at < words_of_sector; ++at) {
        const std::uint64_t word = boost::endian::native_to_little(filler(checksum, at));
        std::memcpy(to.data() + at * 8, &word, sizeof word);
    }
}

found_sector read_stamp(std::span<const std::byte> from) noexcept
{
    CIMREP_ASSERT(from.size() == stamp_sector_bytes);
    head words;
    std::memcpy(words.data(), from.data(), sizeof words);
    const std::uint64_t checksum = boost::endian::little_to_native(words.back());
    if (boost::endian::little_to_native(words[0]) != magic || checksum != checksum_of(words))
        return {is_zero(from) ? sector_content::zero : sector_content::garbage, {}};
    found_sector found;
    found.stamp = {boost::endian::little_to_native(words[1]),
                   boost::endian::little_to_native(words[2]),
                   boost::endian::little_to_native(words[3]),
                   static_cast<std::uint32_t>(boost::endian::little_to_native(words[4])),
                   {static_cast<std::int64_t>(boost::endian::little_to_native(words[5]))}};
    std::uint64_t different = 0;
    for (std::size_t at = words_of_head; at < words_of_sector; ++at) {
        std::uint64_t word;
        std::memcpy(&word, from.data() + at * 8, sizeof word);
        different |= boost::endian::little_to_native(word) ^ filler(checksum, at);
    }
    found.content = different == 0 ? sector_content::stamped : sector_content::torn;
    return found;
}

sector_class classify(const found_sector& found, std::uint64_t volume_id, std::uint64_t sector,
                      std::uint64_t write_id) noexcept
{
    switch (found.content) {
    case sector_content::zero: return write_id == 0 ? sector_class::expected : sector_class::zero;
    case sector_content::garbage: return sector_class::garbage;
    case sector_content::torn: return sector_class::torn;
    case sector_content::stamped: break;
    }
    if (found.stamp.volume_id != volume_id) return sector_class::wrong_volume;
    if (found.stamp.sector != sector) return sector_class::wrong_sector;
    if (found.stamp.write_id == write_id) return sector_class::expected;
    return found.stamp.write_id < write_id ? sector_class::old : sector_class::future;
}

std::string describe(const found_sector& found)
{
    switch (found.content) {
    case sector_content::zero: return "zeros";
    case sector_content::garbage: return "garbage";
    case sector_content::stamped:
    case sector_content::torn: break;
    }
    return fmt::format("{}write {} (volume {}, sector {}, index {}, at {} ns)",
                       found.content == sector_content::torn ? "torn " : "", found.stamp.write_id,
                       found.stamp.volume_id, found.stamp.sector, found.stamp.index_in_write,
                       found.stamp.time.nanoseconds);
}

const char* to_string(sector_class which) noexcept
{
    constexpr const char* names[] = {"expected",          "old",  "future",  "of another sector",
                                     "of another volume", "torn", "garbage", "zero"};
    return names[static_cast<std::size_t>(which)];
}

}  // namespace cimrep::inline v0
