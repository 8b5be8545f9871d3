// io/event_loop.hpp -- time, randomness, timers and completions: all the library wants of a system.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/intrusive_queue.hpp>
#include <cimrep/base/units.hpp>
#include <cimrep/io/io_op.hpp>

#include <boost/intrusive/set.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace cimrep::inline v0 {

/// Work for a later turn of the loop, in its owner's memory.
struct loop_task {
    void (*run)(loop_task& task) noexcept = nullptr;
    loop_task* next = nullptr;  // the loop's, while queued
    bool queued = false;        // the loop's
};

/// A moment to be told of, in its owner's memory.
///
/// Lifetime:  stays valid while armed. Fires once; `fired` may arm it again.
struct timer
    : boost::intrusive::set_base_hook<boost::intrusive::link_mode<boost::intrusive::safe_link>> {
    void (*fired)(timer& which) noexcept = nullptr;
    monotonic_time due{};
    friend bool operator<(const timer& a, const timer& b) noexcept { return a.due < b.due; }
};

/// Waiting for ever, in run_once().
inline constexpr duration forever{INT64_MAX};

/// One thread's source of completions, timers, clocks and randomness.
///
/// A product drives it with run_once() in a loop of its own, or watches wait_handle() and
/// next_deadline() from another reactor and calls poll().
///
/// Threads:    the one that drives it; post() alone may be called from any.
/// Re-entry:   callbacks run only inside run_once() and poll(), and neither is called from one.
class CIMREP_API event_loop {
public:
    event_loop() noexcept = default;
    event_loop(const event_loop&) = delete;
    event_loop& operator=(const event_loop&) = delete;

    /// @pre  no op is in flight, no task queued, no timer armed.
    virtual ~event_loop();

    /// Waits until something can be delivered or `wait_max` has passed, delivers it, and returns
    /// how many callbacks ran. Submits what was collected since the last turn before it waits.
    virtual std::size_t run_once(duration wait_max = forever) noexcept = 0;

    /// As run_once() with no wait: never blocks.
    virtual std::size_t poll() noexcept = 0;

    /// What becomes readable when poll() would find a completion or a post (an eventfd; on Windows
    /// the completion port); -1 where the loop has none.
    virtual std::intptr_t wait_handle() const noexcept = 0;

    /// When poll() must be called at the latest although the handle stays quiet: the next timer,
    /// or now if deferred work, undelivered completions or unsubmitted ops wait. Nothing: never.
    virtual std::optional<monotonic_time> next_deadline() const noexcept;

    virtual monotonic_time now() const noexcept = 0;
    virtual wall_time wall_now() const noexcept = 0;

    /// now(), but read at most once for all the callbacks of a turn: for what is stamped often.
    monotonic_time turn_time() const noexcept
    {
        if (!delivering_) return now();
        if (turn_time_.nanoseconds == 0) turn_time_ = now();
        return turn_time_;
    }
    virtual void random_bytes(std::span<std::byte> to) noexcept = 0;

    /// Runs `task` in a turn of this loop. The one call that any thread may make.
    ///
    /// Lifetime:  the task stays valid until it runs. Allocates: never.
    virtual void post(loop_task& task) noexcept = 0;

    /// Runs `task` in the next delivery on this thread, after what is being delivered now.
    void defer(loop_task& task) noexcept;

    /// Calls op.done(op, error) in the next delivery, and op.released where that is due then: how a
    /// device ends an op.
    void complete(io_op& op, error_code error) noexcept;

    /// Fires `which` once the clock has reached `due`; moves it if it is armed already.
    void arm(timer& which, monotonic_time due) noexcept;
    void disarm(timer& which) noexcept;

protected:
    /// Runs due timers, deferred tasks and completions that were there on entry.
    std::size_t deliver() noexcept;
    bool has_deferred() const noexcept { return !deferred_.empty() || !completed_.empty(); }
    bool has_timers() const noexcept { return !timers_.empty(); }

private:
    intrusive_queue<loop_task, &loop_task::next> deferred_;
    intrusive_queue<io_op, &io_op::next> completed_;
    boost::intrusive::multiset<timer> timers_;
    mutable monotonic_time turn_time_{};  // 0: nobody has asked in this turn
    bool delivering_ = false;
};

}  // namespace cimrep::inline v0
