// lib/store/core_commit.cpp -- commits become one log record, then durable, then answered.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>
#include <cimrep/store/change_codec.hpp>
#include <cimrep/store/log_entry.hpp>

#include "../base/mark.hpp"
#include "repository_core.hpp"
#include <algorithm>

namespace cimrep::inline v0 {

namespace {

std::uint64_t bytes_of(const commit_op& op) noexcept
{
    std::uint64_t sum = 0;
    for (const record_change& each : op.changes) sum += encoded_bytes(each);
    return sum;
}

bool within_bounds(const commit_op& op) noexcept
{
    return std::all_of(op.changes.begin(), op.changes.end(), [](const record_change& each) {
        return each.erase || each.value.size() <= record_value_bytes_max;
    });
}

}  // namespace

using implementation = device_repository::implementation;

std::uint64_t implementation::payload_bytes_max() const noexcept
{
    return log_buffer_.span().size() - log_header::encoded_bytes;
}

void implementation::commit(commit_op& op) noexcept
{
    CIMREP_ASSERT(op.done != nullptr && phase_ >= phase::open);
    op.started = loop_->turn_time();
    error_code error;
    if (lost_) error = errc::repository_lost;
    if (!error && phase_ != phase::open) error = errc::closed;
    if (!error && (!within_bounds(op) || bytes_of(op) > payload_bytes_max()))
        error = errc::over_budget;
    if (error) {
        ++counters_.failed;
        op.outcome = error;
        op.run = [](loop_task& task) noexcept {
            auto& self = static_cast<commit_op&>(task);
            self.done(self, self.outcome);
        };
        return loop_->defer(op);
    }
    queue_.push(op);
    schedule();
}

// In the next delivery, so that the commits of one turn share a record.
void implementation::schedule() noexcept
{
    if (!pump_task_.queued) loop_->defer(pump_task_);
}

void implementation::pump() noexcept
{
    // Nothing more is written beside or after the clean mark.
    if (lost_ || closed_at_ != 0 || log_busy_) return advance();
    if (!checkpoint_.running &&
        (checkpoint_wanted_ || log_.used_bytes() >= wanted_block_.layout.log_bytes / 2))
        start_checkpoint();
    if (batch_.empty()) collect();
    if (!batch_.empty()) launch();
    advance();
}

/// Puts as many commits as fit into the record to come.
void implementation::collect() noexcept
{
    batch_bytes_ = batch_commits_ = batch_changes_ = 0;
    auto payload = log_buffer_.span().subspan(log_header::encoded_bytes);
    while (loop_task* next = queue_.front()) {
        auto& op = static_cast<commit_op&>(*next);
        if (batch_bytes_ + bytes_of(op) > payload_bytes_max()) return;
        queue_.pop();
        if (const auto room = records_.reserve(op.changes, wanted_block_.layout.capacity_bytes());
            !room) {
            CIMREP_MARK(commit_over_budget);
            answer(op, room.error());
            continue;
        }
        for (const record_change& each : op.changes) {
            encode(each, payload.subspan(batch_bytes_));
            batch_bytes_ += encoded_bytes(each);
        }
        batch_changes_ += static_cast<std::uint32_t>(op.changes.size());
        ++batch_commits_;
        batch_.push(op);
    }
}

/// Writes the record to every copy; without room it waits for a checkpoint to give some back. One
/// is under way then: a log that is less than half used has room for its longest record.
void implementation::launch() noexcept
{
    log_header header{wanted_block_.set,
                      0,
                      next_sequence_,
                      wanted_block_.life,
                      static_cast<std::uint32_t>(batch_bytes_),
                      batch_changes_};
    const auto record_bytes = static_cast<std::size_t>(header.record_bytes());
    const auto position = log_.place(record_bytes);
    if (!position) {
        CIMREP_MARK(log_full);
        if (!waits_for_room_) ++counters_.waits_for_room;
        waits_for_room_ = true;
        CIMREP_ASSERT(checkpoint_.running);
        return;
    }
    waits_for_room_ = false;
    log_busy_ = true;
    header.position = *position;
    const auto record = log_buffer_.span().first(record_bytes);
    const std::size_t used = log_header::encoded_bytes + batch_bytes_;
    std::fill(record.begin() + static_cast<std::ptrdiff_t>(used), record.end(), std::byte{});
    encode(header, record.first(used));
    log_.written(*position, record_bytes);
    ++next_sequence_;
    ++counters_.log_records;
    counters_.log_bytes += record_bytes;
    counters_.commits_per_record_max = std::max(counters_.commits_per_record_max, batch_commits_);
    start(log_fan_, all_of(role::filling), &implementation::log_written,
          [&](io_op& op, unsigned copy) {
              prepare_durable_write(op, copy, *position, record);
              if (CIMREP_MUTANT(log_record_not_durable)) op.fua = false;
          });
}

void implementation::log_written() noexcept
{
    copies_failed(log_fan_);
    advance();
}

/// Every copy that is not recorded as stale has it, and who is stale is recorded.
void implementation::answer_batch() noexcept
{
    log_busy_ = false;
    commit_queue answered = std::move(batch_);
    for (loop_task* at = answered.front(); at != nullptr; at = at->next)
        records_.apply(static_cast<commit_op*>(at)->changes);
    for (loop_task* at = answered.front(); at != nullptr; at = at->next)
        records_.sweep(static_cast<commit_op*>(at)->changes);
    schedule();
    while (loop_task* next = answered.pop()) answer(static_cast<commit_op&>(*next), {});
}

void implementation::answer(commit_op& op, error_code error) noexcept
{
    ++(error ? counters_.failed : counters_.commits);
    if (!error) {
        counters_.changes += op.changes.size();
        counters_.commit_latency.add(loop_->turn_time() - op.started);
    }
    op.done(op, error);
}

}  // namespace cimrep::inline v0
