// lib/runtime/exception_page_codec.cpp -- a page of an index as bytes, and back with every doubt.
// SPDX-License-Identifier: BSL-1.0
#include "exception_page_codec.hpp"

#include <cimrep/store/content_checksum.hpp>

#include "state_records.hpp"
#include <algorithm>
#include <cstring>

namespace cimrep::inline v0 {

namespace {

constexpr std::uint64_t page_magic = 0x5058'7065'726d'6963;  // "cimrepXP"
// Where what lies in a block, in bytes; each number has eight of them.
constexpr std::size_t magic_at = 0, pool_at = 8, place_at = 24, level_at = 32, count_at = 40;
constexpr std::size_t entries_at = 48, entry_bytes = 24, checksum_at = store_block_bytes - 8;
static_assert(entries_at + exception_page::entries_max * entry_bytes <= checksum_at);

bool is_in_order(const exception_page& page) noexcept
{
    const auto all = page.all();
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (unpack(all[i]).end() > chunk_sub_blocks_max) return false;
        if (i > 0 && !comes_before(all[i - 1], all[i])) return false;
    }
    return !all.empty();
}

}  // namespace

void encode(const exception_page& page, const boost::uuids::uuid& pool, exception_root root,
            std::span<std::byte> block) noexcept
{
    CIMREP_ASSERT(block.size() == store_block_bytes && page.level == root.level);
    std::fill(block.begin(), block.end(), std::byte{});
    put_little(page_magic, &block[magic_at]);
    std::memcpy(&block[pool_at], pool.data, sizeof pool.data);
    put_little(root.place, &block[place_at]);
    put_little(page.level, &block[level_at]);
    put_little(page.count, &block[count_at]);
    std::byte* to = &block[entries_at];
    for (const packed_exception& each : page.all()) {
        put_little(each.where, to);
        put_little(each.epoch, to + 8);
        put_little(each.place, to + 16);
        to += entry_bytes;
    }
    put_little(content_checksum(block.first(checksum_at)), &block[checksum_at]);
}

bool decode_exception_page(std::span<const std::byte> block, const boost::uuids::uuid& pool,
                           exception_root root, exception_page& to) noexcept
{
    CIMREP_ASSERT(block.size() == store_block_bytes);
    if (take_little(&block[checksum_at]) != content_checksum(block.first(checksum_at)))
        return false;
    const std::uint64_t count = take_little(&block[count_at]);
    if (take_little(&block[magic_at]) != page_magic ||
        std::memcmp(&block[pool_at], pool.data, sizeof pool.data) != 0 ||
        take_little(&block[place_at]) != root.place ||
        take_little(&block[level_at]) != root.level || count > exception_page::entries_max)
        return false;
    exception_page found;
    found.level = root.level;
    found.count = static_cast<std::uint32_t>(count);
    const std::byte* from = &block[entries_at];
    for (packed_exception& each : std::span(found.entries).first(found.count)) {
        each = {take_little(from), take_little(from + 8), take_little(from + 16)};
        from += entry_bytes;
    }
    if (!is_in_order(found)) return false;
    to = found;
    return true;
}

}  // namespace cimrep::inline v0
