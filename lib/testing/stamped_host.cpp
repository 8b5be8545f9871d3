// lib/testing/stamped_host.cpp -- tells the oracle before each submit and after each end.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/event_loop.hpp>
#include <cimrep/testing/stamped_host.hpp>

#include <algorithm>

namespace cimrep::inline v0 {

struct stamped_host::host_op : io_op {
    stamped_host* owner = nullptr;
    content_oracle::operation_id id = 0;
    std::vector<std::byte> memory;
};

stamped_host::stamped_host(block_device& device, content_oracle& oracle, std::uint64_t seed,
                           const host_workload& workload)
    : device_(device), oracle_(oracle), random_(seed_of_part(seed, 23)), workload_(workload)
{
    CIMREP_ASSERT(device.shape().size_bytes == oracle.sector_count() * stamp_sector_bytes);
    CIMREP_ASSERT(device.shape().logical_block_bytes % stamp_sector_bytes == 0);
    CIMREP_ASSERT(workload.depth > 0 && workload.blocks_max > 0);
}

stamped_host::~stamped_host()
{
    CIMREP_ASSERT(in_flight_ == 0);
}

void stamped_host::start()
{
    CIMREP_ASSERT(in_flight_ == 0);
    auditing_ = false;
    stopped_ = false;
    left_ = workload_.operations;
    submit_more();
}

void stamped_host::start_audit()
{
    CIMREP_ASSERT(in_flight_ == 0);
    auditing_ = true;
    stopped_ = false;
    audit_at_ = 0;
    const std::uint64_t blocks = device_.shape().size_bytes / device_.shape().logical_block_bytes;
    left_ = (blocks + workload_.blocks_max - 1) / workload_.blocks_max;
    submit_more();
}

void stamped_host::submit_more()
{
    while (!stopped_ && left_ > 0 && in_flight_ < workload_.depth) {
        if (idle_.empty()) {
            ops_.push_back(std::make_unique<host_op>());
            idle_.push_back(ops_.back().get());
        }
        host_op& op = *idle_.back();
        idle_.pop_back();
        op.owner = this;
        op.done = [](io_op& which, error_code error) noexcept {
            auto& self = static_cast<host_op&>(which);
            self.owner->ended(self, error);
        };
        --left_;
        ++in_flight_;
        if (auditing_)
            prepare_next_of_audit(op);
        else
            prepare(op);
        device_.submit(op);
    }
}

void stamped_host::prepare_next_of_audit(host_op& op)
{
    const geometry& shape = device_.shape();
    const std::uint64_t length =
        std::min(workload_.blocks_max * shape.logical_block_bytes, shape.size_bytes - audit_at_);
    op.memory.resize(static_cast<std::size_t>(length));
    op.prepare_read(audit_at_, std::span(op.memory));
    op.id = oracle_.read_submitted(audit_at_ / stamp_sector_bytes, length / stamp_sector_bytes);
    audit_at_ += length;
}

void stamped_host::prepare(host_op& op)
{
    const host_workload& w = workload_;
    std::uint64_t choice =
        random_.below(w.reads + w.flushes + w.writes + w.fua_writes + w.zeroes + w.discards);
    op.fua = false;
    if (choice < w.flushes) {
        op.prepare_flush();
        op.id = oracle_.flush_submitted();
        return;
    }
    choice -= w.flushes;
    const geometry& shape = device_.shape();
    const std::uint64_t block = shape.logical_block_bytes;
    const std::uint64_t blocks = shape.size_bytes / block;
    const std::uint64_t first = random_.below(blocks);
    const std::uint64_t count = random_.between(1, std::min(w.blocks_max, blocks - first));
    const std::uint64_t sector = first * block / stamp_sector_bytes;
    const std::uint64_t sectors = count * block / stamp_sector_bytes;
    if (choice < w.reads) {
        op.memory.resize(static_cast<std::size_t>(count * block));
        op.prepare_read(first * block, std::span(op.memory));
        op.id = oracle_.read_submitted(sector, sectors);
        return;
    }
    choice -= w.reads;
    if (choice < w.zeroes) {
        op.prepare_write_zeroes(first * block, count * block);
        op.id = oracle_.zeroes_submitted(sector, sectors);
    } else if (choice < w.zeroes + w.discards) {
        op.prepare_discard(first * block, count * block);
        op.id = shape.discard_reads_zeros ? oracle_.zeroes_submitted(sector, sectors)
                                          : oracle_.discard_submitted(sector, sectors);
    } else {
        op.fua = choice < w.zeroes + w.discards + w.fua_writes;
        op.memory.resize(static_cast<std::size_t>(count * block));
        op.id = oracle_.write_submitted(sector, sectors, device_.loop().now(), op.fua);
        oracle_.fill(op.id, op.memory);
        op.prepare_write(first * block, std::span<const std::byte>(op.memory));
    }
}

void stamped_host::ended(host_op& op, error_code error)
{
    ++completed_;
    if (error) ++failed_;
    if (error == std::errc::no_such_device) stopped_ = true;
    if (op.reads()) {
        auto wrong = error ? std::nullopt : oracle_.read_returned(op.id, op.memory);
        if (error) oracle_.read_failed(op.id);
        if (wrong && !violation_) violation_ = std::move(wrong);
        if (violation_) stopped_ = true;
    } else if (op.kind == io_kind::flush) {
        if (error)
            oracle_.flush_failed(op.id, workload_.failed_flush_loses);
        else
            oracle_.flush_acknowledged(op.id);
    } else if (error == errc::not_supported) {
        oracle_.write_withdrawn(op.id);
    } else if (error) {
        oracle_.write_failed(op.id);
    } else {
        oracle_.write_acknowledged(op.id);
    }
    --in_flight_;
    idle_.push_back(&op);
    submit_more();
}

}  // namespace cimrep::inline v0
