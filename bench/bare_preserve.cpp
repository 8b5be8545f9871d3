// bench/bare_preserve.cpp -- the yardstick of first overwrites: what is old is kept, by hand.
// SPDX-License-Identifier: BSL-1.0
#include "bare_ring.hpp"
#include <cerrno>
#include <cstring>
#include <utility>

namespace bench {

namespace {

constexpr std::uint32_t kept_bytes = 4096;
constexpr std::uint64_t pool_flushed = std::uint64_t{1} << 32;
constexpr std::uint64_t index_written = std::uint64_t{2} << 32;
constexpr int source_file = 0, pool_file = 1, index_file = 2;

}  // namespace

struct bare_ring::preserve_run {
    enum class step : unsigned char { reading, keeping, overwriting };

    std::vector<std::uint32_t> free, gathered, in_batch;  ///< slots
    std::vector<std::uint64_t> offsets;                   ///< by slot
    std::vector<step> steps;
    std::vector<bool> kept;  ///< by block
    std::uint64_t place = 0, index_offset = 0;
    std::uint64_t ended = 0, batches = 0;
    bool batch_out = false;
};

io_uring_sqe* bare_ring::preserve_write(int device, const std::byte* memory, std::uint64_t offset,
                                        std::uint64_t what)
{
    io_uring_sqe* sqe = request();
    io_uring_prep_write(sqe, device, memory, kept_bytes, offset);
    sqe->flags = IOSQE_FIXED_FILE;
    sqe->user_data = what;
    return sqe;
}

void bare_ring::preserve_start(preserve_run& run, std::uint32_t slot, const page_buffer& memory)
{
    const std::uint64_t offset = run.offsets[slot];
    std::byte* const own = memory.at(std::size_t{slot} * kept_bytes);
    const bool kept = run.kept[offset / kept_bytes];
    run.kept[offset / kept_bytes] = true;
    if (kept) {
        run.steps[slot] = preserve_run::step::overwriting;
        preserve_write(source_file, own, offset, slot);
        return;
    }
    run.steps[slot] = preserve_run::step::reading;
    io_uring_sqe* sqe = request();
    io_uring_prep_read(sqe, source_file, own, kept_bytes, offset);
    sqe->flags = IOSQE_FIXED_FILE;
    sqe->user_data = slot;
}

// One at a time; those who come meanwhile share the next.
void bare_ring::preserve_batch(preserve_run& run)
{
    if (run.batch_out || run.gathered.empty()) return;
    run.batch_out = true;
    ++run.batches;
    std::swap(run.gathered, run.in_batch);
    io_uring_sqe* sqe = request();
    io_uring_prep_fsync(sqe, pool_file, IORING_FSYNC_DATASYNC);
    sqe->flags = IOSQE_FIXED_FILE;
    sqe->user_data = pool_flushed;
}

void bare_ring::preserve_done(preserve_run& run, std::uint64_t what, const page_buffer& memory)
{
    if (what == pool_flushed) {
        io_uring_sqe* sqe =
            preserve_write(index_file, memory.at(0), run.index_offset, index_written);
        sqe->rw_flags = RWF_DSYNC;
        run.index_offset = (run.index_offset + kept_bytes) % (16 * mib);
        return;
    }
    if (what == index_written) {
        run.batch_out = false;
        for (const std::uint32_t slot : run.in_batch) {
            run.steps[slot] = preserve_run::step::overwriting;
            preserve_write(source_file, memory.at(std::size_t{slot} * kept_bytes),
                           run.offsets[slot], slot);
        }
        return run.in_batch.clear();
    }
    const auto slot = static_cast<std::uint32_t>(what);
    switch (run.steps[slot]) {
    case preserve_run::step::reading:
        run.steps[slot] = preserve_run::step::keeping;
        preserve_write(pool_file, memory.at(std::size_t{slot} * kept_bytes), run.place, slot);
        run.place += kept_bytes;
        return;
    case preserve_run::step::keeping: return run.gathered.push_back(slot);
    case preserve_run::step::overwriting: ++run.ended; run.free.push_back(slot);
    }
}

double bare_ring::preserve(const random_load& load, const page_buffer& memory)
{
    random_offsets offsets(load);
    preserve_run run;
    run.offsets.resize(load.depth);
    run.steps.resize(load.depth);
    run.kept.resize(load.size_bytes / kept_bytes);
    for (std::uint32_t slot = 0; slot < load.depth; ++slot) run.free.push_back(slot);
    std::uint64_t started = 0;
    const double began = seconds_now();
    while (run.ended < load.operations) {
        for (; !run.free.empty() && started < load.operations; ++started) {
            const std::uint32_t slot = run.free.back();
            run.free.pop_back();
            run.offsets[slot] = offsets.next();
            preserve_start(run, slot, memory);
        }
        preserve_batch(run);
        if (const int got = io_uring_submit_and_wait(&ring_, 1); got < 0)
            die(std::string("bare ring: submit: ") + std::strerror(-got));
        unsigned head = 0, count = 0;
        io_uring_cqe* cqe = nullptr;
        io_uring_for_each_cqe(&ring_, head, cqe)
        {
            ++count;
            if (cqe->res < 0) die(std::string("bare ring: ") + std::strerror(-cqe->res));
            preserve_done(run, cqe->user_data, memory);
        }
        io_uring_cq_advance(&ring_, count);
    }
    return seconds_now() - began;
}

}  // namespace bench
