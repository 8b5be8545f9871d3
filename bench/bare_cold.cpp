// bench/bare_cold.cpp -- the yardstick of cold writes: a batched mark, then the fan-out, by hand.
// SPDX-License-Identifier: BSL-1.0
#include "bare_ring.hpp"
#include <cerrno>
#include <cstring>
#include <utility>

namespace bench {

namespace {

constexpr std::uint32_t block_bytes = 4096;
constexpr std::uint64_t mark_done = std::uint64_t{1} << 32;
constexpr std::uint64_t flush_done = std::uint64_t{2} << 32;

}  // namespace

struct bare_ring::cold_run {
    std::vector<std::uint32_t> waiting, marking;  ///< slots
    std::vector<std::uint64_t> offsets;           ///< by slot
    std::vector<unsigned> missing;                ///< devices that still have a write, by slot
    std::uint64_t room = 0;
    std::uint64_t unflushed = 0;  ///< marks since the last flush began
    std::uint64_t covered = 0;    ///< marks that the flush under way lets go
    unsigned flushes = 0;         ///< under way
    bool marks_out = false;
    std::uint64_t mark_offset = 0;
    std::uint64_t ended = 0;
    std::vector<std::uint32_t> free;
};

void bare_ring::begin_marks(cold_run& run, const page_buffer& memory)
{
    if (run.unflushed >= run.room / 2 && run.flushes == 0) {
        run.covered = std::exchange(run.unflushed, 0);
        for (int device = 0; device < 2; ++device) {
            io_uring_sqe* sqe = request();
            io_uring_prep_fsync(sqe, device, IORING_FSYNC_DATASYNC);
            sqe->flags = IOSQE_FIXED_FILE;
            sqe->user_data = flush_done;
            ++run.flushes;
        }
    }
    if (run.marks_out || run.waiting.empty()) return;
    if (run.unflushed + run.covered + run.waiting.size() > run.room) return;
    run.marks_out = true;
    std::swap(run.marking, run.waiting);
    run.unflushed += run.marking.size();
    io_uring_sqe* sqe = request();
    io_uring_prep_write(sqe, 2, memory.at(0), block_bytes, run.mark_offset);
    run.mark_offset = (run.mark_offset + block_bytes) % (16 * mib);
    sqe->rw_flags = RWF_DSYNC;
    sqe->flags = IOSQE_FIXED_FILE;
    sqe->user_data = mark_done;
}

void bare_ring::cold_done(cold_run& run, std::uint64_t what, const page_buffer& memory)
{
    if (what == flush_done) {
        if (--run.flushes == 0) run.covered = 0;
        return;
    }
    if (what == mark_done) {
        run.marks_out = false;
        for (const std::uint32_t slot : run.marking) {
            run.missing[slot] = 2;
            for (int device = 0; device < 2; ++device) {
                io_uring_sqe* sqe = request();
                io_uring_prep_write(sqe, device, memory.at(std::size_t{slot} * block_bytes),
                                    block_bytes, run.offsets[slot]);
                sqe->flags = IOSQE_FIXED_FILE;
                sqe->user_data = slot;
            }
        }
        run.marking.clear();
        return;
    }
    const auto slot = static_cast<std::uint32_t>(what);
    if (--run.missing[slot] != 0) return;
    ++run.ended;
    run.free.push_back(slot);
}

double bare_ring::cold(const random_load& load, std::uint64_t room, const page_buffer& memory)
{
    random_offsets offsets(load);
    cold_run run;
    run.room = room;
    run.offsets.resize(load.depth);
    run.missing.resize(load.depth);
    for (std::uint32_t slot = 0; slot < load.depth; ++slot) run.free.push_back(slot);
    std::uint64_t started = 0;
    const double began = seconds_now();
    // A flush that is left behind would end in the next run, which knows nothing of it.
    while (run.ended < load.operations || run.flushes != 0) {
        for (; !run.free.empty() && started < load.operations; ++started) {
            const std::uint32_t slot = run.free.back();
            run.free.pop_back();
            run.offsets[slot] = offsets.next();
            run.waiting.push_back(slot);
        }
        begin_marks(run, memory);
        if (const int got = io_uring_submit_and_wait(&ring_, 1); got < 0)
            die(std::string("bare ring: submit: ") + std::strerror(-got));
        unsigned head = 0, count = 0;
        io_uring_cqe* cqe = nullptr;
        io_uring_for_each_cqe(&ring_, head, cqe)
        {
            ++count;
            if (cqe->res < 0) die(std::string("bare ring: ") + std::strerror(-cqe->res));
            cold_done(run, cqe->user_data, memory);
        }
        io_uring_cq_advance(&ring_, count);
    }
    return seconds_now() - began;
}

}  // namespace bench
