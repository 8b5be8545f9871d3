// lib/io/uring/uring_ending.cpp -- what ends an op early or lets it wait: cancel, deadline, bounce.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/uring/uring_device.hpp>

#include "uring_core.hpp"

namespace cimrep::inline v0::detail {

void uring_core::cancel(io_op& op, op_ending why) noexcept
{
    op_state& state = state_of(op);
    if (state.phase == op_phase::over || state.ending != op_ending::none) return;
    state.ending = why;
    forget_deadline(op);
    const error_code canceled = std::make_error_code(std::errc::operation_canceled);
    switch (state.phase) {
    case op_phase::over: return;
    case op_phase::waits_for_request:
        CIMREP_ASSERT(waiting_.remove(op));
        static_cast<uring_device*>(op.device)->end(op, canceled);
        return;
    case op_phase::waits_for_bounce:
        CIMREP_ASSERT(waiting_for_bounce_.remove(op));
        static_cast<uring_device*>(op.device)->end(op, canceled);
        return;
    case op_phase::with_kernel: break;
    }
    ++statistics.cancel_requests;
    io_uring_sqe* sqe = request();
    if (sqe == nullptr) return;  // the kernel is short of memory: the op ends when it ends
    io_uring_prep_cancel64(sqe, reinterpret_cast<std::uintptr_t>(&op), 0);
    sqe->user_data = tag_ignored;
}

void uring_core::watch_deadline(io_op& op) noexcept
{
    op_state& state = state_of(op);
    state.has_deadline = true;
    state.earlier = last_deadline_;
    (last_deadline_ == nullptr ? first_deadline_ : state_of(*last_deadline_).later) = &op;
    last_deadline_ = &op;
    // One timer for all: ops mostly come with ascending deadlines, so it seldom moves.
    if (!deadline_.is_linked() || op.deadline < deadline_.due) loop_->arm(deadline_, op.deadline);
}

void uring_core::forget_deadline(io_op& op) noexcept
{
    op_state& state = state_of(op);
    if (!state.has_deadline) return;
    state.has_deadline = false;
    (state.earlier == nullptr ? first_deadline_ : state_of(*state.earlier).later) = state.later;
    (state.later == nullptr ? last_deadline_ : state_of(*state.later).earlier) = state.earlier;
    state.earlier = nullptr;
    state.later = nullptr;
    if (first_deadline_ == nullptr) loop_->disarm(deadline_);
}

void uring_core::deadline_fired(timer& which) noexcept
{
    static_cast<deadline_timer&>(which).core->cancel_late();
}

/// Asks for the end of what is late, and sets the timer for the next.
void uring_core::cancel_late() noexcept
{
    const monotonic_time limit = loop_->now();
    io_op* at = first_deadline_;
    while (at != nullptr) {
        io_op& op = *at;
        at = state_of(op).later;
        if (op.deadline <= limit) cancel(op, op_ending::late);
    }
    if (first_deadline_ == nullptr) return;
    monotonic_time next = first_deadline_->deadline;
    for (at = first_deadline_; at != nullptr; at = state_of(*at).later)
        if (at->deadline < next) next = at->deadline;
    loop_->arm(deadline_, next);
}

bool uring_core::take_bounce(io_op& op) noexcept
{
    if (free_bounce_slots_.empty() || !waiting_for_bounce_.empty()) return false;
    state_of(op).bounce_slot = free_bounce_slots_.back();
    free_bounce_slots_.pop_back();
    return true;
}

void uring_core::wait_for_bounce(io_op& op) noexcept
{
    ++statistics.bounce_waits;
    state_of(op).phase = op_phase::waits_for_bounce;
    waiting_for_bounce_.push(op);
}

/// Hands the slot of `op` to the oldest that waits for one, or back to the pool.
void uring_core::return_bounce(io_op& op) noexcept
{
    op_state& state = state_of(op);
    if (state.bounce_slot < 0) return;
    const std::int32_t slot = state.bounce_slot;
    state.bounce_slot = -1;
    if (io_op* next = waiting_for_bounce_.pop()) {
        state_of(*next).bounce_slot = slot;
        start(*next);
        return;
    }
    // Never grows past the capacity that open() gave it.
    free_bounce_slots_.push_back(slot);
}

std::byte* uring_core::bounce_memory(const op_state& state) const noexcept
{
    CIMREP_ASSERT(state.bounce_slot >= 0);
    return bounce_.data() +
           static_cast<std::size_t>(state.bounce_slot) * options_.bounce_slot_bytes;
}

}  // namespace cimrep::inline v0::detail
