// io/unflushed_blocks.hpp -- what a power cut would bring back: the model of a volatile cache.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/assert.hpp>
#include <cimrep/base/units.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <span>
#include <vector>

namespace cimrep::inline v0 {

/// Remembers, for each block, what each write that is not yet durable overwrote.
///
/// Invariant:  the images of a block are in the order of their writes; the first one is what is
///             durable. A write that has not completed is covered by no flush.
/// Allocates:  with each write. For tests.
class unflushed_blocks {
public:
    using write_id = std::uint64_t;
    static constexpr write_id none = 0;

    explicit unflushed_blocks(std::uint32_t block_bytes) noexcept : block_bytes_(block_bytes) {}

    /// A write is about to replace `old_content`, the content of the device from `offset` on.
    write_id write_started(std::uint64_t offset_bytes, std::span<const std::byte> old_content)
    {
        const write_id id = ++last_id_;
        for (std::size_t at = 0; at < old_content.size(); at += block_bytes_) {
            const auto block = old_content.subspan(at, block_bytes_);
            blocks_[offset_bytes + at].push_back({id, in_flight, {block.begin(), block.end()}});
        }
        return id;
    }

    /// The write has completed: a flush that starts from now on covers it.
    void write_completed(write_id id, byte_extent where)
    {
        const std::uint64_t moment = ++moment_;
        for_each(where, [&](std::vector<image>& images) {
            for (image& one : images)
                if (one.id == id) one.completed = moment;
        });
    }

    /// What was written to `where` is durable by itself: a write with fua.
    void made_durable(byte_extent where)
    {
        for_each(where, [](std::vector<image>& images) { images.clear(); });
        drop_empty();
    }

    /// The moment of a flush's submission, for flush_completed().
    std::uint64_t flush_started() noexcept { return ++moment_; }

    void flush_completed(std::uint64_t started)
    {
        for (auto& [offset, images] : blocks_)
            std::erase_if(images, [&](const image& one) { return one.completed < started; });
        drop_empty();
    }

    bool empty() const noexcept { return blocks_.empty(); }

    /// Visits each block that is not durable, with its durable content.
    template <class Visit>
    void for_each_block(const Visit& visit) const
    {
        for (const auto& [offset, images] : blocks_)
            visit(offset, std::span<const std::byte>(images.front().content));
    }

    /// Everything that is on the device now is durable.
    void clear() noexcept { blocks_.clear(); }

private:
    static constexpr std::uint64_t in_flight = UINT64_MAX;

    struct image {
        write_id id = none;
        std::uint64_t completed = in_flight;
        std::vector<std::byte> content;
    };

    template <class Visit>
    void for_each(byte_extent where, const Visit& visit)
    {
        auto at = blocks_.lower_bound(where.offset_bytes);
        for (; at != blocks_.end() && at->first < where.end_bytes(); ++at) visit(at->second);
    }

    void drop_empty()
    {
        std::erase_if(blocks_, [](const auto& entry) { return entry.second.empty(); });
    }

    std::uint32_t block_bytes_;
    write_id last_id_ = none;
    std::uint64_t moment_ = 0;
    std::map<std::uint64_t, std::vector<image>> blocks_;
};

}  // namespace cimrep::inline v0
