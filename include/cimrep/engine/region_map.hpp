// engine/region_map.hpp -- where one leg differs from the current content of its volume.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/mutant.hpp>
#include <cimrep/engine/region_bitmap.hpp>

#include <algorithm>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>

namespace cimrep::inline v0 {

/// What is known of one region of a leg.
enum class region_state : std::uint8_t {
    unwritten,  ///< equal, and known to read zeros
    clean,      ///< equal, durable on the leg
    syncing,    ///< copied, not yet flushed on the leg
    need_sync,  ///< may differ
};

/// The difference map of a leg.
///
/// Over-marking is safe, a lost map means all different. A region is `different` until it was
/// copied, then `unflushed` until a flush of the leg covers the copy; only then it is clean for
/// good.
///
/// Invariant:  every byte in which the leg, after losing what it had not flushed, differs from the
///             volume lies in a region that is different, unflushed or within a hot extent.
/// Allocates:  once, in the constructor.
class region_map {
public:
    region_map(std::uint64_t size_bytes, std::uint64_t region_bytes,
               std::pmr::memory_resource* memory)
        : different_(size_bytes, region_bytes, memory),
          unflushed_(size_bytes, region_bytes, memory),
          unwritten_(size_bytes, region_bytes, memory)
    {
    }

    const region_bitmap& different() const noexcept { return different_; }
    const region_bitmap& unflushed() const noexcept { return unflushed_; }

    region_state state_of(byte_extent region) const noexcept
    {
        if (different_.any(region)) return region_state::need_sync;
        if (unflushed_.any(region)) return region_state::syncing;
        return unwritten_.all(region) ? region_state::unwritten : region_state::clean;
    }

    /// Fact: the volume changed here and the leg did not follow, or the other way round.
    void differs(byte_extent extent) noexcept { different_.mark(extent); }
    void differs_everywhere() noexcept { different_.mark_all(); }
    void differs_where(const region_map& other) noexcept
    {
        different_.merge(other.different_);
        different_.merge(other.unflushed_);
    }
    /// Fact: the leg was given the volume's content in whole regions of `extent`; not yet flushed.
    void copied(byte_extent extent) noexcept
    {
        different_.clear(extent);
        unflushed_.mark(extent);
    }
    /// Fact: the leg was given what the volume holds here, and may lose it until it is flushed.
    void not_flushed(byte_extent extent) noexcept { unflushed_.mark(extent); }
    /// Fact: a flush has succeeded that was started after everything in unflushed() was copied.
    void flushed() noexcept { unflushed_.clear_all(); }
    /// Fact: what was copied since the last flush may be lost.
    void flush_failed() noexcept
    {
        if (!CIMREP_MUTANT(lost_cache_not_marked)) different_.merge(unflushed_);
        unflushed_.clear_all();
    }
    /// Fact: the leg is the current content from now on. Who wrote it need not have flushed it.
    void became_current() noexcept
    {
        unflushed_.merge(different_);
        different_.clear_all();
    }

    /// Fact: this part of the leg is known to read zeros.
    void reads_zeros(byte_extent extent) noexcept { unwritten_.mark_inner(extent); }
    /// Fact: something other than zeros may have been written to the leg here.
    void written(byte_extent extent) noexcept
    {
        if (!unwritten_.none()) unwritten_.clear_outer(extent);
    }
    bool known_zero(byte_extent extent) const noexcept { return unwritten_.all(extent); }

    // The durable form: what differs, or would if the leg lost what it has not flushed, by pages.

    /// The first page at or after `from` that has changed since it was taken.
    std::optional<std::size_t> next_changed_page(std::size_t from) const noexcept
    {
        const auto a = different_.next_changed_page(from);
        const auto b = unflushed_.next_changed_page(from);
        return a && b ? std::min(*a, *b) : a ? a : b;
    }
    /// Writes page `index` into `words`, which has room for it, and takes it off the list; returns
    /// how many words that is.
    std::size_t take_page(std::size_t index, std::span<std::uint64_t> words) noexcept
    {
        const auto a = different_.page(index);
        const auto b = unflushed_.page(index);
        for (std::size_t i = 0; i < a.size(); ++i)
            words[i] = CIMREP_MUTANT(saved_map_is_an_and) ? a[i] & b[i] : a[i] | b[i];
        different_.set_page_changed(index, false);
        unflushed_.set_page_changed(index, false);
        return a.size();
    }
    /// Every page is to be saved, for what is saved under the leg's name is not of this map.
    void all_pages_changed() noexcept
    {
        for (std::size_t i = 0; i < different_.page_count(); ++i)
            different_.set_page_changed(i, true);
    }
    /// Fact: the page did not become durable.
    void page_not_saved(std::size_t index) noexcept { different_.set_page_changed(index, true); }
    /// Fact: this page was durable when the map was last saved.
    void differs_as_saved(std::size_t index, std::span<const std::uint64_t> words) noexcept
    {
        if (index < different_.page_count()) different_.merge_page(index, words);
    }

    std::uint64_t memory_bytes() const noexcept { return 3 * different_.memory_bytes(); }

private:
    region_bitmap different_;
    region_bitmap unflushed_;
    region_bitmap unwritten_;
};

}  // namespace cimrep::inline v0
