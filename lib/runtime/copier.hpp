// lib/runtime/copier.hpp -- brings one leg up to date, window by window, beside host I/O.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/engine/copy_pass.hpp>
#include <cimrep/engine/range_lock.hpp>

#include "leg.hpp"
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory_resource>
#include <utility>
#include <vector>

namespace cimrep::inline v0 {

struct volume_core;
class leg_copy;

/// A stretch of at most 1 MiB on its way from a current leg to another.
///
/// Its range is locked from before the read until after the write: no host write can fall between.
struct copy_window : range_lock::node {
    leg_copy* copy = nullptr;  ///< none: it went on without this window, which a device still has
    volume_core* volume = nullptr;
    std::byte* buffer = nullptr;
    io_segment into{};
    const_io_segment from{};
    leg_op read, write;
    std::uint32_t tried = 0;  ///< legs that could not deliver it, by slot
    std::uint32_t out = 0;    ///< ops whose memory the devices have
    bool over = false;        ///< copied or failed; free again when out is 0
    bool zero = false;
    bool kept = false;          ///< by a stuck device, when it was over
    std::uint64_t content = 0;  ///< of the volume, when the read began
    copy_window* next_window = nullptr;
};

/// The windows of a volume, shared by all its copies; their memory is made once.
class copy_windows {
public:
    copy_windows(std::size_t count, std::uint64_t window_bytes, std::pmr::memory_resource* memory);
    ~copy_windows();
    copy_windows(const copy_windows&) = delete;
    copy_windows& operator=(const copy_windows&) = delete;

    copy_window* take() noexcept { return free_.pop(); }
    void give(copy_window& window) noexcept
    {
        if (std::exchange(window.kept, false)) --kept_;
        free_.push_front(window);
    }
    /// A stuck device keeps `window` until give(): another takes its place, if there is memory.
    void keep(copy_window& window) noexcept;
    std::uint64_t window_bytes() const noexcept { return window_bytes_; }

private:
    std::pmr::memory_resource* memory_;
    std::uint64_t window_bytes_;
    std::byte* block_ = nullptr;
    std::pmr::vector<copy_window> windows_;
    std::pmr::list<copy_window> grown_;  ///< never more than were kept at a time
    std::size_t kept_ = 0;
    intrusive_queue<copy_window, &copy_window::next_window> free_;
};

/// One copy to one leg, from its start until leg_joined() or copy_ended().
///
/// Lifetime:  the volume's; it asks to be dropped, by a deferred task, when it is over.
class leg_copy {
public:
    leg_copy(volume_core& owner, leg& to);
    ~leg_copy() { CIMREP_ASSERT(windows_out_ == 0 && flushes_out_ == 0); }

    /// `judged`: what is not to be copied was found equal by reading from the current legs.
    void start(bool judged) noexcept;
    /// Ends early. With an error the leg has failed already.
    void stop(error_code why) noexcept;
    /// Starts what may be started now.
    void pump() noexcept;

    /// Fact: what was read from `which` and is not vouched for may be stale: it is read again.
    void doubt(leg& which) noexcept;
    /// Fact: `which` is removed from the volume and will not be flushed again.
    void source_gone(leg& which) noexcept;

    std::uint64_t total_bytes() const noexcept { return total_bytes_; }
    std::uint64_t copied_bytes() const noexcept { return copied_bytes_; }
    monotonic_time began_at() const noexcept { return began_at_; }

private:
    void begin(copy_window& w) noexcept;
    void locked(copy_window& w) noexcept;
    void read_done(copy_window& w, error_code error) noexcept;
    void write(copy_window& w) noexcept;
    void write_done(copy_window& w, error_code error) noexcept;
    void copied(copy_window& w) noexcept;
    void failed(copy_window& w) noexcept;
    void superseded(copy_window& w) noexcept;
    void end_window(copy_window& w) noexcept;
    void leave_behind(copy_window& w) noexcept;
    static void returned(copy_window& w) noexcept;
    void give_up(error_code why) noexcept;
    void flush() noexcept;
    void submit_flush(leg& on, leg_op& op) noexcept;
    void flush_settled(leg& on, error_code error) noexcept;
    void flushed() noexcept;
    void end() noexcept;
    void finish() noexcept;

    volume_core* volume_;
    leg* to_;
    copy_pass pass_;
    /// What has been read from a leg, by slot, and which of its flushes can vouch for it.
    struct reading {
        std::uint64_t vouching_flush = 0;  ///< 0: nothing, or it is vouched for
        leg_op flush;
    };
    std::vector<reading> readings_;
    leg_op flush_;
    bool flush_failed_ = false;
    bool judged_ = false;
    std::uint32_t flushes_pending_ = 0;  ///< not settled
    std::uint32_t flushes_out_ = 0;      ///< not returned
    std::uint64_t total_bytes_;
    std::uint64_t copied_bytes_ = 0;
    monotonic_time began_at_;
    error_code why_{};
    std::uint32_t windows_out_ = 0;  ///< windows not given back
    bool over_ = false;
    bool leg_failed_ = false;
    bool succeeded_ = false;
    bool pumping_ = false;
    struct ending : loop_task {
        leg_copy* self = nullptr;
    } ending_;
};

}  // namespace cimrep::inline v0
