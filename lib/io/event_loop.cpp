// lib/io/event_loop.cpp -- deferred work, completions and timers, the same for every backend.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/event_loop.hpp>

#include <utility>

namespace cimrep::inline v0 {

event_loop::~event_loop()
{
    CIMREP_ASSERT(deferred_.empty() && completed_.empty() && timers_.empty());
}

std::optional<monotonic_time> event_loop::next_deadline() const noexcept
{
    if (has_deferred()) return now();
    if (!timers_.empty()) return timers_.begin()->due;
    return std::nullopt;
}

void event_loop::defer(loop_task& task) noexcept
{
    CIMREP_ASSERT(task.run != nullptr && !task.queued);
    task.queued = true;
    deferred_.push(task);
}

void event_loop::complete(io_op& op, error_code error) noexcept
{
    CIMREP_ASSERT(op.done != nullptr);
    op.outcome = error;
    completed_.push(op);
}

void event_loop::arm(timer& which, monotonic_time due) noexcept
{
    CIMREP_ASSERT(which.fired != nullptr);
    disarm(which);
    which.due = due;
    timers_.insert(which);
}

void event_loop::disarm(timer& which) noexcept
{
    if (which.is_linked()) timers_.erase(timers_.iterator_to(which));
}

std::size_t event_loop::deliver() noexcept
{
    std::size_t delivered = 0;
    turn_time_ = {};
    delivering_ = true;
    // What callbacks add waits for the next turn: no callback can starve the loop.
    auto completed = std::move(completed_);
    auto deferred = std::move(deferred_);
    while (io_op* op = completed.pop()) {
        const error_code error = op->outcome;
        const bool later = std::exchange(op->releases_later, false);
        const bool release = op->stable_until_released && op->released != nullptr && !later;
        op->done(*op, error);  // the op may be gone now, unless its release is due
        if (release) op->released(*op);
        ++delivered;
    }
    while (loop_task* task = deferred.pop()) {
        task->queued = false;
        task->run(*task);
        ++delivered;
    }
    if (!timers_.empty()) {
        const monotonic_time limit = now();
        // Counted first: one that arms itself again for a moment that has passed waits a turn too.
        std::size_t due = 0;
        for (auto at = timers_.begin(); at != timers_.end() && at->due <= limit; ++at) ++due;
        for (; due > 0 && !timers_.empty() && timers_.begin()->due <= limit; --due) {
            timer& which = *timers_.begin();
            timers_.erase(timers_.begin());
            which.fired(which);
            ++delivered;
        }
    }
    delivering_ = false;
    return delivered;
}

}  // namespace cimrep::inline v0
