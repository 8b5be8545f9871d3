// lib/runtime/target_front.cpp -- host I/O to a target goes to its device, once it is marked.
// SPDX-License-Identifier: BSL-1.0
#include "target_front.hpp"

#include <cimrep/base/mutant.hpp>

#include "../base/mark.hpp"
#include <utility>

namespace cimrep::inline v0 {

target_front::target_front(event_loop& loop, geometry shape, std::size_t depth, page_saver& maps)
    : loop_(&loop), maps_(&maps), shape_(shape), pool_(depth)
{
    for (forwarded& f : pool_) {
        f.owner = this;
        f.settled = [](leg_op& op, error_code error) noexcept {
            static_cast<forwarded&>(op).error = error;
        };
        // The host's buffer is the device's until then, so nobody is answered earlier.
        f.returned = [](leg_op& op) noexcept {
            static_cast<target_front*>(op.owner)->ended(static_cast<forwarded&>(op));
        };
        f.marked.self = &f;
        f.marked.saved = [](page_saver::waiter& which, error_code error) noexcept {
            forwarded& self = *static_cast<forwarded::map_wait&>(which).self;
            static_cast<target_front*>(self.owner)->send(self, error);
        };
        free_.push(f);
    }
    wait_limit_.self = answer_late_.self = this;
    answer_late_.run = [](loop_task& task) noexcept {
        target_front& self = *static_cast<late_task&>(task).self;
        auto ended = std::move(self.late_);
        while (forwarded* f = ended.pop()) self.answer(*f, errc::deadline_exceeded);
    };
    wait_limit_.fired = [](timer& which) noexcept {
        static_cast<wait_timer&>(which).self->end_overdue();
    };
}

target_front::~target_front()
{
    CIMREP_ASSERT(in_flight_ == 0);
    if (wait_limit_.is_linked()) loop_->disarm(wait_limit_);
}

void target_front::submit(io_op& op) noexcept
{
    CIMREP_ASSERT(op.done != nullptr);
    op.device = this;
    if (op.kind == io_kind::compare_and_write) return loop_->complete(op, errc::not_supported);
    if (const error_code wrong = check_bounds(op, shape_)) return loop_->complete(op, wrong);
    if (op.length_bytes == 0 && op.kind != io_kind::flush) return loop_->complete(op, {});
    if (!free_.empty() && waiting_.empty()) return forward(op);
    waiting_.push(op);
    watch_deadline(op);
}

void target_front::forward(io_op& op) noexcept
{
    const bool allowed =
        op.changes() ? access_ == host_access::read_write : access_ != host_access::none;
    if (!allowed || leg_ == nullptr || leg_->failed_with)
        return loop_->complete(op, errc::element_not_accessible);
    if (is_late(op)) {
        CIMREP_MARK(late_at_a_target);
        return loop_->complete(op, errc::deadline_exceeded);
    }
    if (op.changes()) {
        if (!CIMREP_MUTANT(target_write_not_marked)) leg_->map.differs(op.extent());
        leg_->map.written(op.extent());
        if (!std::exchange(told_, true) && written != nullptr) written(context);
    }
    forwarded& f = *free_.pop();
    f.host = &op;
    f.fua = op.fua;
    f.may_unmap = op.may_unmap;
    f.buffer_index = op.buffer_index;
    f.unstable_buffer = op.unstable_buffer;
    // A write that was sent ends as the device ends it: nobody knows what a late one has left.
    f.deadline = op.reads() ? op.deadline : monotonic_time{};
    f.may_be_given_up = false;
    switch (op.kind) {
    case io_kind::read: f.prepare_read(op.offset_bytes, op.read_segments()); break;
    case io_kind::write: f.prepare_write(op.offset_bytes, op.write_segments()); break;
    case io_kind::flush: f.prepare_flush(); break;
    case io_kind::write_zeroes: f.prepare_write_zeroes(op.offset_bytes, op.length_bytes); break;
    case io_kind::discard: f.prepare_discard(op.offset_bytes, op.length_bytes); break;
    case io_kind::compare_and_write: break;
    }
    ++in_flight_;
    f.on = leg_;
    // Also where it was marked before: that mark may be on its way still, or have failed.
    if (op.changes() && !CIMREP_MUTANT(target_write_before_its_mark))
        return maps_->save_then(f.marked);
    send(f, {});
}

bool target_front::is_late(const io_op& op) const noexcept
{
    return op.deadline.nanoseconds != 0 && op.deadline <= loop_->now() &&
           !CIMREP_MUTANT(late_operation_sent_to_target);
}

void target_front::send(forwarded& f, error_code error) noexcept
{
    // The leg may have failed while its mark was on its way.
    if (!error && f.on->failed_with) error = f.on->failed_with;
    if (!error && is_late(*f.host)) {
        // This may be inside a submit() of another operation.
        late_.push(f);
        if (!answer_late_.queued) loop_->defer(answer_late_);
        return;
    }
    if (!error) return f.on->submit(f);
    answer(f, error);
}

void target_front::ended(forwarded& f) noexcept
{
    const error_code error = std::exchange(f.error, error_code{});
    // A write or a flush that fails leaves a target that cannot be believed; a read only fails.
    const bool believed = f.host->kind == io_kind::write || f.host->kind == io_kind::flush;
    if (error && believed && failed != nullptr) failed(context, error);
    if (error && f.kind == io_kind::flush) f.on->map.flush_failed();
    answer(f, error);
}

void target_front::answer(forwarded& f, error_code error) noexcept
{
    io_op& host = *std::exchange(f.host, nullptr);
    const bool release = host.stable_until_released && host.released != nullptr;
    free_.push(f);
    --in_flight_;
    host.transferred_bytes = error ? 0 : host.length_bytes;
    host.done(host, error);
    if (release) host.released(host);
    while (!free_.empty()) {
        io_op* next = waiting_.pop();
        if (next == nullptr) break;
        forward(*next);
    }
    if (in_flight_ == 0 && quiet != nullptr) quiet(context);
}

void target_front::watch_deadline(const io_op& op) noexcept
{
    if (op.deadline.nanoseconds == 0) return;
    if (!wait_limit_.is_linked() || op.deadline < wait_limit_.due)
        loop_->arm(wait_limit_, op.deadline);
}

void target_front::end_overdue() noexcept
{
    const monotonic_time now = loop_->now();
    for (io_op* op = waiting_.front(); op != nullptr;) {
        io_op& each = *std::exchange(op, op->next);
        if (each.deadline.nanoseconds == 0 || each.deadline > now) {
            watch_deadline(each);
            continue;
        }
        CIMREP_MARK(waited_at_a_target_until_its_deadline);
        waiting_.remove(each);
        loop_->complete(each, errc::deadline_exceeded);
    }
}

void target_front::cancel(io_op& op) noexcept
{
    if (!waiting_.remove(op)) return;
    CIMREP_MARK(taken_back_from_a_target);
    loop_->complete(op, std::make_error_code(std::errc::operation_canceled));
}

}  // namespace cimrep::inline v0
