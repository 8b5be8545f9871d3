// engine/range_lock.hpp -- orders operations that touch the same bytes of a volume.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/assert.hpp>
#include <cimrep/base/intrusive_queue.hpp>
#include <cimrep/base/units.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <vector>

namespace cimrep::inline v0 {

/// Readers share a range, everything else has it alone; who came first goes first.
///
/// Invariant:  no two held ranges overlap unless both are shared; a waiter is granted only when no
///             held range and no earlier waiter conflicts with it, so nobody starves.
/// Allocates:  once, in the constructor: at most `holders_max` ranges are held at a time.
class range_lock {
public:
    enum class sharing : std::uint8_t { shared, exclusive };

    /// One claim, in its owner's memory.
    struct node {
        byte_extent extent{};
        sharing how = sharing::exclusive;
        void (*granted)(node& which) noexcept = nullptr;  ///< the owner's, for grant()
        node* next = nullptr;                             // the lock's, while waiting
        std::size_t slot = 0;                             // the lock's, while held
    };
    using node_queue = intrusive_queue<node, &node::next>;

    range_lock(std::size_t holders_max, std::pmr::memory_resource* memory) : held_(memory)
    {
        held_.reserve(holders_max);
    }

    /// Claims `which.extent`. True if it is held now; false if it waits and release() will return
    /// it.
    bool acquire(node& which) noexcept
    {
        if (conflicts_with_held(which) || conflicts_with_waiting(which)) {
            waiting_.push(which);
            return false;
        }
        hold(which);
        return true;
    }

    /// Gives `which` up and appends the waiters that hold their range now to `granted`.
    void release(node& which, node_queue& granted) noexcept
    {
        drop(which);
        grant_waiting(granted);
    }

    /// Gives the part of `which` before `begin_bytes` up, as release() does.
    /// @pre  `which` is held and something of it is left.
    void shrink(node& which, std::uint64_t begin_bytes, node_queue& granted) noexcept
    {
        CIMREP_ASSERT(begin_bytes >= which.extent.offset_bytes &&
                      begin_bytes < which.extent.end_bytes());
        holder& at = held_[which.slot];
        count(at, static_cast<std::uint32_t>(-1));
        which.extent = {begin_bytes, which.extent.end_bytes() - begin_bytes};
        at.begin = begin_bytes;
        count(at, 1);
        grant_waiting(granted);
    }

    /// Takes `which` out of the line and appends those who waited for it alone to `granted`.
    /// @pre  `which` waits.
    void abandon(node& which, node_queue& granted) noexcept
    {
        [[maybe_unused]] const bool waited = waiting_.remove(which);
        CIMREP_ASSERT(waited);
        grant_waiting(granted);
    }

    /// Tells the owners of `granted`, in order.
    static void grant(node_queue& granted) noexcept
    {
        while (node* which = granted.pop()) which->granted(*which);
    }

    bool idle() const noexcept { return held_.empty() && waiting_.empty(); }
    std::size_t held_count() const noexcept { return held_.size(); }

private:
    // Held ranges stand side by side: at the depths of block devices a scan beats a tree.
    struct holder {
        std::uint64_t begin, end;
        node* owner;
        sharing how;
    };

    void grant_waiting(node_queue& granted) noexcept
    {
        if (waiting_.empty()) return;
        node_queue still_waiting;
        while (node* candidate = waiting_.pop()) {
            if (conflicts_with_held(*candidate) || conflicts(still_waiting, *candidate)) {
                still_waiting.push(*candidate);
                continue;
            }
            hold(*candidate);
            granted.push(*candidate);
        }
        waiting_ = std::move(still_waiting);
    }

    static bool both_shared(sharing a, sharing b) noexcept
    {
        return a == sharing::shared && b == sharing::shared;
    }
    static bool conflict(const node& a, const node& b) noexcept
    {
        return a.extent.overlaps(b.extent) && !both_shared(a.how, b.how);
    }
    // Without a branch for each holder: where other operations lie cannot be predicted.
    bool conflicts_with_held(const node& which) const noexcept
    {
        const std::uint64_t begin = which.extent.offset_bytes;
        const std::uint64_t end = which.extent.end_bytes();
        if (!may_meet_held(begin, end)) return false;
        bool found = false;
        if (which.how == sharing::exclusive) {
            for (const holder& other : held_) found |= (other.begin < end) & (begin < other.end);
        } else if (exclusive_held_ > 0) {
            for (const holder& other : held_)
                found |=
                    (other.begin < end) & (begin < other.end) & (other.how == sharing::exclusive);
        }
        return found;
    }
    // Most operations meet nobody: how many hold a part of a stretch is counted by the stretch's
    // number, modulo the size of the table; who holds a longer range counts everywhere.
    bool may_meet_held(std::uint64_t begin, std::uint64_t end) const noexcept
    {
        const std::uint64_t first = begin / stretch_bytes;
        const std::uint64_t last = (end - 1) / stretch_bytes;
        if (long_held_ > 0 || begin == end || last - first >= stretches_max) return true;
        std::uint32_t found = 0;
        for (std::uint64_t at = first; at <= last; ++at) found |= held_in_[at % stretches];
        return found != 0;
    }
    void count(const holder& which, std::uint32_t change) noexcept
    {
        const std::uint64_t first = which.begin / stretch_bytes;
        const std::uint64_t last = (which.end - 1) / stretch_bytes;
        if (which.how == sharing::exclusive) exclusive_held_ += change;
        if (which.begin == which.end || last - first >= stretches_max) {
            long_held_ += change;
            return;
        }
        for (std::uint64_t at = first; at <= last; ++at) held_in_[at % stretches] += change;
    }
    bool conflicts_with_waiting(const node& which) const noexcept
    {
        return !waiting_.empty() && conflicts(waiting_, which);
    }
    static bool conflicts(const node_queue& queue, const node& which) noexcept
    {
        for (const node* other = queue.front(); other != nullptr; other = other->next)
            if (conflict(*other, which)) return true;
        return false;
    }

    void hold(node& which) noexcept
    {
        CIMREP_ASSERT(held_.size() < held_.capacity());
        which.slot = held_.size();
        held_.push_back({which.extent.offset_bytes, which.extent.end_bytes(), &which, which.how});
        count(held_.back(), 1);
    }
    void drop(node& which) noexcept
    {
        CIMREP_ASSERT(which.slot < held_.size() && held_[which.slot].owner == &which);
        count(held_[which.slot], static_cast<std::uint32_t>(-1));
        held_[which.slot] = held_.back();
        held_[which.slot].owner->slot = which.slot;
        held_.pop_back();
    }

    std::pmr::vector<holder> held_;
    static constexpr std::uint64_t stretch_bytes = 64 * kib;
    static constexpr std::uint64_t stretches = 1024;
    static constexpr std::uint64_t stretches_max = 8;
    std::array<std::uint32_t, stretches> held_in_{};
    std::uint32_t long_held_ = 0;
    std::uint32_t exclusive_held_ = 0;
    node_queue waiting_;
};

}  // namespace cimrep::inline v0
