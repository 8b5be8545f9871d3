// lib/testing/disk_medium.cpp -- the cache as a log of blocks; a power loss keeps some of it.
// SPDX-License-Identifier: BSL-1.0
#include "disk_medium.hpp"

#include <cimrep/base/assert.hpp>

#include <algorithm>
#include <cstring>

namespace cimrep::inline v0 {

disk_medium::disk_medium(std::uint64_t size_bytes, std::uint32_t block_bytes, bool volatile_cache,
                         std::size_t cache_blocks_max)
    : has_cache_(volatile_cache),
      cache_blocks_max_(cache_blocks_max),
      current_(size_bytes, block_bytes),
      durable_(size_bytes, block_bytes)
{
    CIMREP_ASSERT(!volatile_cache || cache_blocks_max > 0);
}

void disk_medium::write_block(std::uint64_t block, std::span<const std::byte> content, bool durable)
{
    if (keep_previous_) {
        const auto old = current_.block(block);
        previous_[block].assign(old.begin(), old.end());
    }
    if (!unreadable_.empty()) unreadable_.erase(block);
    ++sequence_;
    current_.write_block(block, content);
    if (!has_cache_) return;
    if (!durable) {
        cache(block, content);
        return;
    }
    // What was cached before must not come after it.
    forget(block, sequence_);
    durable_.write_block(block, content);
}

std::span<const std::byte> disk_medium::previous(std::uint64_t block) const
{
    const auto found = previous_.find(block);
    if (found == previous_.end()) return {};
    return found->second;
}

void disk_medium::cache(std::uint64_t block, std::span<const std::byte> content)
{
    if (cache_.size() >= cache_blocks_max_) save_through(cache_.front().sequence);
    std::size_t slot;
    if (free_slots_.empty()) {
        slot = slots_.size() / block_bytes();
        slots_.resize(slots_.size() + block_bytes());
    } else {
        slot = free_slots_.back();
        free_slots_.pop_back();
    }
    cache_.push_back({block, sequence_, write_, slot});
    std::memcpy(memory_of(cache_.back()).data(), content.data(), content.size());
}

/// Takes the versions of a block out of the cache, up to that sequence.
void disk_medium::forget(std::uint64_t block, std::uint64_t up_to_sequence)
{
    std::erase_if(cache_, [&](const cached_block& at) {
        const bool gone = at.block == block && at.sequence <= up_to_sequence;
        if (gone) release(at);
        return gone;
    });
}

/// How many of the cached blocks have at most that sequence: they are the first ones.
std::size_t disk_medium::covered(std::uint64_t sequence) const
{
    const auto end = std::ranges::upper_bound(cache_, sequence, {}, &cached_block::sequence);
    return static_cast<std::size_t>(end - cache_.begin());
}

void disk_medium::save_through(std::uint64_t sequence)
{
    const std::size_t count = covered(sequence);
    for (std::size_t i = 0; i < count; ++i) {
        durable_.write_block(cache_[i].block, memory_of(cache_[i]));
        release(cache_[i]);
    }
    cache_.erase(cache_.begin(), cache_.begin() + static_cast<std::ptrdiff_t>(count));
}

/// Brings `current_` in line with the other two for these blocks.
void disk_medium::rebuild(std::span<const std::uint64_t> blocks)
{
    for (const std::uint64_t block : blocks) current_.write_block(block, durable_.block(block));
    for (const cached_block& at : cache_)
        if (std::ranges::find(blocks, at.block) != blocks.end())
            current_.write_block(at.block, memory_of(at));
}

std::size_t disk_medium::drop_through(std::uint64_t sequence,
                                      const std::function<bool(std::uint64_t)>& keeps)
{
    std::vector<std::uint64_t> blocks;
    std::erase_if(cache_, [&](const cached_block& at) {
        if (at.sequence > sequence || keeps(at.sequence)) return false;
        blocks.push_back(at.block);
        release(at);
        return true;
    });
    rebuild(blocks);
    return blocks.size();
}

void disk_medium::destage(seeded_random& random)
{
    if (cache_.empty()) return;
    const cached_block at = cache_[static_cast<std::size_t>(random.below(cache_.size()))];
    durable_.write_block(at.block, memory_of(at));
    forget(at.block, at.sequence);
}

bool disk_medium::drop_one(seeded_random& random, const std::function<bool(std::uint64_t)>& keeps)
{
    if (cache_.empty()) return false;
    const auto index = static_cast<std::ptrdiff_t>(random.below(cache_.size()));
    const cached_block at = cache_[static_cast<std::size_t>(index)];
    if (keeps(at.sequence)) return false;
    release(at);
    cache_.erase(cache_.begin() + index);
    rebuild(std::span(&at.block, 1));
    return true;
}

std::size_t disk_medium::lose_power(const power_loss_options& options, seeded_random& random)
{
    std::size_t lost = 0;
    const std::size_t count = cache_.size();
    const std::size_t cut = count == 0 ? 0 : static_cast<std::size_t>(random.below(count + 1));
    const auto survives = [&](std::size_t i) {
        switch (options.survival) {
        case cache_survival::independent: return random.chance(options.survival_probability);
        case cache_survival::all: return true;
        case cache_survival::none: return false;
        case cache_survival::prefix: return i < cut;
        case cache_survival::suffix: return i >= cut;
        case cache_survival::newest_only: return cache_[i].write == cache_.back().write;
        case cache_survival::oldest_only: return cache_[i].write == cache_.front().write;
        }
        return false;
    };
    for (std::size_t i = 0; i < count; ++i) {
        if (survives(i))
            durable_.write_block(cache_[i].block, memory_of(cache_[i]));
        else
            ++lost;
    }
    cache_.clear();
    slots_.clear();
    free_slots_.clear();
    previous_.clear();
    if (has_cache_) current_ = durable_;
    return lost;
}

void disk_medium::flip_bit(std::uint64_t offset_bytes, unsigned bit)
{
    current_.flip_bit(offset_bytes, bit);
    if (!has_cache_) return;
    durable_.flip_bit(offset_bytes, bit);
    for (const cached_block& at : cache_)
        if (at.block == offset_bytes / block_bytes())
            memory_of(at)[static_cast<std::size_t>(offset_bytes % block_bytes())] ^= std::byte{1}
                                                                                     << bit;
}

void disk_medium::scribble(std::uint64_t offset_bytes, std::span<const std::byte> content)
{
    CIMREP_ASSERT(offset_bytes % block_bytes() == 0 && content.size() % block_bytes() == 0);
    for (std::size_t at = 0; at < content.size(); at += block_bytes()) {
        const std::uint64_t block = (offset_bytes + at) / block_bytes();
        forget(block, sequence_);
        unreadable_.erase(block);
    }
    current_.write(offset_bytes, content);
    if (has_cache_) durable_.write(offset_bytes, content);
}

void disk_medium::replace(const sparse_image& image)
{
    CIMREP_ASSERT(image.block_bytes() == block_bytes());
    for (const cached_block& at : cache_) release(at);
    cache_.clear();
    previous_.clear();
    unreadable_.clear();
    current_ = image;
    durable_ = image;
}

void disk_medium::resize(std::uint64_t size_bytes)
{
    std::erase_if(cache_, [&](const cached_block& at) {
        const bool gone = at.block >= size_bytes / block_bytes();
        if (gone) release(at);
        return gone;
    });
    previous_.clear();
    unreadable_.erase(unreadable_.lower_bound(size_bytes / block_bytes()), unreadable_.end());
    current_.resize(size_bytes);
    durable_.resize(size_bytes);
}

}  // namespace cimrep::inline v0
