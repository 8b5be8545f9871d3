// test/testing/sector_stamp_test.cpp -- every bit of a stamped sector counts.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/testing/sector_stamp.hpp>
#include <cimrep/testing/seeded_random.hpp>

#include "catch.hpp"
#include <algorithm>
#include <vector>

using namespace cimrep;

namespace {

constexpr sector_stamp stamp{7, 1234, 99, 3, {5'000'000'017}};

std::vector<std::byte> stamped(const sector_stamp& with)
{
    std::vector<std::byte> sector(stamp_sector_bytes);
    write_stamp(with, sector);
    return sector;
}

}  // namespace

TEST_CASE("a stamp is read back as it was written")
{
    const found_sector found = read_stamp(stamped(stamp));
    REQUIRE(found.content == sector_content::stamped);
    REQUIRE(found.stamp == stamp);
    REQUIRE_THAT(describe(found), Catch::Matchers::ContainsSubstring("write 99"));
}

TEST_CASE("the format of a stamp on disk does not change")
{
    const auto sector = stamped(stamp);
    std::string head;
    for (std::size_t i = 0; i < 60; ++i) {
        constexpr char digits[] = "0123456789abcdef";
        head += digits[static_cast<unsigned>(sector[i]) >> 4];
        head += digits[static_cast<unsigned>(sector[i]) & 15];
    }
    REQUIRE(head ==
            "6369727374616d70"
            "0700000000000000"
            "d204000000000000"
            "6300000000000000"
            "0300000000000000"
            "11f2052a01000000"
            "59bbcfc8e8f56d23"
            "0fa342bb");
}

TEST_CASE("no bit of a stamped sector can flip unnoticed")
{
    const auto original = stamped(stamp);
    for (std::size_t bit = 0; bit < stamp_sector_bytes * 8; ++bit) {
        auto sector = original;
        sector[bit / 8] ^= std::byte{1} << (bit % 8);
        const found_sector found = read_stamp(sector);
        REQUIRE(
            (found.content == sector_content::torn || found.content == sector_content::garbage));
    }
}

TEST_CASE("parts of two stamps are torn or garbage, wherever the cut is")
{
    sector_stamp other = stamp;
    other.write_id = 100;
    const auto a = stamped(stamp);
    const auto b = stamped(other);
    for (std::size_t cut = 1; cut < stamp_sector_bytes; ++cut) {
        auto sector = a;
        std::copy(b.begin() + std::ptrdiff_t(cut), b.end(), sector.begin() + std::ptrdiff_t(cut));
        if (sector == a || sector == b) continue;
        const found_sector found = read_stamp(sector);
        REQUIRE(
            (found.content == sector_content::torn || found.content == sector_content::garbage));
    }
}

TEST_CASE("zeros are zeros, and random bytes are garbage")
{
    std::vector<std::byte> sector(stamp_sector_bytes);
    REQUIRE(read_stamp(sector).content == sector_content::zero);
    sector.back() = std::byte{1};
    REQUIRE(read_stamp(sector).content == sector_content::garbage);
    seeded_random random(1);
    for (int i = 0; i < 100; ++i) {
        random.fill(sector);
        REQUIRE(read_stamp(sector).content == sector_content::garbage);
    }
}

TEST_CASE("a sector is classified against the write that was expected")
{
    const found_sector found = read_stamp(stamped(stamp));
    REQUIRE(classify(found, 7, 1234, 99) == sector_class::expected);
    REQUIRE(classify(found, 7, 1234, 100) == sector_class::old);
    REQUIRE(classify(found, 7, 1234, 98) == sector_class::future);
    REQUIRE(classify(found, 7, 1235, 99) == sector_class::wrong_sector);
    REQUIRE(classify(found, 8, 1234, 99) == sector_class::wrong_volume);
    REQUIRE(classify({sector_content::torn, stamp}, 7, 1234, 99) == sector_class::torn);
    REQUIRE(classify({}, 7, 1234, 99) == sector_class::garbage);
    REQUIRE(classify({sector_content::zero, {}}, 7, 1234, 99) == sector_class::zero);
    REQUIRE(classify({sector_content::zero, {}}, 7, 1234, 0) == sector_class::expected);
    REQUIRE(std::string(to_string(sector_class::wrong_volume)) == "of another volume");
}
