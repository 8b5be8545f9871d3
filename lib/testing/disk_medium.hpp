// lib/testing/disk_medium.hpp -- what a disk holds: a durable content and a volatile cache on it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/testing/fault_plan.hpp>
#include <cimrep/testing/seeded_random.hpp>
#include <cimrep/testing/sparse_image.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <vector>

namespace cimrep::inline v0 {

/// Blocks, of which the last ones written may be cached.
///
/// Invariant:  the cached blocks ascend by sequence; `current_` is `durable_` with them applied.
///             Without a cache only `current_` is used.
class disk_medium {
public:
    disk_medium(std::uint64_t size_bytes, std::uint32_t block_bytes, bool volatile_cache,
                std::size_t cache_blocks_max);

    std::uint64_t block_count() const noexcept { return current_.block_count(); }
    std::uint32_t block_bytes() const noexcept { return current_.block_bytes(); }
    const sparse_image& current() const noexcept { return current_; }
    const sparse_image& durable() const noexcept { return has_cache_ ? durable_ : current_; }
    std::size_t cached() const noexcept { return cache_.size(); }

    /// Blocks written from now on belong to one write, for cache_survival.
    void begin_write() noexcept { ++write_; }
    void write_block(std::uint64_t block, std::span<const std::byte> content, bool durable);
    void keep_previous() noexcept { keep_previous_ = true; }
    /// The content before the last write, or an empty span.
    std::span<const std::byte> previous(std::uint64_t block) const;

    /// Of the block that was written last.
    std::uint64_t sequence() const noexcept { return sequence_; }
    /// All blocks up to that sequence become durable.
    void save_through(std::uint64_t sequence);
    /// They are given up, but for those that `keeps`: reads return the older content again.
    /// Returns how many.
    std::size_t drop_through(std::uint64_t sequence,
                             const std::function<bool(std::uint64_t)>& keeps);
    /// A random cached block becomes durable.
    void destage(seeded_random& random);
    /// A random cached block is given up, unless it `keeps` that one; true if it is.
    bool drop_one(seeded_random& random, const std::function<bool(std::uint64_t)>& keeps);
    /// The power goes. Returns how many blocks are lost.
    std::size_t lose_power(const power_loss_options& options, seeded_random& random);

    void make_unreadable(std::uint64_t block) { unreadable_.insert(block); }
    bool is_unreadable(std::uint64_t block) const
    {
        return !unreadable_.empty() && unreadable_.contains(block);
    }
    void flip_bit(std::uint64_t offset_bytes, unsigned bit);
    void scribble(std::uint64_t offset_bytes, std::span<const std::byte> content);
    void replace(const sparse_image& image);
    void resize(std::uint64_t size_bytes);

private:
    struct cached_block {
        std::uint64_t block;
        std::uint64_t sequence;
        std::uint64_t write;
        std::size_t slot;
    };

    std::span<std::byte> memory_of(const cached_block& at) noexcept
    {
        return std::span(slots_).subspan(at.slot * block_bytes(), block_bytes());
    }
    void cache(std::uint64_t block, std::span<const std::byte> content);
    void release(const cached_block& at) { free_slots_.push_back(at.slot); }
    void forget(std::uint64_t block, std::uint64_t up_to_sequence);
    void rebuild(std::span<const std::uint64_t> blocks);
    std::size_t covered(std::uint64_t sequence) const;

    bool has_cache_;
    bool keep_previous_ = false;
    std::size_t cache_blocks_max_;
    sparse_image current_;
    sparse_image durable_;
    std::deque<cached_block> cache_;
    std::vector<std::byte> slots_;
    std::vector<std::size_t> free_slots_;
    std::set<std::uint64_t> unreadable_;
    std::map<std::uint64_t, std::vector<std::byte>> previous_;
    std::uint64_t sequence_ = 0;
    std::uint64_t write_ = 0;
};

}  // namespace cimrep::inline v0
