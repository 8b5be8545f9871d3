// lib/runtime/leg.cpp -- every op on a leg passes here: counted, watched, and fenced when stuck.
// SPDX-License-Identifier: BSL-1.0
#include "leg.hpp"

namespace cimrep::inline v0 {

void leg::submit(leg_op& op) noexcept
{
    CIMREP_ASSERT(op.settled != nullptr && op.returned != nullptr);
    op.on = this;
    op.given_up = false;
    op.done = &leg::on_done;
    in_flight_.push_back(op);
    ++in_flight_count_;
    if (deadline.nanoseconds > 0) {
        op.submitted_at = device->loop().now();
        if (!watchdog_.is_linked()) device->loop().arm(watchdog_, op.submitted_at + deadline);
    }
    if (op.kind == io_kind::flush) {
        if (flush_running_ != nullptr) return flush_waiting_.push(op);
        flush_running_ = &op;
        ++flushes_begun_;
    }
    device->submit(op);
}

void leg::on_done(io_op& base, error_code error) noexcept
{
    auto& op = static_cast<leg_op&>(base);
    leg& self = *op.on;
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
    flush_running_ = nullptr;
    op_queue sharing = std::move(flush_sharing_);
    if (error) {
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
    for (io_op* base = ops.front(); base != nullptr; base = base->next) {
        auto& op = static_cast<leg_op&>(*base);
        op.submitted_at = device->loop().now();
        in_flight_.splice(in_flight_.end(), in_flight_, in_flight_.iterator_to(op));
    }
}

void leg::ended(leg_op& op, error_code error) noexcept
{
    in_flight_.erase(in_flight_.iterator_to(op));
    --in_flight_count_;
    const bool was_last = in_flight_.empty();
    if (was_last) stop_watching();
    if (op.given_up)
        --stuck;
    else
        op.settled(op, error);
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
