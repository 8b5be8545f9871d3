// engine/hot_extents.hpp -- the extents in which legs may differ after a crash.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/assert.hpp>
#include <cimrep/base/mutant.hpp>
#include <cimrep/base/units.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <vector>

namespace cimrep::inline v0 {

/// Which extents have been written since a flush of every in-sync leg covered their writes.
///
/// A data write may start only when its extents are durably hot. An extent leaves the set only if
/// no write is in flight in it and a flush that began after its last write has succeeded: the
/// number of the last write stands with the extent and is compared with the flush's.
///
/// Each hot extent has a slot, a number below `extents_max` that no other one has: under it the
/// mark is kept durably. The mark of an extent that has left stands until its slot is used again;
/// so what must be durable before it may leave must be so before the next mark is: evictions().
///
/// Invariant:  at most `extents_max` extents are hot; an extent with writes in flight is hot, and
///             not covered.
/// Allocates:  once, in the constructor.
class hot_extents {
    struct entry;

public:
    static constexpr std::uint64_t extent_bytes = 4 * mib;

    /// Whether a write may start.
    enum class admission : std::uint8_t {
        hot,   ///< it may; write_done() follows
        cold,  ///< it may once the new marks are durable; write_done() follows
        full,  ///< the set is full: flush, then ask again; nothing was changed
    };

    /// What a flush covers: every write that was done when it began.
    struct ticket {
        std::uint64_t sequence = 0;
    };

    /// Where a write that goes to one extent was counted in, so that its end need not look for it.
    class hold {
        friend hot_extents;
        entry* at_ = nullptr;
    };

    hot_extents(std::size_t extents_max, std::pmr::memory_resource* memory)
        : entries_max_(extents_max),
          mask_(std::bit_ceil(extents_max * 2) - 1),
          slots_(mask_ + 1, memory),
          free_marks_(memory)
    {
        free_marks_.reserve(extents_max);
        for (std::size_t i = extents_max; i-- > 0;)
            free_marks_.push_back(static_cast<std::uint32_t>(i));
    }

    /// Asks to write `extent`; touches at most a few extents. `held` goes to write_done().
    admission admit(byte_extent extent, hold& held) noexcept
    {
        const std::uint64_t first = extent.offset_bytes / extent_bytes;
        const std::uint64_t last = (extent.end_bytes() - 1) / extent_bytes;
        // Nearly every write goes to one extent that is hot.
        held.at_ = first == last ? find(first) : nullptr;
        return held.at_ != nullptr ? enter(*held.at_) : admit_new(first, last);
    }
    admission admit(byte_extent extent) noexcept
    {
        hold none;
        return admit(extent, none);
    }

    /// Calls `mark(slot, index)` for each extent of `extent` whose mark is neither durable nor
    /// named by an earlier call: they are to be made durable.
    void name_marks(byte_extent extent, auto&& mark) noexcept
    {
        for_touched(extent, [&](entry& e) {
            if (!e.is(named)) mark(e.mark, e.index);
            e.facts |= named;
        });
    }
    /// Fact: the marks of `extent` could not be made durable; they are named again.
    void marks_failed(byte_extent extent) noexcept
    {
        for_touched(extent, [](entry& e) {
            if (!e.is(durable)) e.facts &= static_cast<std::uint8_t>(~named);
        });
    }
    /// Calls `visit(slot)` for each slot that no extent has.
    void for_each_free_mark(auto&& visit) const
    {
        for (const std::uint32_t slot : free_marks_) visit(slot);
    }
    /// How many extents have left the set.
    std::uint64_t evictions() const noexcept { return evictions_; }

    /// Fact: the marks of `extent` are durable.
    void marked_durable(byte_extent extent) noexcept
    {
        for_touched(extent, [](entry& e) { e.facts |= durable; });
    }
    /// Fact: a write that was admitted has ended, well or not.
    void write_done(byte_extent extent, hold held) noexcept
    {
        ++sequence_;
        // An eviction may have moved it.
        const std::uint64_t first = extent.offset_bytes / extent_bytes;
        if (held.at_ != nullptr && held.at_->index == first) return leave(*held.at_);
        for_touched(extent, [this](entry& e) { leave(e); });
    }
    void write_done(byte_extent extent) noexcept { write_done(extent, hold{}); }

    ticket begin_flush() const noexcept { return {sequence_}; }
    /// Fact: the flush that took `covering` has succeeded on every leg in sync.
    void flush_done(ticket covering) noexcept
    {
        for (entry& e : slots_) {
            if (!e.used() || e.is(covered) || e.in_flight != 0) continue;
            if (e.last_write > covering.sequence) continue;
            e.facts |= covered;
            ++covered_;
        }
    }

    /// Calls `report(byte_extent)` for each extent with writes that no flush covers.
    void for_each_uncovered(auto&& report) const
    {
        for (const entry& e : slots_)
            if (e.used() && !e.is(covered))
                report(byte_extent{e.index * extent_bytes, extent_bytes});
    }

    /// True if a flush that begins now would let extents go that must stay without it.
    bool flush_makes_room() const noexcept
    {
        for (const entry& e : slots_)
            if (e.used() && !e.is(covered) && e.in_flight == 0) return true;
        return false;
    }

