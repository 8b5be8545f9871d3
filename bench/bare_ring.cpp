// bench/bare_ring.cpp -- plain liburing: submit, wait for one, reap all, go on.
// SPDX-License-Identifier: BSL-1.0
#include "bare_ring.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace bench {

namespace {

void check(int returned, const char* what)
{
    if (returned < 0) die(std::string("bare ring: ") + what + ": " + std::strerror(-returned));
}

}  // namespace

bare_ring::bare_ring(const std::vector<std::string>& paths, std::uint32_t queue_depth)
{
    io_uring_params parameters{};
    parameters.flags = IORING_SETUP_R_DISABLED | IORING_SETUP_SINGLE_ISSUER |
                       IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_SUBMIT_ALL |
                       IORING_SETUP_DEFER_TASKRUN;
    check(io_uring_queue_init_params(queue_depth, &ring_, &parameters), "queue_init");
    for (const std::string& path : paths) {
        const int file = ::open(path.c_str(), O_RDWR | O_DIRECT | O_CLOEXEC);
        if (file < 0) die("bare ring: cannot open " + path + ": " + std::strerror(errno));
        files_.push_back(file);
    }
    check(io_uring_register_files(&ring_, files_.data(), static_cast<unsigned>(files_.size())),
          "register_files");
    const long enabled =
        syscall(__NR_io_uring_register, ring_.ring_fd, IORING_REGISTER_ENABLE_RINGS, nullptr, 0);
    check(enabled < 0 ? -errno : 0, "enable_rings");
    check(io_uring_register_ring_fd(&ring_), "register_ring_fd");
}

bare_ring::~bare_ring()
{
    io_uring_queue_exit(&ring_);
    for (const int file : files_) close(file);
}

void bare_ring::register_buffer(std::span<std::byte> memory)
{
    const iovec vector{memory.data(), memory.size()};
    check(io_uring_register_buffers(&ring_, &vector, 1), "register_buffers");
    registered_ = true;
}

io_uring_sqe* bare_ring::request()
{
    io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
    if (sqe == nullptr) die("bare ring: its queue is full");
    return sqe;
}

double bare_ring::random(const random_load& load, unsigned devices, const page_buffer& memory)
{
    random_offsets offsets(load);
    std::vector<unsigned> missing(load.depth, 0);
    std::uint64_t started = 0, ended = 0;
    const auto start = [&](std::uint32_t slot) {
        const std::uint64_t offset = offsets.next();
        std::byte* data = memory.at(std::size_t{slot} * load.block_bytes);
        for (unsigned device = 0; device < devices; ++device) {
            io_uring_sqe* sqe = request();
            const int plain = load.writes ? IORING_OP_WRITE : IORING_OP_READ;
            const int fixed = load.writes ? IORING_OP_WRITE_FIXED : IORING_OP_READ_FIXED;
            io_uring_prep_rw(registered_ ? fixed : plain, sqe, static_cast<int>(device), data,
                             load.block_bytes, offset);
            sqe->flags = IOSQE_FIXED_FILE;
            sqe->user_data = slot;
        }
        missing[slot] = devices;
        ++started;
    };
    const double began = seconds_now();
    for (std::uint32_t slot = 0; slot < load.depth && started < load.operations; ++slot)
        start(slot);
    while (ended < load.operations) {
        check(io_uring_submit_and_wait(&ring_, 1), "submit");
        unsigned head = 0, count = 0;
        io_uring_cqe* cqe = nullptr;
        io_uring_for_each_cqe(&ring_, head, cqe)
        {
            ++count;
            if (cqe->res != static_cast<int>(load.block_bytes)) check(cqe->res, "transfer");
            const auto slot = static_cast<std::uint32_t>(cqe->user_data);
            if (--missing[slot] != 0) continue;
            ++ended;
            if (started < load.operations) start(slot);
        }
        io_uring_cq_advance(&ring_, count);
    }
    return seconds_now() - began;
}

void bare_ring::start_copy_step(std::uint32_t slot, const page_buffer& memory)
{
    copy_slot& step = slots_[slot];
    io_uring_sqe* sqe = request();
    io_uring_prep_rw(step.writing ? IORING_OP_WRITE : IORING_OP_READ, sqe, step.writing ? 1 : 0,
                     memory.at(slot * copying_.block_bytes), step.length, step.offset);
    sqe->flags = IOSQE_FIXED_FILE;
    sqe->user_data = slot;
}

void bare_ring::copy_step_done(std::uint32_t slot, std::int32_t result, const page_buffer& memory)
{
    copy_slot& step = slots_[slot];
    check(result, "transfer");
    if (static_cast<std::uint32_t>(result) != step.length) die("bare ring: a short transfer");
    if (step.writing) {
        copied_ += step.length;
        if (next_offset_ == copying_.size_bytes) return;
        step.offset = next_offset_;
        step.length = static_cast<std::uint32_t>(
            std::min(copying_.block_bytes, copying_.size_bytes - next_offset_));
        next_offset_ += step.length;
    }
    step.writing = !step.writing;
    start_copy_step(slot, memory);
}

double bare_ring::copy(const copy_load& load, const page_buffer& memory)
{
    copying_ = load;
    slots_.assign(load.depth, {});
    next_offset_ = copied_ = 0;
    const double began = seconds_now();
    for (std::uint32_t slot = 0; slot < load.depth && next_offset_ < load.size_bytes; ++slot) {
        slots_[slot].offset = next_offset_;
        slots_[slot].length =
            static_cast<std::uint32_t>(std::min(load.block_bytes, load.size_bytes - next_offset_));
        next_offset_ += slots_[slot].length;
        start_copy_step(slot, memory);
    }
    while (copied_ < load.size_bytes) {
        check(io_uring_submit_and_wait(&ring_, 1), "submit");
        unsigned head = 0, count = 0;
        io_uring_cqe* cqe = nullptr;
        io_uring_for_each_cqe(&ring_, head, cqe)
        {
            ++count;
            copy_step_done(static_cast<std::uint32_t>(cqe->user_data), cqe->res, memory);
        }
        io_uring_cq_advance(&ring_, count);
    }
    io_uring_sqe* sqe = request();
    io_uring_prep_fsync(sqe, 1, IORING_FSYNC_DATASYNC);
    sqe->flags = IOSQE_FIXED_FILE;
    check(io_uring_submit_and_wait(&ring_, 1), "flush");
    io_uring_cqe* cqe = nullptr;
    check(io_uring_peek_cqe(&ring_, &cqe), "flush");
    check(cqe->res, "flush");
    io_uring_cqe_seen(&ring_, cqe);
    return seconds_now() - began;
}

}  // namespace bench
