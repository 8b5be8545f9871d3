// engine/region_bitmap.hpp -- a bit for each region of a device, with the pages that have changed.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/assert.hpp>
#include <cimrep/base/mutant.hpp>
#include <cimrep/base/units.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>
#include <vector>

namespace cimrep::inline v0 {

/// A set of regions of one size. Marking rounds out, clearing rounds in: never a bit too few.
///
/// Unit:       bytes at the doors, regions inside; a region is a power of two of bytes.
/// Invariant:  marked_ is the number of set bits; no bit beyond the device is set; every page whose
///             bits changed since take_changed_page() returned it is in changed_, which has
///             changed_count_ of them.
/// Allocates:  once, in the constructor.
class region_bitmap {
public:
    /// How much of the map its durable form writes at a time.
    static constexpr std::size_t page_bytes = 4096;

    region_bitmap(std::uint64_t size_bytes, std::uint64_t region_bytes,
                  std::pmr::memory_resource* memory)
        : size_bytes_(size_bytes),
          region_shift_(static_cast<unsigned>(std::countr_zero(region_bytes))),
          regions_((size_bytes + region_bytes - 1) >> region_shift_),
          words_((regions_ + 63) / 64, 0, memory),
          changed_((words_.size() + words_per_page - 1) / words_per_page, false, memory)
    {
        CIMREP_ASSERT(std::has_single_bit(region_bytes));
    }

    std::uint64_t size_bytes() const noexcept { return size_bytes_; }
    std::uint64_t region_bytes() const noexcept { return std::uint64_t{1} << region_shift_; }
    std::uint64_t marked_regions() const noexcept { return marked_; }
    bool none() const noexcept { return marked_ == 0; }

    /// Bytes covered by marked regions; the last region may be short.
    std::uint64_t marked_bytes() const noexcept
    {
        if (marked_ == 0) return 0;
        const bool short_last = test(regions_ - 1);
        const std::uint64_t last = size_bytes_ - ((regions_ - 1) << region_shift_);
        return ((marked_ - (short_last ? 1 : 0)) << region_shift_) + (short_last ? last : 0);
    }

    /// Marks every region that `extent` touches.
    void mark(byte_extent extent) noexcept
    {
        if (extent.empty()) return;
        const std::uint64_t first = first_region(extent);
        change(first, CIMREP_MUTANT(mark_rounds_in) ? first + 1 : end_region(extent), true);
    }
    /// Clears every region that lies wholly in `extent`.
    void clear(byte_extent extent) noexcept { change_inner(extent, false); }
    /// Marks every region that lies wholly in `extent`: for facts that must not be rounded out.
    void mark_inner(byte_extent extent) noexcept { change_inner(extent, true); }
    /// Clears every region that `extent` touches.
    void clear_outer(byte_extent extent) noexcept
    {
        if (!extent.empty()) change(first_region(extent), end_region(extent), false);
    }
    void mark_all() noexcept { change(0, regions_, true); }
    void clear_all() noexcept { change(0, regions_, false); }

    /// Marks what `other` has marked. @pre same size and region.
    void merge(const region_bitmap& other) noexcept
    {
        CIMREP_ASSERT(other.regions_ == regions_ && other.region_shift_ == region_shift_);
        for (std::size_t i = 0; i < words_.size(); ++i) set_word(i, words_[i] | other.words_[i]);
    }

    /// True if `extent` touches a marked region.
    bool any(byte_extent extent) const noexcept
    {
        if (extent.empty() || marked_ == 0) return false;
        const auto found = find(first_region(extent), true);
        return found && *found < end_region(extent);
    }
    /// True if every region that `extent` touches is marked.
    bool all(byte_extent extent) const noexcept
    {
        if (extent.empty() || marked_ == 0) return extent.empty();
        const auto found = find(first_region(extent), false);
        return !found || *found >= end_region(extent);
    }

    /// The first run of marked regions at or after `from`, cut to whole regions of at most
    /// `bytes_max` (at least one region) and to the end of the device.
    std::optional<byte_extent> next_marked(std::uint64_t from_bytes,
                                           std::uint64_t bytes_max) const noexcept
    {
        if (marked_ == 0) return std::nullopt;
        return next_run(from_bytes, bytes_max, true);
    }
    /// The same of regions that are not marked.
    std::optional<byte_extent> next_clear(std::uint64_t from_bytes,
                                          std::uint64_t bytes_max) const noexcept
    {
        return next_run(from_bytes, bytes_max, false);
    }

    /// The durable form writes changed pages: the index of one, taken off the list.
    std::optional<std::size_t> take_changed_page() noexcept
    {
        const auto first = next_changed_page(0);
        if (first) set_page_changed(*first, false);
        return first;
    }
    /// The first page at or after `from` that has changed; it stays on the list.
    std::optional<std::size_t> next_changed_page(std::size_t from) const noexcept
    {
        if (changed_count_ == 0) return std::nullopt;
        for (std::size_t i = from; i < changed_.size(); ++i)
            if (changed_[i]) return i;
        return std::nullopt;
    }
    void set_page_changed(std::size_t index, bool changed) noexcept
    {
        if (changed_[index] == changed) return;
        changed_[index] = changed;
        changed_count_ += changed ? 1u : ~std::size_t{0};
    }

