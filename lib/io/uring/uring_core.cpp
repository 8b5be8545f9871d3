// lib/io/uring/uring_core.cpp -- sets the ring up, and carries ops to it and back.
// SPDX-License-Identifier: BSL-1.0
#include "uring_core.hpp"

#include <cimrep/io/uring/uring_device.hpp>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace cimrep::inline v0::detail {

namespace {

constexpr std::size_t zeros_bytes = 256 * kib;

error_code system_error(int number) noexcept
{
    return {number, std::system_category()};
}

void signal(int event) noexcept
{
    const std::uint64_t one = 1;
    while (write(event, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

void drain(int event) noexcept
{
    std::uint64_t count = 0;
    while (read(event, &count, sizeof count) < 0 && errno == EINTR) {
    }
}

}  // namespace

page_memory::~page_memory()
{
    if (data_ != nullptr) munmap(data_, size_bytes_);
}

error_code page_memory::allocate(std::size_t size_bytes) noexcept
{
    void* memory =
        mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return system_error(errno);
    data_ = static_cast<std::byte*>(memory);
    size_bytes_ = size_bytes;
    return {};
}

uring_core::~uring_core()
{
    CIMREP_ASSERT(in_flight_ == 0 && waiting_.empty() && waiting_for_bounce_.empty());
    CIMREP_ASSERT(posted_.load() == nullptr);
    if (ring_open_) io_uring_queue_exit(&ring_);
    if (wake_ >= 0) close(wake_);
    if (notify_.load() >= 0) close(notify_.load());
}

error_code uring_core::open()
{
    const std::size_t slots = options_.bounce_slots;
    if (options_.queue_depth == 0 || slots == 0 || options_.bounce_slot_bytes == 0 ||
        options_.bounce_slot_bytes % 4096 != 0)
        return std::make_error_code(std::errc::invalid_argument);
    if (const error_code error = bounce_.allocate(slots * options_.bounce_slot_bytes)) return error;
    if (const error_code error = zeros_.allocate(zeros_bytes)) return error;
    wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake_ < 0) return system_error(errno);
    if (const error_code error = open_ring()) return error;
    for (std::size_t i = slots; i > 0; --i)
        free_bounce_slots_.push_back(static_cast<std::int32_t>(i - 1));
    register_tables();
    deadline_.core = this;
    deadline_.fired = deadline_fired;
    return {};
}

/// Tries the flags from the cheapest to those that every kernel has.
error_code uring_core::open_ring() noexcept
{
    // Disabled at first: the thread of the first turn becomes the one that submits.
    constexpr unsigned one_thread = IORING_SETUP_R_DISABLED | IORING_SETUP_SINGLE_ISSUER |
                                    IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_SUBMIT_ALL;
    constexpr unsigned attempts[] = {
        one_thread | IORING_SETUP_DEFER_TASKRUN,
        one_thread | IORING_SETUP_COOP_TASKRUN,
        IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_SUBMIT_ALL,
        0,
    };
    int returned = -EINVAL;
    for (const unsigned flags : attempts) {
        if (!options_.one_thread && (flags & IORING_SETUP_SINGLE_ISSUER) != 0) continue;
        io_uring_params parameters{};
        parameters.flags = flags;
        returned = io_uring_queue_init_params(options_.queue_depth, &ring_, &parameters);
        if (returned == -EINVAL) continue;
        ring_open_ = returned == 0;
        ring_disabled_ = (flags & IORING_SETUP_R_DISABLED) != 0;
        break;
    }
    return returned == 0 ? error_code{} : system_error(-returned);
}

/// Makes empty tables for files and buffers; a kernel without them costs speed only.
void uring_core::register_tables() noexcept
{
    const std::uint32_t files = options_.registered_files_max;
    if (files > 0 && io_uring_register_files_sparse(&ring_, files) == 0) {
        for (std::uint32_t i = files; i > 0; --i)
            free_file_slots_.push_back(static_cast<std::int32_t>(i - 1));
    }
    const std::uint32_t buffers = options_.registered_buffers_max;
    if (buffers > 0 && io_uring_register_buffers_sparse(&ring_, buffers) == 0) {
        for (std::uint32_t i = buffers; i > 0; --i)
            free_buffers_.push_back(static_cast<std::int32_t>(i - 1));
    }
}

void uring_core::enable() noexcept
{
    if (enabled_) return;
    enabled_ = true;
    if (ring_disabled_) {
        // By hand: liburing 2.3 declares io_uring_enable_rings() and does not export it.
        const long returned = syscall(__NR_io_uring_register, ring_.ring_fd,
                                      IORING_REGISTER_ENABLE_RINGS, nullptr, 0);
        CIMREP_ASSERT(returned == 0);
        io_uring_register_ring_fd(&ring_);
    }
    watch_wake();
}

void uring_core::watch_wake() noexcept
{
    io_uring_sqe* sqe = request();
    CIMREP_ASSERT(sqe != nullptr);
    if (wake_multishot_)
        io_uring_prep_poll_multishot(sqe, wake_, POLLIN);
    else
        io_uring_prep_poll_add(sqe, wake_, POLLIN);
    sqe->user_data = tag_wake;
}

/// An empty request, at the price of an early submission if there is no other way.
io_uring_sqe* uring_core::request() noexcept
{
    if (io_uring_sqe* sqe = io_uring_get_sqe(&ring_)) return sqe;
    submit_collected();
    return io_uring_get_sqe(&ring_);
}

void uring_core::check_entry(int returned) noexcept
{
    ++statistics.kernel_entries;
    interrupted_ = returned == -EINTR;
    // EBUSY and EAGAIN: the kernel is short of memory; what was collected is tried again.
    // Anything else, as EEXIST for a second thread, is a mistake of the program.
    CIMREP_ASSERT(returned >= 0 || returned == -ETIME || returned == -EINTR || returned == -EBUSY ||
                  returned == -EAGAIN);
}

void uring_core::submit_collected() noexcept
{
    enable();
    if (io_uring_sq_ready(&ring_) > 0) check_entry(io_uring_submit(&ring_));
}

bool uring_core::kernel_has_work() const noexcept
{
    return (IO_URING_READ_ONCE(*ring_.sq.kflags) & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) !=
           0;
}

bool uring_core::has_completions() const noexcept
{
    return io_uring_cq_ready(&ring_) > 0 || posted_.load() != nullptr;
}

bool uring_core::is_ready() const noexcept
{
    return !enabled_ || has_completions() || kernel_has_work() || io_uring_sq_ready(&ring_) > 0 ||
           (!waiting_.empty() && in_flight_ < options_.queue_depth);
}

bool uring_core::turn(duration wait) noexcept
{
    interrupted_ = false;
    start_waiting();
    if (wait > duration{}) {
        __kernel_timespec limit{};
        limit.tv_sec = wait.nanoseconds / 1'000'000'000;
        limit.tv_nsec = wait.nanoseconds % 1'000'000'000;
        io_uring_cqe* first = nullptr;
        check_entry(io_uring_submit_and_wait_timeout(&ring_, &first, 1,
                                                     wait == forever ? nullptr : &limit, nullptr));
    } else if (io_uring_sq_ready(&ring_) > 0) {
        check_entry(io_uring_submit_and_get_events(&ring_));
    } else if (io_uring_cq_ready(&ring_) == 0 && kernel_has_work()) {
        check_entry(io_uring_get_events(&ring_));
    }
    reap();
    start_waiting();
    return !interrupted_;
}

void uring_core::reap() noexcept
{
    unsigned head = 0;
    unsigned count = 0;
    io_uring_cqe* cqe = nullptr;
    io_uring_for_each_cqe(&ring_, head, cqe)
    {
        ++count;
        completed(*cqe);
    }
    io_uring_cq_advance(&ring_, count);
}

void uring_core::completed(const io_uring_cqe& cqe) noexcept
{
    if (cqe.user_data == tag_ignored || cqe.user_data == LIBURING_UDATA_TIMEOUT) return;
    if (cqe.user_data == tag_wake) {
        drain(wake_);
        if (cqe.res == -EINVAL) wake_multishot_ = false;  // a kernel before 5.13
        if ((cqe.flags & IORING_CQE_F_MORE) == 0) wake_lost_ = true;
        return;
    }
    io_op& op = *reinterpret_cast<io_op*>(cqe.user_data);
    CIMREP_ASSERT(in_flight_ > 0);
    --in_flight_;
    static_cast<uring_device*>(op.device)->finished(op, cqe.res);
}

void uring_core::start(io_op& op) noexcept
{
    if (waiting_.empty() && in_flight_ < options_.queue_depth) {
        if (io_uring_sqe* sqe = io_uring_get_sqe(&ring_)) {
            fill(op, *sqe);
            return;
        }
    }
    ++statistics.queue_waits;
    state_of(op).phase = op_phase::waits_for_request;
    waiting_.push(op);
}

void uring_core::fill(io_op& op, io_uring_sqe& sqe) noexcept
{
    static_cast<uring_device*>(op.device)->prepare(op, &sqe);
    sqe.user_data = reinterpret_cast<std::uintptr_t>(&op);
    state_of(op).phase = op_phase::with_kernel;
    ++in_flight_;
    ++statistics.submitted;
}

/// Gives requests to those that wait, oldest first.
void uring_core::start_waiting() noexcept
{
    if (wake_lost_) {
        wake_lost_ = false;
        watch_wake();
    }
    while (!waiting_.empty() && in_flight_ < options_.queue_depth) {
        io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
        if (sqe == nullptr) return;
        fill(*waiting_.pop(), *sqe);
    }
}

void uring_core::post(loop_task& task) noexcept
{
    CIMREP_ASSERT(task.run != nullptr && !task.queued);
    task.queued = true;
    loop_task* first = posted_.load(std::memory_order_relaxed);
    do {
        task.next = first;
    } while (!posted_.compare_exchange_weak(first, &task, std::memory_order_seq_cst,
                                            std::memory_order_relaxed));
    // Whoever made the stack non-empty wakes the loop; it takes all at once.
    if (first != nullptr) return;
    signal(wake_);
    // Directly: an eventfd that is signalled by way of another one is signalled late or never.
    const int notify = notify_.load();
    if (notify >= 0) signal(notify);
}

void uring_core::take_posted() noexcept
{
    if (posted_.load(std::memory_order_relaxed) == nullptr) return;
    loop_task* stack = posted_.exchange(nullptr, std::memory_order_seq_cst);
    loop_task* oldest = nullptr;
    while (stack != nullptr) {
        loop_task* below = stack->next;
        stack->next = oldest;
        oldest = stack;
        stack = below;
    }
    while (oldest != nullptr) {
        loop_task& task = *oldest;
        oldest = task.next;
        task.queued = false;
        loop_->defer(task);
    }
}

int uring_core::notify_handle() noexcept
{
    if (notify_.load() >= 0) return notify_.load();
    const int made = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (made < 0) return -1;
    if (io_uring_register_eventfd(&ring_, made) != 0) {
        close(made);
        return -1;
    }
    // Before anybody asks is_ready() again: who posts sees the handle, or is seen by that look.
    notify_.store(made);
    return made;
}

void uring_core::drain_notifications() noexcept
{
    const int notify = notify_.load(std::memory_order_relaxed);
    if (notify >= 0) drain(notify);
}

std::int32_t uring_core::register_file(int descriptor) noexcept
{
    if (free_file_slots_.empty()) return -1;
    const std::int32_t slot = free_file_slots_.back();
    const unsigned index = static_cast<unsigned>(slot);
    if (io_uring_register_files_update(&ring_, index, &descriptor, 1) != 1) return -1;
    free_file_slots_.pop_back();
    return slot;
}

void uring_core::unregister_file(std::int32_t slot) noexcept
{
    int none = -1;
    const unsigned index = static_cast<unsigned>(slot);
    // The table keeps the file open: a slot that cannot be cleared would keep the claim for ever.
    CIMREP_ASSERT(io_uring_register_files_update(&ring_, index, &none, 1) == 1);
    free_file_slots_.push_back(slot);
}

result<std::int32_t> uring_core::register_buffer(std::span<std::byte> memory) noexcept
{
    if (free_buffers_.empty()) return error_code(errc::over_budget);
    const std::int32_t index = free_buffers_.back();
    iovec vector{memory.data(), memory.size()};
    const __u64 untagged = 0;
    const int returned = io_uring_register_buffers_update_tag(&ring_, static_cast<unsigned>(index),
                                                              &vector, &untagged, 1);
    if (returned < 0) return system_error(-returned);
    free_buffers_.pop_back();
    return index;
}

void uring_core::unregister_buffer(std::int32_t index) noexcept
{
    iovec none{};
    const __u64 untagged = 0;
    const int returned = io_uring_register_buffers_update_tag(&ring_, static_cast<unsigned>(index),
                                                              &none, &untagged, 1);
    CIMREP_ASSERT(returned == 1);
    free_buffers_.push_back(index);
}

}  // namespace cimrep::inline v0::detail
