// engine/exception_table.hpp -- the exceptions that were made lately, in the order of an index.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/assert.hpp>
#include <cimrep/engine/exception.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <vector>

namespace cimrep::inline v0 {

/// An ordered set of exceptions of bounded size: a sorted list of leaves, each a sorted array.
///
/// Invariant:  the leaves in order_ hold all entries in order, none is empty, and entries_ is their
///             number.
/// Allocates:  once, in the constructor: at most 48 bytes for each of `entries_max`.
class exception_table {
public:
    exception_table(std::size_t entries_max, std::pmr::memory_resource* memory)
        : entries_max_(entries_max), leaves_(memory), order_(memory), unused_(memory)
    {
        // A leaf that was split is half full at least, but for the last one.
        const std::size_t leaves_max = 2 * entries_max / leaf_entries_max + 2;
        leaves_.resize(leaves_max);
        order_.reserve(leaves_max);
        unused_.reserve(leaves_max);
        clear();
    }

    std::size_t size() const noexcept { return entries_; }
    std::size_t entries_max() const noexcept { return entries_max_; }
    bool full() const noexcept { return entries_ >= entries_max_; }
    bool empty() const noexcept { return entries_ == 0; }

    /// Fact: this is preserved. Returns the entry that says so now: what goes on where another one
    /// ends makes that longer. @pre  not full(), and none of it is there already.
    exception insert(const exception& made) noexcept
    {
        CIMREP_ASSERT(made.count != 0 && made.end() <= chunk_sub_blocks_max && !full());
        if (order_.empty()) order_.push_back(take_leaf());
        position at = lower_bound(made);
        if (packed_exception* const before = entry_before(at)) {
            exception longer = unpack(*before);
            CIMREP_ASSERT(longer.chunk != made.chunk || longer.epoch != made.epoch ||
                          longer.end() <= made.first);
            if (continues(longer, made)) {
                longer.count = static_cast<std::uint16_t>(longer.count + made.count);
                *before = pack(longer);
                return longer;
            }
        }
        if (leaf_at(at).count == leaf_entries_max) at = split(at);
        leaf& in = leaf_at(at);
        std::copy_backward(in.entries.begin() + at.entry, in.entries.begin() + in.count,
                           in.entries.begin() + in.count + 1);
        in.entries[static_cast<std::size_t>(at.entry)] = pack(made);
        ++in.count;
        ++entries_;
        return made;
    }

    /// Calls `visit(exception)` for those of `chunk` under `epoch_min` and later ones, in order.
    template <class Visit>
    void for_chunk(std::uint64_t chunk, std::uint64_t epoch_min, Visit&& visit) const
    {
        if (order_.empty()) return;
        for_from(lower_bound({chunk, epoch_min, 0, 1, 0}), [&](const exception& each) {
            if (each.chunk == chunk) visit(each);
            return each.chunk == chunk;
        });
    }
    /// Calls `visit(exception)` for all, in order.
    template <class Visit>
    void for_each(Visit&& visit) const
    {
        for_from({}, [&](const exception& each) {
            visit(each);
            return true;
        });
    }

    void clear() noexcept
    {
        entries_ = 0;
        order_.clear();
        unused_.clear();
        for (std::size_t i = leaves_.size(); i-- > 0;) {
            leaves_[i].count = 0;
            unused_.push_back(static_cast<std::uint32_t>(i));
        }
    }

private:
    static constexpr std::ptrdiff_t leaf_entries_max = 128;
    struct leaf {
        std::ptrdiff_t count = 0;
        std::array<packed_exception, leaf_entries_max> entries;
    };
    struct position {
        std::size_t leaf = 0;  ///< in order_
        std::ptrdiff_t entry = 0;
    };

    leaf& leaf_at(position at) noexcept { return leaves_[order_[at.leaf]]; }
    const leaf& leaf_at(position at) const noexcept { return leaves_[order_[at.leaf]]; }

    std::uint32_t take_leaf() noexcept
    {
        CIMREP_ASSERT(!unused_.empty());
        const std::uint32_t taken = unused_.back();
        unused_.pop_back();
        return taken;
    }

    /// Where the first entry is that does not come before `key`: perhaps behind the last of a leaf.
    position lower_bound(const exception& key) const noexcept
    {
        const auto begins_before = [&](std::uint32_t which, const exception& with) {
            return comes_before(unpack(leaves_[which].entries[0]), with);
        };
        const auto next =
            std::lower_bound(order_.begin() + 1, order_.end(), key, begins_before) - 1;
        const position at{static_cast<std::size_t>(next - order_.begin())};
        const leaf& in = leaf_at(at);
        const auto found =
            std::lower_bound(in.entries.begin(), in.entries.begin() + in.count, key,
                             [](const packed_exception& each, const exception& with) {
                                 return comes_before(unpack(each), with);
                             });
        return {at.leaf, found - in.entries.begin()};
    }

    packed_exception* entry_before(position at) noexcept
    {
        if (at.entry > 0) return &leaf_at(at).entries[static_cast<std::size_t>(at.entry - 1)];
        if (at.leaf == 0) return nullptr;
        leaf& before = leaf_at({at.leaf - 1});
        return &before.entries[static_cast<std::size_t>(before.count - 1)];
    }

    position split(position at) noexcept
    {
        const std::uint32_t made = take_leaf();
        leaf& left = leaf_at(at);
        leaf& right = leaves_[made];
        constexpr std::ptrdiff_t kept = leaf_entries_max / 2;
        std::copy(left.entries.begin() + kept, left.entries.end(), right.entries.begin());
        right.count = leaf_entries_max - kept;
        left.count = kept;
        order_.insert(order_.begin() + static_cast<std::ptrdiff_t>(at.leaf) + 1, made);
        return at.entry <= kept ? at : position{at.leaf + 1, at.entry - kept};
    }

    template <class Visit>
    void for_from(position at, Visit&& visit) const
    {
        for (; at.leaf < order_.size(); at = {at.leaf + 1})
            for (const leaf& in = leaf_at(at); at.entry < in.count; ++at.entry)
                if (!visit(unpack(in.entries[static_cast<std::size_t>(at.entry)]))) return;
    }

    std::size_t entries_max_;
    std::size_t entries_ = 0;
    std::pmr::vector<leaf> leaves_;
    std::pmr::vector<std::uint32_t> order_;   ///< leaves, by what they hold
    std::pmr::vector<std::uint32_t> unused_;  ///< leaves
};

}  // namespace cimrep::inline v0