    std::size_t page_count() const noexcept { return changed_.size(); }

    /// Marks what a page marks that was read from a durable form. Bits beyond the device are not.
    void merge_page(std::size_t index, std::span<const std::uint64_t> words) noexcept
    {
        const std::size_t begin = index * words_per_page;
        for (std::size_t i = 0; i < words.size() && begin + i < words_.size(); ++i) {
            std::uint64_t word = words[i];
            if (begin + i == words_.size() - 1 && regions_ % 64 != 0)
                word &= (std::uint64_t{1} << (regions_ % 64)) - 1;
            set_word(begin + i, words_[begin + i] | word);
        }
    }

    /// The words of a page, to be encoded by the store.
    std::span<const std::uint64_t> page(std::size_t index) const noexcept
    {
        const std::size_t begin = index * words_per_page;
        return std::span(words_).subspan(begin, std::min(words_per_page, words_.size() - begin));
    }

    std::uint64_t memory_bytes() const noexcept { return words_.size() * 8 + changed_.size() / 8; }

    /// The memory that a map of such a device takes.
    static constexpr std::uint64_t memory_bytes(std::uint64_t size_bytes,
                                                std::uint64_t region_bytes) noexcept
    {
        return (size_bytes / region_bytes + 64) / 8;
    }

private:
    static constexpr std::size_t words_per_page = page_bytes / 8;

    std::uint64_t first_region(byte_extent extent) const noexcept
    {
        return extent.offset_bytes >> region_shift_;
    }
    std::uint64_t end_region(byte_extent extent) const noexcept
    {
        return std::min(regions_, (extent.end_bytes() + region_bytes() - 1) >> region_shift_);
    }
    bool test(std::uint64_t region) const noexcept
    {
        return (words_[region / 64] >> (region % 64) & 1) != 0;
    }

    std::optional<byte_extent> next_run(std::uint64_t from_bytes, std::uint64_t bytes_max,
                                        bool wanted) const noexcept
    {
        if (from_bytes >= size_bytes_) return std::nullopt;
        const auto first = find(from_bytes >> region_shift_, wanted);
        if (!first) return std::nullopt;
        const std::uint64_t regions_max = std::max<std::uint64_t>(1, bytes_max >> region_shift_);
        std::uint64_t end = std::min(regions_, *first + regions_max);
        if (const auto over = find(*first, !wanted); over && *over < end) end = *over;
        const std::uint64_t begin_bytes = *first << region_shift_;
        std::uint64_t end_bytes = end << region_shift_;
        if (end_bytes > size_bytes_ && !CIMREP_MUTANT(region_passes_the_end))
            end_bytes = size_bytes_;
        return byte_extent{begin_bytes, end_bytes - begin_bytes};
    }

    void set_word(std::size_t index, std::uint64_t value) noexcept
    {
        if (words_[index] == value) return;
        marked_ += static_cast<std::uint64_t>(std::popcount(value));
        marked_ -= static_cast<std::uint64_t>(std::popcount(words_[index]));
        words_[index] = value;
        set_page_changed(index / words_per_page, true);
    }

    void change_inner(byte_extent extent, bool to) noexcept
    {
        const std::uint64_t begin = (extent.offset_bytes + region_bytes() - 1) >> region_shift_;
        const std::uint64_t end =
            extent.end_bytes() >= size_bytes_ ? regions_ : extent.end_bytes() >> region_shift_;
        if (!extent.empty() && begin < end) change(begin, end, to);
    }

    void change(std::uint64_t begin, std::uint64_t end, bool to) noexcept
    {
        while (begin < end) {
            const std::size_t index = begin / 64;
            const unsigned low = begin % 64;
            const std::uint64_t count = std::min<std::uint64_t>(64 - low, end - begin);
            const std::uint64_t bits =
                (count == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1) << low;
            set_word(index, to ? words_[index] | bits : words_[index] & ~bits);
            begin += count;
        }
    }

    // The first region at or after `from` whose bit is `wanted`.
    std::optional<std::uint64_t> find(std::uint64_t from, bool wanted) const noexcept
    {
        if (from >= regions_) return std::nullopt;
        std::uint64_t mask = ~std::uint64_t{0} << (from % 64);
        for (std::size_t i = from / 64; i < words_.size(); ++i, mask = ~std::uint64_t{0}) {
            const std::uint64_t word = (wanted ? words_[i] : ~words_[i]) & mask;
            if (word == 0) continue;
            const std::uint64_t region = i * 64 + static_cast<unsigned>(std::countr_zero(word));
            return region < regions_ ? std::optional(region) : std::nullopt;
        }
        return std::nullopt;
    }

    std::uint64_t size_bytes_;
    unsigned region_shift_;
    std::uint64_t regions_;
    std::pmr::vector<std::uint64_t> words_;
    std::pmr::vector<bool> changed_;
    std::size_t changed_count_ = 0;
    std::uint64_t marked_ = 0;
};

}  // namespace cimrep::inline v0
