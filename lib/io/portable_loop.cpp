// lib/io/portable_loop.cpp -- waits on a condition variable, so it sleeps on every system.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/portable_loop.hpp>

#include <algorithm>
#include <chrono>
#include <cstring>

namespace cimrep::inline v0 {

monotonic_time portable_loop::now() const noexcept
{
    using namespace std::chrono;
    const auto since = steady_clock::now().time_since_epoch();
    return {duration_cast<nanoseconds>(since).count()};
}

wall_time portable_loop::wall_now() const noexcept
{
    using namespace std::chrono;
    const auto since = system_clock::now().time_since_epoch();
    return {duration_cast<nanoseconds>(since).count()};
}

void portable_loop::random_bytes(std::span<std::byte> to) noexcept
{
    while (!to.empty()) {
        const auto value = random_();
        const std::size_t count = std::min(to.size(), sizeof value);
        std::memcpy(to.data(), &value, count);
        to = to.subspan(count);
    }
}

void portable_loop::post(loop_task& task) noexcept
{
    CIMREP_ASSERT(task.run != nullptr);
    const std::lock_guard hold(mutex_);
    CIMREP_ASSERT(!task.queued);
    task.queued = true;
    posted_.push(task);
    // Under the lock: once it is free the loop may run the task and its owner may end the loop.
    posted_something_.notify_one();
}

std::optional<monotonic_time> portable_loop::next_deadline() const noexcept
{
    {
        const std::lock_guard hold(mutex_);
        if (!posted_.empty()) return now();
    }
    return event_loop::next_deadline();
}

void portable_loop::take_posted() noexcept
{
    intrusive_queue<loop_task, &loop_task::next> taken;
    {
        const std::lock_guard hold(mutex_);
        taken = std::move(posted_);
    }
    while (loop_task* task = taken.pop()) {
        task->queued = false;
        defer(*task);
    }
}

/// Sleeps until something was posted (true) or `wait_max` has passed.
bool portable_loop::wait(duration wait_max) noexcept
{
    std::unique_lock hold(mutex_);
    const auto has_posted = [this] { return !posted_.empty(); };
    if (wait_max == forever) {
        posted_something_.wait(hold, has_posted);
        return true;
    }
    // The standard library adds the wait to a clock: an hour at a time cannot overflow it.
    const auto piece = std::min(wait_max, seconds(3600));
    return posted_something_.wait_for(hold, std::chrono::nanoseconds{piece.nanoseconds},
                                      has_posted);
}

std::size_t portable_loop::run_once(duration wait_max) noexcept
{
    const bool bounded = wait_max != forever;
    const monotonic_time started = bounded ? now() : monotonic_time{};
    while (true) {
        take_posted();
        if (const std::size_t delivered = deliver(); delivered > 0) return delivered;
        duration left = forever;
        if (bounded) {
            left.nanoseconds = wait_max.nanoseconds - (now() - started).nanoseconds;
            if (left <= duration{}) return 0;
        }
        if (const auto due = event_loop::next_deadline()) {
            left = std::min(left, std::max(*due - now(), duration{1}));
        }
        wait(left);
    }
}

}  // namespace cimrep::inline v0
