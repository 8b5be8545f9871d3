// engine/exception_tree.hpp -- an index of exceptions in pages that are written once.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/assert.hpp>
#include <cimrep/engine/exception.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace cimrep::inline v0 {

/// A page of a tree. On level 0 its entries are exceptions; above, each has the first exception of
/// a page of the level below, and for its place the place of that page.
struct exception_page {
    /// As many as a page of 4 KiB holds beside what says whose it is.
    static constexpr std::size_t entries_max = 168;
    /// Enough for 168^5 exceptions: the page above the root's level has its place alone.
    static constexpr std::uint32_t levels_max = 6;

    std::uint32_t level = 0;
    std::uint32_t count = 0;
    std::array<packed_exception, entries_max> entries;

    std::span<const packed_exception> all() const noexcept
    {
        return std::span(entries).first(count);
    }
};

/// Where the page is from which every exception of a tree is found.
struct exception_root {
    std::uint64_t place = 0;
    std::uint32_t level = 0;
    friend bool operator==(const exception_root&, const exception_root&) = default;
};

/// Makes a tree of exceptions that come in order. Pages come out when they are full, the lower ones
/// first, and each is written to a place that was free.
///
/// Allocates:  nothing.
class exception_tree_writer {
public:
    /// `write(page)` returns the place that the page gets. @pre  `each` comes after all before it.
    template <class Write>
    void add(const exception& each, Write&& write)
    {
        add_to(0, pack(each), write);
    }
    /// The root, or nothing if there is no exception; the writer is as new then.
    template <class Write>
    std::optional<exception_root> finish(Write&& write)
    {
        std::optional<exception_root> root;
        for (std::uint32_t level = 0; level < exception_page::levels_max; ++level) {
            exception_page& page = pages_[level];
            const bool is_root = level > 0 && page.count == 1 && nothing_above(level);
            if (is_root) root = {page.entries[0].place, level - 1};
            if (page.count != 0 && !is_root) flush(level, write);
            page.count = 0;
        }
        return root;
    }

private:
    bool nothing_above(std::uint32_t level) const noexcept
    {
        while (++level < exception_page::levels_max)
            if (pages_[level].count != 0) return false;
        return true;
    }
    template <class Write>
    void add_to(std::uint32_t level, const packed_exception& entry, Write& write)
    {
        CIMREP_ASSERT(level < exception_page::levels_max);
        exception_page& page = pages_[level];
        if (page.count == exception_page::entries_max) flush(level, write);
        CIMREP_ASSERT(page.count == 0 || comes_before(page.entries[page.count - 1], entry));
        page.entries[page.count++] = entry;
    }
    template <class Write>
    void flush(std::uint32_t level, Write& write)
    {
        exception_page& page = pages_[level];
        page.level = level;
        packed_exception first = page.entries[0];
        first.place = write(static_cast<const exception_page&>(page));
        page.count = 0;
        add_to(level + 1, first, write);
    }

    std::array<exception_page, exception_page::levels_max> pages_{};
};

/// Finds the exceptions of one chunk in a tree, under one epoch and later ones. It says which page
/// it has to see next; who has the pages shows it that one, now or when it was read.
///
/// Allocates:  nothing.
class exception_search {
public:
    exception_search(exception_root root, std::uint64_t chunk, std::uint64_t epoch_min) noexcept
        : chunk_(chunk), from_(pack({chunk, epoch_min, 0, 1, 0})), level_(root.level)
    {
        CIMREP_ASSERT(root.level < exception_page::levels_max);
        places_[level_] = root.place;
    }

    bool done() const noexcept { return done_; }
    /// @pre  not done().
    exception_root wanted() const noexcept { return {places_[level_], level_}; }

    /// Calls `visit(exception)` for those that the page has. @pre  it is the one that is wanted().
    template <class Visit>
    void show(const exception_page& page, Visit&& visit)
    {
        CIMREP_ASSERT(!done_ && page.level == level_);
        level_ == 0 ? visit_leaf(page, visit) : descend(page);
    }

private:
    template <class Visit>
    void visit_leaf(const exception_page& page, Visit& visit)
    {
        const auto all = page.all();
        auto at = std::lower_bound(all.begin(), all.end(), from_,
                                   [](const packed_exception& a, const packed_exception& b) {
                                       return comes_before(a, b);
                                   });
        for (; at != all.end(); ++at) {
            const exception each = unpack(*at);
            if (each.chunk != chunk_) return end();
            visit(each);
        }
        ascend();
    }

    // The first time the child that may hold what comes first; later those that follow it.
    void descend(const exception_page& page) noexcept
    {
        const auto all = page.all();
        std::uint32_t& next = next_[level_];
        if (next == unseen) {
            const auto after =
                std::upper_bound(all.begin(), all.end(), from_,
                                 [](const packed_exception& a, const packed_exception& b) {
                                     return comes_before(a, b);
                                 });
            next = after == all.begin() ? 0 : static_cast<std::uint32_t>(after - all.begin()) - 1;
        }
        if (next >= page.count) return ascend();
        const packed_exception& child = all[next++];
        if (unpack(child).chunk > chunk_) return end();
        --level_;
        places_[level_] = child.place;
        next_[level_] = unseen;
    }
    void ascend() noexcept
    {
        if (level_ + 1 >= exception_page::levels_max || next_[level_ + 1] == unseen) return end();
        ++level_;
    }
    void end() noexcept { done_ = true; }

    static constexpr std::uint32_t unseen = UINT32_MAX;

    std::uint64_t chunk_;
    packed_exception from_;
    std::uint32_t level_;
    bool done_ = false;
    std::array<std::uint64_t, exception_page::levels_max> places_{};
    /// Of the page of a level that is above: the entry that follows.
    std::array<std::uint32_t, exception_page::levels_max> next_ = {unseen, unseen, unseen,
                                                                   unseen, unseen, unseen};
};

}  // namespace cimrep::inline v0
