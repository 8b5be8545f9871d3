// lib/io/uring/uring_loop.cpp -- turns of a loop that sleeps in its ring.
// SPDX-License-Identifier: BSL-1.0
#include <sys/random.h>

#include "uring_core.hpp"
#include <algorithm>
#include <ctime>
#include <utility>

namespace cimrep::inline v0 {

namespace {

std::int64_t read_clock(clockid_t which) noexcept
{
    timespec time{};
    clock_gettime(which, &time);
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

result<std::unique_ptr<uring_loop>> uring_loop::create(const uring_loop_options& options)
{
    auto core = std::make_unique<detail::uring_core>(options);
    if (const error_code error = core->open()) return error;
    return std::unique_ptr<uring_loop>(new uring_loop(std::move(core)));
}

uring_loop::uring_loop(std::unique_ptr<detail::uring_core> core) noexcept : core_(std::move(core))
{
    core_->attach(*this);
}

uring_loop::~uring_loop() = default;

std::size_t uring_loop::run_once(duration wait_max) noexcept
{
    core_->enable();
    // A century is for ever, and cannot overflow the clock.
    if (wait_max > seconds(3'000'000'000)) wait_max = forever;
    const bool bounded = wait_max != forever && wait_max > duration{};
    const monotonic_time limit = bounded ? now() + wait_max : monotonic_time{};
    duration left = wait_max;
    while (true) {
        duration wait = left;
        if (has_deferred() || core_->has_completions())
            wait = {};
        else if (has_timers() && wait > duration{})
            wait = std::clamp(*event_loop::next_deadline() - now(), duration{}, left);
        const bool whole = core_->turn(wait);
        core_->take_posted();
        const std::size_t delivered = deliver();
        if (delivered > 0 || !whole) return delivered;
        if (wait_max <= duration{}) return 0;
        if (!bounded) continue;
        left = limit - now();
        if (left <= duration{}) return 0;
    }
}

std::size_t uring_loop::poll() noexcept
{
    core_->enable();
    // Before reaping: what completes from here on makes the handle readable again.
    core_->drain_notifications();
    core_->turn({});
    core_->take_posted();
    const std::size_t delivered = deliver();
    // A foreign reactor goes to sleep now; what the callbacks asked for must be on its way.
    core_->submit_collected();
    return delivered;
}

std::intptr_t uring_loop::wait_handle() const noexcept
{
    return core_->notify_handle();
}

std::optional<monotonic_time> uring_loop::next_deadline() const noexcept
{
    if (core_->is_ready()) return now();
    return event_loop::next_deadline();
}

monotonic_time uring_loop::now() const noexcept
{
    return {read_clock(CLOCK_MONOTONIC)};
}

wall_time uring_loop::wall_now() const noexcept
{
    return {read_clock(CLOCK_REALTIME)};
}

void uring_loop::random_bytes(std::span<std::byte> to) noexcept
{
    while (!to.empty()) {
        const ssize_t count = getrandom(to.data(), to.size(), 0);
        if (count > 0) to = to.subspan(static_cast<std::size_t>(count));
    }
}

void uring_loop::post(loop_task& task) noexcept
{
    core_->post(task);
}

result<std::int32_t> uring_loop::register_buffer(std::span<std::byte> memory) noexcept
{
    return core_->register_buffer(memory);
}

void uring_loop::unregister_buffer(std::int32_t index) noexcept
{
    core_->unregister_buffer(index);
}

const uring_statistics& uring_loop::statistics() const noexcept
{
    return core_->statistics;
}

std::uint32_t uring_loop::queue_depth() const noexcept
{
    return core_->options().queue_depth;
}

}  // namespace cimrep::inline v0
