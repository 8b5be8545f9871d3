// io/uring/uring_loop.hpp -- an event loop on one io_uring, shared by the devices on it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/event_loop.hpp>

#include <memory>

namespace cimrep::inline v0 {

namespace detail {
class uring_core;
}

/// What a uring_loop is given at creation. Everything is allocated then.
struct uring_loop_options {
    std::uint32_t queue_depth = 256;               ///< ops with the kernel at once; the others wait
    std::uint32_t registered_files_max = 64;       ///< devices beyond it use a plain descriptor
    std::uint32_t registered_buffers_max = 64;     ///< for register_buffer()
    std::uint32_t bounce_slot_bytes = 128 * 1024;  ///< a multiple of the page
    std::uint32_t bounce_slots = 16;  ///< ops with a misaligned buffer at once; the others wait
    bool one_thread = true;           ///< the thread of the first turn drives all others: cheaper
};

/// What a loop has done since it was created. Only grows.
struct uring_statistics {
    std::uint64_t kernel_entries = 0;   ///< system calls that submitted or waited
    std::uint64_t submitted = 0;        ///< requests given to the kernel
    std::uint64_t queue_waits = 0;      ///< ops that found the ring full
    std::uint64_t bounced = 0;          ///< ops copied because of their alignment or instability
    std::uint64_t bounce_waits = 0;     ///< of these, ops that found no bounce slot free
    std::uint64_t continued = 0;        ///< short or split transfers that went on
    std::uint64_t retried = 0;          ///< EAGAIN and EINTR answered by another attempt
    std::uint64_t cancel_requests = 0;  ///< asked of the kernel, for cancel() and deadlines
};

/// Submits once per turn what was collected since the last, waits, reaps, and then calls back.
///
/// Invariant:  at most `queue_depth` ops are with the kernel; each other op is in one waiting
/// queue. Threads:    with one_thread the thread of the first turn drives every turn, and registers
///             buffers and opens and closes devices from then on; without it, one at a time.
/// Lifetime:   outlives its devices, and every call of post().
/// Allocates:  in create() only.
class CIMREP_API uring_loop final : public event_loop {
public:
    /// Sets the ring up with the cheapest flags that this kernel has.
    ///
    /// @errors  what io_uring_setup, mmap and eventfd report; EPERM and ENOSYS where io_uring is
    ///          switched off; std::errc::invalid_argument for options that contradict.
    static result<std::unique_ptr<uring_loop>> create(const uring_loop_options& options = {});
    ~uring_loop() override;

    std::size_t run_once(duration wait_max = forever) noexcept override;
    std::size_t poll() noexcept override;

    /// An eventfd, made at the first call: a loop that drives itself does not pay for it. -1 if the
    /// system has none left.
    std::intptr_t wait_handle() const noexcept override;
    std::optional<monotonic_time> next_deadline() const noexcept override;
    monotonic_time now() const noexcept override;
    wall_time wall_now() const noexcept override;
    void random_bytes(std::span<std::byte> to) noexcept override;
    void post(loop_task& task) noexcept override;

    /// Lets the kernel keep `memory` mapped; the index is for io_op::buffer_index.
    ///
    /// Lifetime:  until unregister_buffer() or the end of the loop; not while an op uses it.
    /// @errors    std::errc::not_enough_memory beyond the locked memory the system allows,
    ///            errc::over_budget beyond registered_buffers_max or on kernels without the table.
    result<std::int32_t> register_buffer(std::span<std::byte> memory) noexcept;
    void unregister_buffer(std::int32_t index) noexcept;

    const uring_statistics& statistics() const noexcept;
    std::uint32_t queue_depth() const noexcept;

    /// The ring, for the devices of this room.
    detail::uring_core& core() const noexcept { return *core_; }

private:
    explicit uring_loop(std::unique_ptr<detail::uring_core> core) noexcept;

    std::unique_ptr<detail::uring_core> core_;
};

}  // namespace cimrep::inline v0
