// test/runtime/exception_page_codec_test.cpp -- a page is itself again, and anything else is none.
// SPDX-License-Identifier: BSL-1.0
#include "../../lib/runtime/exception_page_codec.hpp"

#include <cimrep/store/content_checksum.hpp>
#include <cimrep/testing/seeded_random.hpp>

#include "../../lib/runtime/state_records.hpp"
#include "catch.hpp"
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <vector>

using namespace cimrep;

namespace {

constexpr boost::uuids::uuid pool{{7, 1, 2}};
constexpr exception_root root{9, 1};

exception_page sample(std::uint32_t count)
{
    exception_page page;
    page.level = root.level;
    page.count = count;
    for (std::uint32_t i = 0; i < count; ++i)
        page.entries[i] = pack({i / 3, 5 + i % 3, 8, 4, 1000 + i});
    return page;
}

bool same(const exception_page& a, const exception_page& b)
{
    return a.level == b.level && std::ranges::equal(a.all(), b.all());
}

std::vector<std::byte> block_of(const exception_page& page)
{
    std::vector<std::byte> block(store_block_bytes);
    encode(page, pool, root, block);
    return block;
}

/// A checksum that fits.
void seal(std::vector<std::byte>& block)
{
    const std::size_t at = block.size() - 8;
    put_little(content_checksum(std::span(block).first(at)), &block[at]);
}

bool reads(const std::vector<std::byte>& block)
{
    exception_page found;
    return decode_exception_page(block, pool, root, found);
}

}  // namespace

TEST_CASE("a page that was written is read", "[exception]")
{
    for (const std::uint32_t count : {1u, 2u, 167u, 168u}) {
        const auto block = block_of(sample(count));
        exception_page found;
        REQUIRE(decode_exception_page(block, pool, root, found));
        CHECK(same(found, sample(count)));
    }
}

TEST_CASE("a page of another pool, place or level, and a changed bit, are no page", "[exception]")
{
    auto block = block_of(sample(168));
    exception_page found;
    CHECK_FALSE(decode_exception_page(block, {{7, 1, 3}}, root, found));
    CHECK_FALSE(decode_exception_page(block, pool, {10, 1}, found));
    CHECK_FALSE(decode_exception_page(block, pool, {9, 0}, found));
    CHECK(found.count == 0);
    for (std::size_t at = 0; at < block.size(); ++at) {
        CAPTURE(at);
        block[at] ^= std::byte{0x10};
        CHECK_FALSE(reads(block));
        block[at] ^= std::byte{0x10};
    }
    CHECK(reads(block));
    CHECK_FALSE(reads(std::vector<std::byte>(store_block_bytes)));
}

TEST_CASE("a page whose checksum fits and whose entries do not is none", "[exception]")
{
    exception_page page = sample(3);
    std::swap(page.entries[0], page.entries[1]);
    CHECK_FALSE(reads(block_of(page)));
    page.entries[1] = page.entries[0];
    CHECK_FALSE(reads(block_of(page)));
    page = sample(3);
    page.entries[2] = pack({1, 1, 255, 2, 0});
    CHECK_FALSE(reads(block_of(page)));
    CHECK_FALSE(reads(block_of(sample(0))));
    auto block = block_of(sample(3));
    block[40] = std::byte{169};
    seal(block);
    CHECK_FALSE(reads(block));
}

TEST_CASE("any bytes with a checksum that fits are a page in order, or none", "[exception]")
{
    seeded_random random(5);
    unsigned pages = 0;
    for (int i = 0; i < 3000; ++i) {
        auto block = block_of(sample(static_cast<std::uint32_t>(random.between(1, 168))));
        for (std::uint64_t n = random.between(1, 3); n-- > 0;)
            block[random.below(block.size())] = static_cast<std::byte>(random.next());
        seal(block);
        exception_page found;
        if (!decode_exception_page(block, pool, root, found)) continue;
        ++pages;
        REQUIRE(found.count > 0);
        for (std::size_t k = 0; k + 1 < found.count; ++k)
            REQUIRE(comes_before(found.entries[k], found.entries[k + 1]));
        for (const packed_exception& each : found.all())
            REQUIRE(unpack(each).end() <= chunk_sub_blocks_max);
    }
    CHECK(pages > 0);
}
