// lib/runtime/volume_waiting.cpp -- what waits can be taken back: by cancel(), or by its deadline.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>

#include "../base/mark.hpp"
#include "volume_core.hpp"

namespace cimrep::inline v0 {

void volume_core::cancel(io_op& op) noexcept
{
    if (CIMREP_MUTANT(cancel_unheard)) return;
    (void)take_back(op, std::make_error_code(std::errc::operation_canceled));
}

// What has reached a leg ends there: ending one leg's part of a write would make the legs differ.
bool volume_core::take_back(io_op& op, error_code why) noexcept
{
    if (CIMREP_MUTANT(taken_back_told_as_done)) why = {};
    if (waiting_.remove(op)) {
        CIMREP_MARK(taken_back_before_it_began);
        refuse(op, why);
        return true;
    }
    if (held_.remove(op)) {
        CIMREP_MARK(taken_back_from_a_cut);
        refuse(op, why);
        return true;
    }
    host_request* found = requests_.find(op);
    if (found == nullptr) return false;
    host_request& r = *found;
    switch (std::exchange(r.waits, host_request::waiting_for::nothing)) {
    case host_request::waiting_for::nothing: CIMREP_MARK(too_late_to_take_back); return false;
    case host_request::waiting_for::memory:
        CIMREP_MARK(taken_back_without_memory);
        bounce_waiters_.remove(r);
        break;
    case host_request::waiting_for::room:
        CIMREP_MARK(taken_back_without_room);
        full_waiters_.remove(r);
        break;
    case host_request::waiting_for::record:
        // Unless it is being answered.
        if (!parked_.remove(r)) return false;
        CIMREP_MARK(taken_back_before_its_record);
        break;
    case host_request::waiting_for::range: {
        CIMREP_MARK(taken_back_without_range);
        range_lock::node_queue granted;
        ranges_.abandon(r, granted);
        r.locked = false;
        range_lock::grant(granted);
        break;
    }
    }
    end_later(r, why);
    return true;
}

// `done` is not called from inside submit() or cancel().
void volume_core::end_later(host_request& r, error_code why) noexcept
{
    r.error = why;
    taken_back_.push(r);
    if (!take_back_.queued) loop_->defer(take_back_);
}

// What tells of nothing waits for no record.
void volume_core::answer_taken_back() noexcept
{
    auto ended = std::move(taken_back_);
    while (host_request* r = ended.pop()) end(*r, r->error);
}

void volume_core::wait(host_request& r, host_request::waiting_for what) noexcept
{
    r.waits = what;
    watch_deadline(*r.host);
}

void volume_core::watch_deadline(const io_op& op) noexcept
{
    if (op.deadline.nanoseconds == 0 || CIMREP_MUTANT(waits_past_its_deadline)) return;
    if (!wait_limit_.is_linked() || op.deadline < wait_limit_.due)
        loop_->arm(wait_limit_, op.deadline);
}

// The first that waits and whose deadline has come; else null, and the next one is watched.
io_op* volume_core::overdue(monotonic_time now) noexcept
{
    io_op* late = nullptr;
    const auto look = [&](io_op& op) {
        if (op.deadline.nanoseconds == 0 || late != nullptr) return;
        if (op.deadline <= now)
            late = &op;
        else
            watch_deadline(op);
    };
    for (io_op* op = waiting_.front(); op != nullptr; op = op->next) look(*op);
    for (io_op* op = held_.front(); op != nullptr; op = op->next) look(*op);
    requests_.for_each([&](const host_request& r) {
        if (r.waits != host_request::waiting_for::nothing) look(*r.host);
    });
    return late;
}

void volume_core::end_overdue() noexcept
{
    const monotonic_time now = loop_->now();
    while (io_op* late = overdue(now)) {
        CIMREP_MARK(waited_until_its_deadline);
        take_back(*late, errc::deadline_exceeded);
    }
}

}  // namespace cimrep::inline v0
