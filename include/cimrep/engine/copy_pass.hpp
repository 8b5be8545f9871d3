// engine/copy_pass.hpp -- one background copy of what differs on a leg. Facts in, actions out.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/assert.hpp>
#include <cimrep/base/mutant.hpp>
#include <cimrep/base/units.hpp>
#include <cimrep/engine/region_map.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace cimrep::inline v0 {

/// Decides what a copier does next: copy a window, flush, or declare the leg in sync.
///
/// A pass ends only when nothing differs, nothing is in flight and a flush covers every copy. It
/// also flushes now and then on the way, so that a late failure does not cost the whole copy. Host
/// writes of the meantime go to the leg where it is equal and mark it where it is not.
///
/// Invariant:  the windows in flight are disjoint, because the caller holds each one's range.
/// Allocates:  never.
class copy_pass {
public:
    /// How much is copied between two flushes: a sixty-fourth of the leg, within these. That is
    /// what a crash or a late failure costs at most.
    static constexpr std::uint64_t unflushed_bytes_min = 64 * mib;
    static constexpr std::uint64_t unflushed_bytes_max = 1 * gib;
    static constexpr std::uint64_t unflushed_bytes_for(std::uint64_t size_bytes) noexcept
    {
        return std::clamp(size_bytes / 64, unflushed_bytes_min, unflushed_bytes_max);
    }

    enum class action : std::uint8_t {
        copy,     ///< copy window(), then window_done()
        flush,    ///< flush the leg and what was read from, then flush_done()
        done,     ///< the leg holds the volume's content, durably
        wait,     ///< something is in flight; ask again when it ends
        stopped,  ///< stop() was called or something failed, and nothing is in flight any more
    };

    copy_pass(region_map& map, std::uint64_t window_bytes) noexcept
        : map_(&map),
          window_bytes_(window_bytes),
          unflushed_limit_bytes_(unflushed_bytes_for(map.different().size_bytes()))
    {
    }

    /// What to do now. After `copy`, window() says where.
    action next() noexcept
    {
        if (flushing_) return action::wait;
        if (stopping_) return next_when_stopping();
        if (map_->unflushed().marked_bytes() >= unflushed_limit_bytes_) return flush_or_wait();
        if (auto found = find_window()) {
            window_ = *found;
            cursor_bytes_ = found->end_bytes();
            ++in_flight_;
            return action::copy;
        }
        if (in_flight_ > 0) return action::wait;
        if (!map_->different().none()) {
            cursor_bytes_ = 0;
            return next();
        }
        const bool flushed = map_->unflushed().none() && flushed_once_;
        if (!flushed && !CIMREP_MUTANT(copy_ends_without_a_flush)) return flush_or_wait();
        return action::done;
    }

    byte_extent window() const noexcept { return window_; }

    /// Only this much of the window that next() named is begun; the rest is named next.
    void shorten_window(std::uint64_t length_bytes) noexcept
    {
        CIMREP_ASSERT(length_bytes != 0 && length_bytes <= window_.length_bytes);
        window_.length_bytes = length_bytes;
        cursor_bytes_ = window_.end_bytes();
    }
    /// Fact: the window that next() named was not begun, for want of memory; it is named again.
    void window_not_started() noexcept
    {
        cursor_bytes_ = window_.offset_bytes;
        end_window();
    }
    /// Fact: the window could not be read into its buffer; it is named again.
    void window_postponed(byte_extent extent) noexcept
    {
        cursor_bytes_ = std::min(cursor_bytes_, extent.offset_bytes);
        end_window();
    }
    /// Fact: the window was copied, or was found to need no copy.
    void window_copied(byte_extent extent) noexcept
    {
        map_->copied(extent);
        if (CIMREP_MUTANT(window_clears_its_neighbour))
            map_->copied({extent.offset_bytes, 2 * extent.length_bytes});
        flushed_once_ = false;
        end_window();
    }
    /// Fact: the window was not copied, or not with the volume's content; it still differs.
    void window_superseded() noexcept { end_window(); }
    /// Fact: the window could not be copied; it still differs.
    void window_failed() noexcept
    {
        fail();
        end_window();
    }
    /// Fact: the flush has ended. On success every window that was copied before it is durable.
    void flush_done(bool succeeded) noexcept
    {
        CIMREP_ASSERT(flushing_ && in_flight_ == 0);
        flushing_ = false;
        if (!succeeded) {
            map_->flush_failed();
            return fail();
        }
        map_->flushed();
        flushed_once_ = true;
    }

    /// Asks for an early end: next() answers `stopped` once nothing is in flight and what was
    /// copied is flushed.
    void stop() noexcept { stopping_ = true; }
    /// As stop(), for a leg that cannot be flushed.
    void fail() noexcept { stopping_ = failed_ = true; }
    bool stopping() const noexcept { return stopping_; }
    std::uint32_t in_flight() const noexcept { return in_flight_; }

private:
    action next_when_stopping() noexcept
    {
        if (!failed_ && !map_->unflushed().none()) return flush_or_wait();
        return in_flight_ == 0 ? action::stopped : action::wait;
    }
    action flush_or_wait() noexcept
    {
        if (in_flight_ > 0) return action::wait;
        flushing_ = true;
        return action::flush;
    }
    // The cursor only moves up, so that windows in flight are not found again before they end.
    std::optional<byte_extent> find_window() const noexcept
    {
        return map_->different().next_marked(cursor_bytes_, window_bytes_);
    }
    void end_window() noexcept
    {
        CIMREP_ASSERT(in_flight_ > 0);
        --in_flight_;
    }

    region_map* map_;
    std::uint64_t window_bytes_;
    std::uint64_t unflushed_limit_bytes_;
    std::uint64_t cursor_bytes_ = 0;
    byte_extent window_{};
    std::uint32_t in_flight_ = 0;
    bool flushing_ = false;
    bool flushed_once_ = false;
    bool stopping_ = false;
    bool failed_ = false;
};

}  // namespace cimrep::inline v0
