// lib/store/log_space.hpp -- where the next log record goes, and when there is no room for it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/assert.hpp>
#include <cimrep/base/units.hpp>

#include <cstdint>
#include <optional>

namespace cimrep::inline v0 {

/// The log area as a ring of records that do not wrap: one that does not fit before the end of the
/// area is put at its start.
///
/// Unit:       bytes on the device.
/// Invariant:  the records from tail to head are needed; head and tail lie in the area, and are
///             equal exactly if nothing is needed.
class log_space {
public:
    log_space() noexcept = default;
    log_space(byte_extent area, std::uint64_t head) noexcept : area_(area), head_(head), tail_(head)
    {
        CIMREP_ASSERT(area.contains({head, 1}));
    }

    std::uint64_t head() const noexcept { return head_; }

    std::uint64_t used_bytes() const noexcept
    {
        return head_ >= tail_ ? head_ - tail_ : area_.length_bytes - (tail_ - head_);
    }

    /// Where a record of `bytes` may be written; nothing if it would reach what is needed.
    std::optional<std::uint64_t> place(std::uint64_t bytes) const noexcept
    {
        const std::uint64_t end = area_.end_bytes();
        if (head_ < tail_) return bytes < tail_ - head_ ? std::optional(head_) : std::nullopt;
        // Up to the end itself only if the head does not meet the tail by it.
        const bool meets = tail_ == area_.offset_bytes;
        if (bytes < end - head_ || (bytes == end - head_ && !meets)) return head_;
        const bool empty = head_ == tail_;
        if (empty && bytes < area_.length_bytes) return area_.offset_bytes;
        if (bytes < tail_ - area_.offset_bytes) return area_.offset_bytes;
        return std::nullopt;
    }

    /// A record was put where place() said.
    void written(std::uint64_t position, std::uint64_t bytes) noexcept
    {
        // An empty ring begins where its first record lies.
        if (head_ == tail_) tail_ = position;
        head_ = position + bytes;
        if (head_ == area_.end_bytes()) head_ = area_.offset_bytes;
        CIMREP_ASSERT(head_ != tail_);
    }

    /// What lies before `tail` is not needed any more.
    void trim(std::uint64_t tail) noexcept { tail_ = tail; }

private:
    byte_extent area_;
    std::uint64_t head_ = 0;
    std::uint64_t tail_ = 0;
};

}  // namespace cimrep::inline v0
