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
    device->submit(op);
}

void leg::on_done(io_op& base, error_code error) noexcept
{
    auto& op = static_cast<leg_op&>(base);
    leg& self = *op.on;
    self.in_flight_.erase(self.in_flight_.iterator_to(op));
    --self.in_flight_count_;
    const bool quiet = self.in_flight_.empty();
    leg_owner& owner = *self.owner_;
    if (quiet) self.stop_watching();
    if (op.given_up)
        --self.stuck;
    else
        op.settled(op, error);
    op.returned(op);
    if (quiet && self.in_flight_.empty()) owner.leg_is_quiet(self);
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
        device->cancel(op);
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
