// base/intrusive_queue.hpp -- a first-in first-out queue through a pointer in its members.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/assert.hpp>

#include <utility>

namespace cimrep::inline v0 {

/// A queue of caller-owned nodes linked by their member `Next`.
///
/// Invariant:  first_ == nullptr exactly if the queue is empty; the last node's link is null.
/// Lifetime:   a node stays alive while it is in a queue, and is in one queue at a time.
/// Allocates:  never.
template <class T, T* T::*Next>
class intrusive_queue {
public:
    intrusive_queue() noexcept = default;
    intrusive_queue(intrusive_queue&& other) noexcept
        : first_(std::exchange(other.first_, nullptr)), last_(std::exchange(other.last_, nullptr))
    {
    }
    intrusive_queue& operator=(intrusive_queue&& other) noexcept
    {
        CIMREP_ASSERT(empty());
        first_ = std::exchange(other.first_, nullptr);
        last_ = std::exchange(other.last_, nullptr);
        return *this;
    }

    bool empty() const noexcept { return first_ == nullptr; }
    T* front() const noexcept { return first_; }

    void push(T& node) noexcept
    {
        node.*Next = nullptr;
        (first_ == nullptr ? first_ : last_->*Next) = &node;
        last_ = &node;
    }

    void push_front(T& node) noexcept
    {
        node.*Next = first_;
        if (first_ == nullptr) last_ = &node;
        first_ = &node;
    }

    /// Takes the oldest node, or nullptr.
    T* pop() noexcept
    {
        T* node = first_;
        if (node == nullptr) return nullptr;
        first_ = std::exchange(node->*Next, nullptr);
        if (first_ == nullptr) last_ = nullptr;
        return node;
    }

    /// Takes `node` out wherever it is; false if it is not in this queue. Linear.
    bool remove(T& node) noexcept
    {
        T* before = nullptr;
        for (T* at = first_; at != nullptr; before = at, at = at->*Next) {
            if (at != &node) continue;
            (before == nullptr ? first_ : before->*Next) = at->*Next;
            if (last_ == at) last_ = before;
            at->*Next = nullptr;
            return true;
        }
        return false;
    }

private:
    T* first_ = nullptr;
    T* last_ = nullptr;
};

}  // namespace cimrep::inline v0
