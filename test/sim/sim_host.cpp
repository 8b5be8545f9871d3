// test/sim/sim_host.cpp -- tells the oracle before each submit and after each end.
// SPDX-License-Identifier: BSL-1.0
#include "sim_host.hpp"

#include <cimrep/io/event_loop.hpp>

#include "host_op.hpp"
#include "scarce_memory.hpp"
#include <algorithm>
#include <utility>

namespace cimrep::test {

sim_host::sim_host(block_device& device, content_oracle* oracle, std::uint64_t seed,
                   const host_habits& habits,
                   std::function<void(const io_op&, error_code)> before_end)
    : device_(device),
      oracle_(oracle),
      random_(seed),
      impatience_(seed_of_part(seed, 58)),
      comparisons_(seed_of_part(seed, 84)),
      habits_(habits),
      before_end_(std::move(before_end)),
      left_(habits.operations)
{
}

sim_host::~sim_host()
{
    CIMREP_ASSERT(quiet());
}

void sim_host::go_on()
{
    paused_ = false;
    while (!paused_ && left_ > 0 && in_flight_ < habits_.depth) {
        if (idle_.empty()) {
            ops_.push_back(std::make_unique<host_op>());
            idle_.push_back(ops_.back().get());
        }
        host_op& op = *idle_.back();
        idle_.pop_back();
        submit(op);
    }
}

void sim_host::submit(host_op& op)
{
    op.owner = this;
    op.over = op.cancels = op.too_late = false;
    op.free = true;
    op.doubted = doubts();
    op.sent = moment();
    op.fua = op.unstable_buffer = op.stable_until_released = false;
    op.deadline = {};
    op.done = [](io_op& which, error_code error) noexcept {
        auto& self = static_cast<host_op&>(which);
        self.owner->ended(self, error);
    };
    --left_;
    ++in_flight_;
    if (!prepare_comparison(op)) prepare(op);
    hurry(op);
    const bool scribbled = op.unstable_buffer;
    {
        const library_scope library;
        calling_ = true;
        device_.submit(op);
        calling_ = false;
    }
    // Allowed, whatever the device does with it: the memory is promised to nobody.
    if (scribbled) random_.fill(op.memory);
    if (habits_.cancels && impatience_.chance(0.03)) cancel(op);
}

void sim_host::prepare(host_op& op)
{
    const geometry& shape = device_.shape();
    const std::uint64_t block = shape.logical_block_bytes;
    const std::uint64_t blocks = shape.size_bytes / block;
    // Half of the time in one place, so that operations meet.
    const std::uint64_t first = random_.chance(0.5)
                                    ? random_.below(std::min<std::uint64_t>(blocks, 24))
                                    : random_.below(blocks);
    const std::uint64_t count = random_.between(1, std::min(habits_.blocks_max, blocks - first));
    const std::uint64_t sectors = block / stamp_sector_bytes;
    const std::uint64_t choice = random_.below(100);
    if (choice < 10) {
        op.prepare_flush();
        if (oracle_ != nullptr) op.id = oracle_->flush_submitted();
    } else if (choice < 40) {
        op.memory.resize(static_cast<std::size_t>(count * block));
        op.prepare_read(first * block, std::span(op.memory));
        if (oracle_ != nullptr) op.id = oracle_->read_submitted(first * sectors, count * sectors);
    } else {
        prepare_change(op, first, count);
    }
}

void sim_host::prepare_change(host_op& op, std::uint64_t first, std::uint64_t count)
{
    const geometry& shape = device_.shape();
    const std::uint64_t block = shape.logical_block_bytes;
    const std::uint64_t sector = first * block / stamp_sector_bytes;
    const std::uint64_t sectors = count * block / stamp_sector_bytes;
    const std::uint64_t choice = random_.below(60);
    if (choice < 4) {
        op.prepare_write_zeroes(first * block, count * block);
        if (oracle_ != nullptr) op.id = oracle_->zeroes_submitted(sector, sectors);
        return;
    }
    if (choice < 6) {
        op.prepare_discard(first * block, count * block);
        if (oracle_ != nullptr) op.id = oracle_->discard_submitted(sector, sectors);
        return;
    }
    op.fua = choice < 16;
    op.memory.resize(static_cast<std::size_t>(count * block));
    op.unstable_buffer = habits_.scribbles && random_.chance(0.2);
    if (oracle_ == nullptr) {
        random_.fill(op.memory);
    } else if (op.unstable_buffer) {
        op.id = oracle_->discard_submitted(sector, sectors);
    } else {
        op.id = oracle_->write_submitted(sector, sectors, device_.loop().now(), op.fua);
        oracle_->fill(op.id, op.memory);
    }
    op.prepare_write(first * block, std::span<const std::byte>(op.memory));
    if (!habits_.promises || op.unstable_buffer || random_.chance(0.5)) return;
    op.stable_until_released = true;
    op.free = false;
    op.released = [](io_op& which) noexcept {
        const user_scope user;
        auto& self = static_cast<host_op&>(which);
        self.free = true;
        self.owner->put_away(self);
    };
}

void sim_host::ended(host_op& op, error_code error)
{
    const user_scope user;
    // It may be on its way again, with other memory.
    if (op.over) return violate("an operation was answered twice");
    for (host_op::moment* each : {&op.to_cancel, &op.to_look})
        if (each->is_linked()) device_.loop().disarm(*each);
    ++completed_;
    if (error) ++failed_;
    judge_end(op, error);
    before_end_(op, error);
    if (oracle_ != nullptr) judge(op, error);
    if (violation_) stop();
    op.over = true;
    if (habits_.cancels && impatience_.chance(0.03)) cancel_another();
    put_away(op);
}

bool sim_host::changes(byte_extent extent) const noexcept
{
    return std::any_of(ops_.begin(), ops_.end(), [&](const auto& op) {
        return !op->over && op->changes() && op->extent().overlaps(extent);
    });
}

void sim_host::judge(host_op& op, error_code error)
{
    if (op.kind == io_kind::compare_and_write) {
        judge_comparison(op, error);
    } else if (op.reads()) {
        if (error || op.doubted || doubts()) return oracle_->read_failed(op.id);
        at_read(op, op.sent);
        const auto wrong = oracle_->read_returned(op.id, op.memory);
        if (wrong && !violation_) violation_ = wrong->text;
    } else if (op.kind == io_kind::flush) {
        if (error)
            oracle_->flush_failed(op.id, habits_.faithless && !was_taken_back(op, error));
        else
            oracle_->flush_acknowledged(op.id);
    } else if (error == errc::not_supported) {
        oracle_->write_withdrawn(op.id);
    } else if (error) {
        oracle_->write_failed(op.id);
    } else {
        oracle_->write_acknowledged(op.id);
    }
}

void sim_host::put_away(host_op& op)
{
    if (!op.over || !op.free) return;
    --in_flight_;
    idle_.push_back(&op);
    if (!paused_) go_on();
}

}  // namespace cimrep::test
