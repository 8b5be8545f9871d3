// bench/bare_ring.hpp -- the yardstick: the same device I/O by a plain liburing loop.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <liburing.h>

#include "support.hpp"
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace bench {

/// A ring with the flags, registered files and queue depth of a uring_loop, and nothing around it.
class bare_ring {
public:
    /// Opens each of `paths` past the page cache, without a claim: the library has that.
    bare_ring(const std::vector<std::string>& paths, std::uint32_t queue_depth);
    bare_ring(const bare_ring&) = delete;
    bare_ring& operator=(const bare_ring&) = delete;
    ~bare_ring();

    /// Lets the kernel keep `memory` mapped, as buffer 0.
    void register_buffer(std::span<std::byte> memory);

    /// Runs `load` on the first `devices` devices, each write on all of them; the seconds it took.
    double random(const random_load& load, unsigned devices, const page_buffer& memory);

    /// Writes to devices 0 and 1, each time to an extent that has no mark: a batch of them shares a
    /// mark of 4 KiB, which is durable on device 2 first; as many as `room` marks may be without a
    /// flush of both devices, half of them before one begins. The seconds it took.
    double cold(const random_load& load, std::uint64_t room, const page_buffer& memory);

    /// Writes to device 0 and keeps what a block held before its first write on device 1: reads it,
    /// writes it there, flushes, names a batch of them by 4 KiB that are durable on device 2, and
    /// overwrites it then. The seconds it took.
    double preserve(const random_load& load, const page_buffer& memory);

    /// Copies device 0 to device 1, and flushes it; the seconds it took.
    double copy(const copy_load& load, const page_buffer& memory);

private:
    struct cold_run;
    struct preserve_run;
    io_uring_sqe* request();
    void begin_marks(cold_run& run, const page_buffer& memory);
    void cold_done(cold_run& run, std::uint64_t what, const page_buffer& memory);
    io_uring_sqe* preserve_write(int device, const std::byte* memory, std::uint64_t offset,
                                 std::uint64_t what);
    void preserve_start(preserve_run& run, std::uint32_t slot, const page_buffer& memory);
    void preserve_batch(preserve_run& run);
    void preserve_done(preserve_run& run, std::uint64_t what, const page_buffer& memory);
    void start_copy_step(std::uint32_t slot, const page_buffer& memory);
    void copy_step_done(std::uint32_t slot, std::int32_t result, const page_buffer& memory);

    struct copy_slot {
        std::uint64_t offset = 0;
        std::uint32_t length = 0;
        bool writing = false;
    };
    io_uring ring_{};
    std::vector<int> files_;
    bool registered_ = false;
    std::vector<copy_slot> slots_;
    copy_load copying_{};
    std::uint64_t next_offset_ = 0;
    std::uint64_t copied_ = 0;
};

}  // namespace bench
