// io/portable_loop.hpp -- an event loop made of the standard library alone: no ring, no port.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/event_loop.hpp>

#include <condition_variable>
#include <mutex>
#include <random>

namespace cimrep::inline v0 {

/// Drives devices that need no operating system: memory, faults, simulations, and volumes on them.
///
/// Invariant:  every posted task is in `posted_` until the turn that moves it to the deferred ones.
/// Threads:    as event_loop.
/// Allocates:  what std::random_device needs, once.
class CIMREP_API portable_loop final : public event_loop {
public:
    portable_loop() = default;

    std::size_t run_once(duration wait_max = forever) noexcept override;
    std::size_t poll() noexcept override { return run_once(duration{}); }

    /// -1: there is nothing to watch. A foreign reactor posts through its own means and calls
    /// poll().
    std::intptr_t wait_handle() const noexcept override { return -1; }

    std::optional<monotonic_time> next_deadline() const noexcept override;
    monotonic_time now() const noexcept override;
    wall_time wall_now() const noexcept override;
    void random_bytes(std::span<std::byte> to) noexcept override;
    void post(loop_task& task) noexcept override;

private:
    bool wait(duration wait_max) noexcept;
    void take_posted() noexcept;

    mutable std::mutex mutex_;
    std::condition_variable posted_something_;
    intrusive_queue<loop_task, &loop_task::next> posted_;  // guarded by mutex_
    std::random_device random_;
};

}  // namespace cimrep::inline v0
