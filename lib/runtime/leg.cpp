// lib/runtime/leg.cpp -- every op on a leg passes here: counted, watched, and fenced when stuck.
// SPDX-License-Identifier: BSL-1.0
#include "leg.hpp"

#include <cimrep/base/mutant.hpp>

#include "../base/mark.hpp"
#include <algorithm>
#include <utility>

namespace cimrep::inline v0 {

namespace {

constexpr std::uint64_t zeros_bytes = 1 * mib;
// Never written, so that it is one page of zeros all over.
alignas(4096) constinit std::byte zeros[zeros_bytes]{};

}  // namespace

void leg::submit(leg_op& op) noexcept
{
    CIMREP_ASSERT(op.settled != nullptr && op.returned != nullptr);
    op.on = this;
    op.given_up = op.canceled = false;
    op.zeroing = {};
    op.done = &leg::on_done;
    in_flight_.push_back(op);
    ++in_flight_count_;
    if (deadline.nanoseconds > 0) {
        op.submitted_at = device->loop().now();
        if (!watchdog_.is_linked()) device->loop().arm(watchdog_, op.submitted_at + deadline);
    }
    if (op.kind == io_kind::flush) {
        op_queue& later =
            CIMREP_MUTANT(flush_joins_one_under_way) ? flush_sharing_ : flush_waiting_;
        if (flush_running_ != nullptr) return later.push(op);
        flush_running_ = &op;
        ++flushes_begun_;
    }
    if (op.kind == io_kind::write_zeroes && writes_zeros_) {
        op.zeroing = op.extent();
        return write_zeros(op, op.offset_bytes);
    }
    device->submit(op);
}

// Legs must stay equal, whatever each of them can do: where a device cannot zero a range, zeros are
// written, piece by piece.
void leg::write_zeros(leg_op& op, std::uint64_t from_bytes) noexcept
{
    std::uint64_t most = zeros_bytes;
    if (const std::uint64_t limit = device->shape().maximum_transfer_bytes; limit != 0)
        most = std::min(most, limit - limit % device->shape().logical_block_bytes);
    const std::uint64_t length = std::min(op.zeroing.end_bytes() - from_bytes, most);
    op.prepare_write(from_bytes, std::span<const std::byte>(zeros, length));
    op.buffer_index = -1;
    op.unstable_buffer = false;
    if (deadline.nanoseconds > 0) restart_time(op);
    device->submit(op);
}

// True if the op is at the device again: `error` is of a part of it, or of a way to do it.
bool leg::goes_on(leg_op& op, error_code& error) noexcept
{
    const bool wanted = !op.given_up && !op.canceled;
    if (op.zeroing.empty()) {
        if (op.kind != io_kind::write_zeroes || !wanted || !unsupported(error)) return false;
        CIMREP_MARK(zeros_written_instead);
        writes_zeros_ = true;
        op.zeroing = op.extent();
        write_zeros(op, op.offset_bytes);
        return true;
    }
    const std::uint64_t done = op.extent().end_bytes();
    if (!error && done != op.zeroing.end_bytes()) {
        if (wanted) {
            write_zeros(op, done);
            return true;
        }
        error = std::make_error_code(std::errc::operation_canceled);
    }
    const byte_extent whole = std::exchange(op.zeroing, {});
    op.prepare_write_zeroes(whole.offset_bytes, whole.length_bytes);
    return false;
}

void leg::on_done(io_op& base, error_code error) noexcept
{
    auto& op = static_cast<leg_op&>(base);
    leg& self = *op.on;
    if (self.goes_on(op, error)) return;
    op_queue sharing;
    if (&op == self.flush_running_) {
        if (op.given_up && !error) error = errc::deadline_exceeded;
        sharing = self.flush_ended(error);
    }
    self.ended(op, error);
    // The leg lives while one of its ops is in flight.
    while (io_op* other = sharing.pop()) {
        auto& shared = static_cast<leg_op&>(*other);
        shared.on->ended(shared, error);
    }
}

// A device reports a failed flush once. A second one beside it, or after it, would succeed without
// the data that was dropped: so there is one at a time, and those that wait fail with it.
leg::op_queue leg::flush_ended(error_code error) noexcept
{
    if (error && CIMREP_MUTANT(failed_flush_vouches)) error = {};
    flush_running_ = nullptr;
    op_queue sharing = std::move(flush_sharing_);
    if (error) {
        CIMREP_MARK(flush_failed_for_those_that_wait);
        while (io_op* op = flush_waiting_.pop()) sharing.push(*op);
        owner_->leg_lost_cache(*this);
        return sharing;
    }
    flushed_through_ = flushes_begun_;
    flush_sharing_ = std::move(flush_waiting_);
    begin_again(flush_sharing_);
    if (io_op* next = flush_sharing_.pop()) {
        flush_running_ = static_cast<leg_op*>(next);
        ++flushes_begun_;
        device->submit(*next);
    }
    return sharing;
}

// Their time begins with the flush that they share: the one before it was the device's as well.
void leg::begin_again(const op_queue& ops) noexcept
{
    if (deadline.nanoseconds <= 0) return;
    for (io_op* op = ops.front(); op != nullptr; op = op->next)
        restart_time(static_cast<leg_op&>(*op));
}

void leg::restart_time(leg_op& op) noexcept
{
    op.submitted_at = device->loop().now();
    in_flight_.splice(in_flight_.end(), in_flight_, in_flight_.iterator_to(op));
}

void leg::ended(leg_op& op, error_code error) noexcept
{
    in_flight_.erase(in_flight_.iterator_to(op));
    --in_flight_count_;
    const bool was_last = in_flight_.empty();
    if (was_last) stop_watching();
    if (op.given_up) {
        CIMREP_MARK(late_completion_of_a_left_leg);
        --stuck;
    } else {
        op.settled(op, error);
    }
    op.returned(op);
    if (was_last && in_flight_.empty()) owner_->leg_is_quiet(*this);  // *this may be gone
}

void leg::check_deadline() noexcept
{
    if (in_flight_.empty()) return;
    event_loop& loop = device->loop();
    const monotonic_time oldest_due = in_flight_.front().submitted_at + deadline;
    const monotonic_time now = loop.now();
    if (oldest_due <= now) {
        if (owner_->leg_missed_deadline(*this)) return;
        loop.arm(watchdog_, now + deadline);
        return;
    }
    loop.arm(watchdog_, oldest_due);
}

void leg::give_up_all() noexcept
{
    stop_watching();
    // Collected first: `settled` may let its owner send new ops elsewhere, never to this leg.
    for (auto at = in_flight_.begin(); at != in_flight_.end();) {
        leg_op& op = *at++;
        if (op.given_up) continue;
        op.canceled = true;
        if (op.kind != io_kind::flush || &op == flush_running_) device->cancel(op);
        if (!op.may_be_given_up) continue;
        op.given_up = true;
        ++stuck;
        op.settled(op, errc::deadline_exceeded);
    }
}

void leg::stop_watching() noexcept
{
    if (watchdog_.is_linked()) device->loop().disarm(watchdog_);
}

}  // namespace cimrep::inline v0
