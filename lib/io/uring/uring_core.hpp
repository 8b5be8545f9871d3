// lib/io/uring/uring_core.hpp -- the ring of a loop, and the ops that are with it or wait for it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/uring/uring_loop.hpp>

#include <liburing.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <vector>

namespace cimrep::inline v0::detail {

/// Where an op is while a uring_device has it.
enum class op_phase : std::uint8_t { over, waits_for_request, waits_for_bounce, with_kernel };

/// Why an op shall end before its time.
enum class op_ending : std::uint8_t { none, canceled, late };

/// What a uring_device keeps in io_op::scratch.
struct op_state {
    io_op* earlier = nullptr;  // in the list of those with a deadline
    io_op* later = nullptr;
    std::uint32_t chunk_bytes = 0;  // of the request that is with the kernel
    std::int32_t bounce_slot = -1;
    op_phase phase = op_phase::over;
    op_ending ending = op_ending::none;
    std::uint8_t retries = 0;
    std::uint8_t method = 0;  // how a range is being zeroed
    bool bounced = false;
    bool has_deadline = false;
};
static_assert(sizeof(op_state) <= sizeof(io_op::scratch));
static_assert(std::is_trivially_destructible_v<op_state>);

inline op_state& state_of(io_op& op) noexcept
{
    return *std::launder(reinterpret_cast<op_state*>(op.scratch.data()));
}

/// Memory from the system in whole pages, given back at the end.
class page_memory {
public:
    page_memory() noexcept = default;
    page_memory(const page_memory&) = delete;
    page_memory& operator=(const page_memory&) = delete;
    ~page_memory();
    error_code allocate(std::size_t size_bytes) noexcept;
    std::byte* data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_bytes_; }

private:
    std::byte* data_ = nullptr;
    std::size_t size_bytes_ = 0;
};

/// The ring, its registrations, its bounce slots and its queues.
///
/// Threads:  that of the loop, except post().
class uring_core {
public:
    explicit uring_core(const uring_loop_options& options) noexcept : options_(options) {}
    uring_core(const uring_core&) = delete;
    uring_core& operator=(const uring_core&) = delete;
    ~uring_core();
    error_code open();

    // A turn.
    void attach(uring_loop& loop) noexcept { loop_ = &loop; }
    void enable() noexcept;
    /// Submits, waits at most `wait` for a completion, reaps. False if a signal ended the wait.
    bool turn(duration wait) noexcept;
    void submit_collected() noexcept;
    /// Something can be delivered or submitted without a wait.
    bool is_ready() const noexcept;
    bool has_completions() const noexcept;
    void take_posted() noexcept;
    void post(loop_task& task) noexcept;

    int notify_handle() noexcept;
    void drain_notifications() noexcept;

    // Ops of devices.
    void start(io_op& op) noexcept;
    void wait_for_bounce(io_op& op) noexcept;
    void cancel(io_op& op, op_ending why) noexcept;
    void watch_deadline(io_op& op) noexcept;
    void forget_deadline(io_op& op) noexcept;

    bool take_bounce(io_op& op) noexcept;
    void return_bounce(io_op& op) noexcept;
    std::byte* bounce_memory(const op_state& state) const noexcept;
    std::uint32_t bounce_slot_bytes() const noexcept { return options_.bounce_slot_bytes; }
    const page_memory& zeros() const noexcept { return zeros_; }

    // Registrations.
    std::int32_t register_file(int descriptor) noexcept;
    void unregister_file(std::int32_t slot) noexcept;
    result<std::int32_t> register_buffer(std::span<std::byte> memory) noexcept;
    void unregister_buffer(std::int32_t index) noexcept;

    const uring_loop_options& options() const noexcept { return options_; }
    uring_statistics statistics;

private:
    enum tag : std::uint64_t { tag_wake = 1, tag_ignored = 2, tag_mask = 7 };

    error_code open_ring() noexcept;
    void register_tables() noexcept;
    void watch_wake() noexcept;
    io_uring_sqe* request() noexcept;
    void fill(io_op& op, io_uring_sqe& sqe) noexcept;
    void start_waiting() noexcept;
    void reap() noexcept;
    void completed(const io_uring_cqe& cqe) noexcept;
    bool kernel_has_work() const noexcept;
    void check_entry(int returned) noexcept;
    void cancel_late() noexcept;
    static void deadline_fired(timer& which) noexcept;

    struct deadline_timer : timer {
        uring_core* core = nullptr;
    };

    uring_loop_options options_;
    uring_loop* loop_ = nullptr;
    io_uring ring_{};
    bool ring_open_ = false;
    bool ring_disabled_ = false;
    bool enabled_ = false;
    bool interrupted_ = false;
    bool wake_multishot_ = true;
    bool wake_lost_ = false;
    int wake_ = -1;                // written by post()
    std::atomic<int> notify_{-1};  // written by the kernel and by post(), for foreign reactors
    std::uint32_t in_flight_ = 0;
    std::atomic<loop_task*> posted_{nullptr};
    intrusive_queue<io_op, &io_op::next> waiting_;
    intrusive_queue<io_op, &io_op::next> waiting_for_bounce_;
    io_op* first_deadline_ = nullptr;
    io_op* last_deadline_ = nullptr;
    deadline_timer deadline_;
    page_memory bounce_;
    page_memory zeros_;
    std::vector<std::int32_t> free_bounce_slots_;
    std::vector<std::int32_t> free_file_slots_;
    std::vector<std::int32_t> free_buffers_;
};

}  // namespace cimrep::inline v0::detail
