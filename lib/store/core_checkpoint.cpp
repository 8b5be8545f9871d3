// lib/store/core_checkpoint.cpp -- all records, written beside commits, so that the log can end.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>
#include <cimrep/store/checkpoint_header.hpp>

#include "../base/mark.hpp"
#include "repository_core.hpp"
#include <algorithm>

namespace cimrep::inline v0 {

using implementation = device_repository::implementation;

/// Between two log records. The log from here on is replayed over the checkpoint, so that a record
/// may be written with the value that it has when its turn comes.
void implementation::start_checkpoint() noexcept
{
    CIMREP_ASSERT(!checkpoint_.running && !log_busy_);
    checkpoint_wanted_ = false;
    checkpoint_ = {};
    checkpoint_.running = true;
    checkpoint_.replay_position = log_.head();
    checkpoint_.replay_sequence = next_sequence_;
    for (store_copy& each : copies_) each.in_checkpoint = each.written();
    if (CIMREP_MUTANT(checkpoint_over_the_valid_one))
        for (store_copy& each : copies_) each.checkpoint_area ^= 1u;
    write_next_part();
}

copy_mask implementation::checkpoint_targets() const noexcept
{
    copy_mask mask;
    for (unsigned copy = 0; copy < copies_.size(); ++copy)
        if (copies_[copy].in_checkpoint) mask.add(copy);
    return mask;
}

/// True if there is nobody left to go on with.
bool implementation::checkpoint_failed() noexcept
{
    copies_failed(checkpoint_fan_);
    if (!lost_) return false;
    CIMREP_MARK(checkpoint_interrupted);
    checkpoint_.running = false;
    advance();
    return true;
}

/// Whole blocks; what is left over goes first in the next part.
void implementation::write_next_part() noexcept
{
    checkpoint_progress& at = checkpoint_;
    const auto buffer = checkpoint_buffer_.span();
    const auto encoded = records_.encode_after(at.cursor, buffer.subspan(at.carried_bytes));
    const auto fresh = buffer.subspan(at.carried_bytes, encoded.bytes);
    at.payload.add(fresh);
    at.payload_bytes += encoded.bytes;
    at.records += encoded.records;
    at.last = encoded.last;
    const std::size_t filled = at.carried_bytes + encoded.bytes;
    at.part_bytes = filled / store_block_bytes * store_block_bytes;
    if (at.last && at.part_bytes < filled) {
        at.part_bytes += store_block_bytes;
        std::fill_n(buffer.begin() + static_cast<std::ptrdiff_t>(filled), at.part_bytes - filled,
                    std::byte{});
    }
    at.carried_bytes = at.last ? 0 : filled - at.part_bytes;
    if (at.part_bytes == 0) return write_head();
    const std::uint64_t offset = store_block_bytes + at.written_bytes;
    CIMREP_ASSERT(offset + at.part_bytes <= wanted_block_.layout.checkpoint_bytes);
    start(checkpoint_fan_, checkpoint_targets(), &implementation::part_written,
          [&](io_op& op, unsigned copy) {
              const unsigned area = copies_[copy].checkpoint_area ^ 1u;
              op.prepare_write(wanted_block_.layout.checkpoint(area).offset_bytes + offset,
                               buffer.first(at.part_bytes));
          });
}

void implementation::part_written() noexcept
{
    if (checkpoint_failed()) return;
    checkpoint_progress& at = checkpoint_;
    counters_.checkpoint_bytes += at.part_bytes;
    at.written_bytes += at.part_bytes;
    if (at.last) return write_head();
    const auto carried = checkpoint_buffer_.span().subspan(at.part_bytes, at.carried_bytes);
    std::copy(carried.begin(), carried.end(), checkpoint_buffer_.span().begin());
    write_next_part();
}

void implementation::write_head() noexcept
{
    start(checkpoint_fan_, checkpoint_targets(), &implementation::head_written,
          [&](io_op& op, unsigned copy) {
              store_copy& to = copies_[copy];
              const unsigned area = to.checkpoint_area ^ 1u;
              const std::uint64_t offset = wanted_block_.layout.checkpoint(area).offset_bytes;
              encode(checkpoint_header{wanted_block_.set, offset,
                                       wanted_block_.checkpoint_number + 1, checkpoint_.records,
                                       checkpoint_.payload_bytes, checkpoint_.payload.value()},
                     to.checkpoint_head.span());
              op.prepare_write(offset, to.checkpoint_head.span());
          });
}

/// One flush covers head and records; what is durable by itself needs none.
void implementation::head_written() noexcept
{
    if (checkpoint_failed()) return;
    copy_mask cached = checkpoint_targets();
    for (unsigned copy = 0; copy < copies_.size(); ++copy)
        if (cached.has(copy) && !copies_[copy].device->shape().volatile_cache) cached.remove(copy);
    if (cached.empty() || CIMREP_MUTANT(checkpoint_not_flushed)) return switch_checkpoint();
    start(checkpoint_fan_, cached, &implementation::checkpoint_flushed,
          [](io_op& op, unsigned) { op.prepare_flush(); });
}

void implementation::checkpoint_flushed() noexcept
{
    if (checkpoint_failed()) return;
    switch_checkpoint();
}

/// The superblocks are about to name it. Until they are durable the old one counts, and the log
/// that belongs to it stays.
void implementation::switch_checkpoint() noexcept
{
    for (store_copy& each : copies_) {
        if (!each.in_checkpoint) continue;
        each.checkpoint_area ^= 1u;
        if (each.at == role::filling) resilver_phase_ = resilver_phase::joining;
    }
    ++wanted_block_.checkpoint_number;
    if (checkpoint_.replay_sequence != next_sequence_ && CIMREP_MUTANT(replay_begins_too_late)) {
        checkpoint_.replay_position = log_.head();
        checkpoint_.replay_sequence = next_sequence_;
    }
    wanted_block_.replay_position = checkpoint_.replay_position;
    wanted_block_.replay_sequence = checkpoint_.replay_sequence;
    checkpoint_.switching = true;
    checkpoint_.switched_at = wanted_ + (CIMREP_MUTANT(checkpoint_counts_too_early) ? 0 : 1);
    want_superblocks();
}

void implementation::checkpoint_done() noexcept
{
    CIMREP_MARK(checkpoint_done);
    log_.trim(checkpoint_.replay_position);
    checkpoint_.running = checkpoint_.switching = false;
    ++counters_.checkpoints;
    if (phase_ == phase::recovering) opened();
    schedule();
}

}  // namespace cimrep::inline v0
