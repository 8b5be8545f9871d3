// test/support/virtual_loop.hpp -- a loop whose clock moves only when nothing else is left to do.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/event_loop.hpp>

#include <algorithm>
#include <random>

namespace cimrep::test {

/// Runs the same way each time: no clock of the machine, no randomness but a seed's.
class virtual_loop final : public event_loop {
public:
    explicit virtual_loop(std::uint64_t seed = 1) : random_(seed) {}

    /// Delivers what is due, or moves the clock to the next timer within `wait_max`.
    std::size_t run_once(duration wait_max = forever) noexcept override
    {
        if (const std::size_t delivered = deliver(); delivered > 0) return delivered;
        const auto due = event_loop::next_deadline();
        if (!due || (wait_max != forever && *due - now_ > wait_max)) {
            if (wait_max != forever) now_ = now_ + wait_max;
            return 0;
        }
        now_ = std::max(now_, *due);
        return deliver();
    }
    std::size_t poll() noexcept override { return run_once(duration{}); }
    std::intptr_t wait_handle() const noexcept override { return -1; }
    monotonic_time now() const noexcept override { return now_; }
    wall_time wall_now() const noexcept override { return {now_.nanoseconds + 1}; }
    void random_bytes(std::span<std::byte> to) noexcept override
    {
        for (std::byte& each : to) each = static_cast<std::byte>(random_());
    }
    void post(loop_task& task) noexcept override { defer(task); }

private:
    monotonic_time now_{1};
    std::mt19937_64 random_;
};

}  // namespace cimrep::test