    std::size_t size() const noexcept { return size_; }
    std::uint64_t memory_bytes() const noexcept
    {
        return slots_.size() * sizeof(entry) + entries_max_ * sizeof(std::uint32_t);
    }

private:
    static constexpr std::uint64_t no_extent = ~std::uint64_t{0};
    // Of an entry: its mark is in a call of name_marks(), is durable; a flush covers its writes.
    static constexpr std::uint8_t named = 1;
    static constexpr std::uint8_t durable = 2;
    static constexpr std::uint8_t covered = 4;

    struct entry {
        std::uint64_t index = no_extent;
        std::uint64_t last_write = 0;
        std::uint32_t in_flight = 0;
        std::uint32_t mark = 0;  ///< its slot
        std::uint8_t facts = 0;

        bool used() const noexcept { return index != no_extent; }
        bool is(std::uint8_t fact) const noexcept { return (facts & fact) != 0; }
    };

    std::size_t home(std::uint64_t index) const noexcept
    {
        return static_cast<std::size_t>((index * 0x9E3779B97F4A7C15u) >> 32) & mask_;
    }
    entry* find(std::uint64_t index) noexcept
    {
        for (std::size_t at = home(index);; at = (at + 1) & mask_) {
            entry& here = slots_[at];
            if (here.index == index) return &here;
            if (!here.used()) return nullptr;
        }
    }
    entry* insert(std::uint64_t index) noexcept
    {
        std::size_t at = home(index);
        while (slots_[at].used()) at = (at + 1) & mask_;
        slots_[at] = {.index = index, .mark = free_marks_.back()};
        if (!CIMREP_MUTANT(marks_share_a_slot)) free_marks_.pop_back();
        ++size_;
        return &slots_[at];
    }
    void for_touched(byte_extent extent, auto&& change) noexcept
    {
        const std::uint64_t last = (extent.end_bytes() - 1) / extent_bytes;
        for (std::uint64_t index = extent.offset_bytes / extent_bytes; index <= last; ++index) {
            entry* found = find(index);
            CIMREP_ASSERT(found != nullptr);
            change(*found);
        }
    }

    // Apart, so that the way of nearly every write stays short.
    [[gnu::noinline]] admission admit_new(std::uint64_t first, std::uint64_t last) noexcept
    {
        std::size_t missing = 0;
        bool pending = false;
        for (std::uint64_t index = first; index <= last; ++index) {
            const entry* found = find(index);
            missing += found == nullptr ? 1 : 0;
            pending |= found != nullptr && !marked(*found);
        }
        if (missing > 0 && !make_room(missing, first, last)) return admission::full;
        for (std::uint64_t index = first; index <= last; ++index) {
            entry* found = find(index);
            if (found == nullptr) found = insert(index);
            enter(*found);
        }
        return missing > 0 || pending ? admission::cold : admission::hot;
    }
    static bool marked(const entry& which) noexcept
    {
        return which.is(durable) || CIMREP_MUTANT(second_write_skips_mark);
    }
    admission enter(entry& which) noexcept
    {
        ++which.in_flight;
        if (which.facts == (named | durable)) return admission::hot;
        uncover(which);
        return marked(which) ? admission::hot : admission::cold;
    }
    void uncover(entry& which) noexcept
    {
        if (!which.is(covered)) return;
        which.facts &= static_cast<std::uint8_t>(~covered);
        --covered_;
    }
    void leave(entry& which) noexcept
    {
        CIMREP_ASSERT(which.in_flight > 0);
        --which.in_flight;
        which.last_write = sequence_;
    }

    // Evicts covered extents, but none of [first, last], until `count` more fit.
    bool make_room(std::size_t count, std::uint64_t first, std::uint64_t last) noexcept
    {
        if (size_ + count <= entries_max_) return true;
        // Without a look at each: whoever is turned away asks again after every write that ends.
        if (size_ - covered_ + count > entries_max_ && !CIMREP_MUTANT(uncovered_extent_leaves))
            return false;
        for (std::size_t seen = 0; seen < slots_.size() && size_ + count > entries_max_; ++seen) {
            hand_ = (hand_ + 1) & mask_;
            // Removal moves a follower into the hole, which is then looked at in its turn.
            while (evictable(slots_[hand_], first, last) && size_ + count > entries_max_)
                remove(hand_);
        }
        return size_ + count <= entries_max_;
    }
    static bool evictable(const entry& e, std::uint64_t first, std::uint64_t last) noexcept
    {
        const bool may_leave = e.is(covered) || CIMREP_MUTANT(uncovered_extent_leaves);
        return e.used() && may_leave && e.in_flight == 0 && (e.index < first || e.index > last);
    }
    // Linear probing without tombstones: followers that may move up close the hole.
    void remove(std::size_t hole) noexcept
    {
        --size_;
        ++evictions_;
        uncover(slots_[hole]);
        free_marks_.push_back(slots_[hole].mark);
        slots_[hole].index = no_extent;
        for (std::size_t at = (hole + 1) & mask_; slots_[at].used(); at = (at + 1) & mask_) {
            if (((at - home(slots_[at].index)) & mask_) < ((at - hole) & mask_)) continue;
            slots_[hole] = slots_[at];
            slots_[at].index = no_extent;
            hole = at;
        }
    }

    std::size_t entries_max_;
    std::size_t mask_;  ///< of the table's places
    std::size_t size_ = 0;
    std::size_t covered_ = 0;  ///< of them
    std::size_t hand_ = 0;
    std::uint64_t sequence_ = 0;
    std::uint64_t evictions_ = 0;
    std::pmr::vector<entry> slots_;
    std::pmr::vector<std::uint32_t> free_marks_;
};

}  // namespace cimrep::inline v0
