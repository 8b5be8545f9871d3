// lib/testing/sparse_image.cpp -- chunks of blocks, shared until written.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/assert.hpp>
#include <cimrep/testing/sparse_image.hpp>

#include <algorithm>
#include <bit>
#include <cstring>

namespace cimrep::inline v0 {

namespace {

constexpr std::byte zeros[16 * kib] = {};

bool is_zero(std::span<const std::byte> memory) noexcept
{
    return std::memcmp(memory.data(), zeros, memory.size()) == 0;
}

}  // namespace

sparse_image::sparse_image(std::uint64_t size_bytes, std::uint32_t block_bytes)
    : size_bytes_(size_bytes), block_bytes_(block_bytes)
{
    CIMREP_ASSERT(std::has_single_bit(block_bytes) && block_bytes <= chunk_bytes);
    CIMREP_ASSERT(block_bytes >= 8 && size_bytes % block_bytes == 0);
}

const sparse_image::chunk* sparse_image::find(std::uint64_t number) const
{
    const auto found = chunks_.find(number);
    return found == chunks_.end() ? nullptr : found->second.get();
}

sparse_image::chunk& sparse_image::make(std::uint64_t number)
{
    std::shared_ptr<chunk>& at = chunks_[number];
    if (at == nullptr)
        at = std::make_shared<chunk>();
    else if (at.use_count() > 1)
        at = std::make_shared<chunk>(*at);
    return *at;
}

void sparse_image::read(std::uint64_t offset_bytes, std::span<std::byte> to) const
{
    CIMREP_ASSERT(within(offset_bytes, to.size(), size_bytes_));
    while (!to.empty()) {
        const auto at = static_cast<std::size_t>(offset_bytes % chunk_bytes);
        const std::size_t count = std::min<std::size_t>(chunk_bytes - at, to.size());
        if (const chunk* from = find(offset_bytes / chunk_bytes))
            std::memcpy(to.data(), from->bytes + at, count);
        else
            std::memset(to.data(), 0, count);
        to = to.subspan(count);
        offset_bytes += count;
    }
}

void sparse_image::write(std::uint64_t offset_bytes, std::span<const std::byte> from)
{
    CIMREP_ASSERT(within(offset_bytes, from.size(), size_bytes_));
    while (!from.empty()) {
        const auto at = static_cast<std::size_t>(offset_bytes % chunk_bytes);
        const std::size_t count = std::min<std::size_t>(chunk_bytes - at, from.size());
        std::memcpy(make(offset_bytes / chunk_bytes).bytes + at, from.data(), count);
        from = from.subspan(count);
        offset_bytes += count;
    }
}

void sparse_image::zero(byte_extent where)
{
    CIMREP_ASSERT(within(where.offset_bytes, where.length_bytes, size_bytes_));
    std::uint64_t offset = where.offset_bytes;
    while (offset < where.end_bytes()) {
        const auto at = static_cast<std::size_t>(offset % chunk_bytes);
        const auto count =
            static_cast<std::size_t>(std::min(chunk_bytes - at, where.end_bytes() - offset));
        const std::uint64_t number = offset / chunk_bytes;
        if (count == chunk_bytes)
            chunks_.erase(number);
        else if (find(number) != nullptr)
            std::memset(make(number).bytes + at, 0, count);
        offset += count;
    }
}

std::span<const std::byte> sparse_image::block(std::uint64_t index) const
{
    CIMREP_ASSERT(index < block_count());
    const std::uint64_t offset = index * block_bytes_;
    const chunk* from = find(offset / chunk_bytes);
    if (from == nullptr) return {zeros, block_bytes_};
    return {from->bytes + offset % chunk_bytes, block_bytes_};
}

void sparse_image::flip_bit(std::uint64_t offset_bytes, unsigned bit)
{
    CIMREP_ASSERT(offset_bytes < size_bytes_ && bit < 8);
    make(offset_bytes / chunk_bytes).bytes[offset_bytes % chunk_bytes] ^= std::byte{1} << bit;
}

void sparse_image::resize(std::uint64_t size_bytes)
{
    CIMREP_ASSERT(size_bytes % block_bytes_ == 0);
    if (size_bytes < size_bytes_) {
        zero({size_bytes, size_bytes_ - size_bytes});
        chunks_.erase(chunks_.lower_bound((size_bytes + chunk_bytes - 1) / chunk_bytes),
                      chunks_.end());
    }
    size_bytes_ = size_bytes;
}

void sparse_image::data_extents(const std::function<void(byte_extent)>& report) const
{
    byte_extent run;
    for (const auto& [number, content] : chunks_) {
        const std::uint64_t start = number * chunk_bytes;
        const std::uint64_t end = std::min(start + chunk_bytes, size_bytes_);
        for (std::uint64_t at = start; at < end; at += block_bytes_) {
            if (is_zero({content->bytes + (at - start), block_bytes_})) continue;
            if (!run.empty() && run.end_bytes() == at) {
                run.length_bytes += block_bytes_;
                continue;
            }
            if (!run.empty()) report(run);
            run = {at, block_bytes_};
        }
    }
    if (!run.empty()) report(run);
}

std::uint64_t sparse_image::block_hash(std::uint64_t index,
                                       std::span<const std::byte> content) noexcept
{
    std::uint64_t hash = 0;
    std::uint64_t any = 0;
    for (std::size_t at = 0; at + 8 <= content.size(); at += 8) {
        std::uint64_t word;
        std::memcpy(&word, content.data() + at, sizeof word);
        any |= word;
        hash = (hash ^ word) * 0x9fb21c651e98df25u;
        hash ^= hash >> 29;
    }
    if (any == 0) return 0;
    hash = (hash ^ index) * 0x94d049bb133111ebu;
    return (hash ^ hash >> 31) * 0xbf58476d1ce4e5b9u;
}

std::uint64_t sparse_image::content_hash() const
{
    std::uint64_t hash = 0;
    data_extents([&](byte_extent run) {
        for (std::uint64_t at = run.offset_bytes; at < run.end_bytes(); at += block_bytes_)
            hash ^= block_hash(at / block_bytes_, block(at / block_bytes_));
    });
    return hash;
}

std::vector<byte_extent> differences(const sparse_image& a, const sparse_image& b)
{
    CIMREP_ASSERT(a.size_bytes() == b.size_bytes() && a.block_bytes() == b.block_bytes());
    std::vector<std::uint64_t> blocks;
    const auto compare = [&](byte_extent run) {
        for (std::uint64_t at = run.offset_bytes; at < run.end_bytes(); at += a.block_bytes()) {
            const std::uint64_t index = at / a.block_bytes();
            if (!std::ranges::equal(a.block(index), b.block(index))) blocks.push_back(index);
        }
    };
    a.data_extents(compare);
    b.data_extents(compare);
    std::ranges::sort(blocks);
    std::vector<byte_extent> found;
    for (const std::uint64_t index : blocks) {
        const byte_extent here{index * a.block_bytes(), a.block_bytes()};
        if (!found.empty() && found.back() == here) continue;
        if (!found.empty() && found.back().contains(here)) continue;
        if (!found.empty() && found.back().end_bytes() == here.offset_bytes)
            found.back().length_bytes += here.length_bytes;
        else
            found.push_back(here);
    }
    return found;
}

}  // namespace cimrep::inline v0
