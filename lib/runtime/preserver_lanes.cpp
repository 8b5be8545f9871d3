// lib/runtime/preserver_lanes.cpp -- a copy is read from a leg and written to the pool, or hangs.
// SPDX-License-Identifier: BSL-1.0
#include "../base/mark.hpp"
#include "point_keeper.hpp"
#include "preserver.hpp"
#include "volume_core.hpp"
#include <algorithm>
#include <new>
#include <utility>

namespace cimrep::inline v0 {

void preserver::read_old(lane& l) noexcept
{
    const byte_extent extent = extent_of(l.what);
    leg* const on = volume_->read_leg(l.tried, extent);
    if (on == nullptr) {
        CIMREP_MARK(old_content_unreadable);
        return give_up(l, l.why ? l.why : make_error_code(errc::leg_failed));
    }
    l.read.prepare_read(extent.offset_bytes, std::span(l.memory, extent.length_bytes));
    l.read.fua = false;
    l.read.may_be_given_up = true;
    l.read.deadline = {};
    on->submit(l.read);
}

// The device keeps the memory: what it was for goes on with another lane, and another leg.
void preserver::move_on(lane& l) noexcept
{
    l.left_behind = true;
    l.tried |= 1u << l.read.on->index;
    l.why = l.error;
    ++stuck_;
    moving_.push_back(&l);
    replace_lane();
    pump();
}

void preserver::read_over(lane& l) noexcept
{
    leg& from = *l.read.on;
    const bool in_vain = from.role != leg_role::current && from.failed_with;
    if (l.error || in_vain) {
        l.tried |= 1u << from.index;
        l.why = l.error ? l.error : from.failed_with;
        return read_old(l);
    }
    // The data is right, whoever could not deliver it is not.
    for (const auto& each : volume_->legs_)
        if (each && (l.tried >> each->index & 1) != 0 && each->role == leg_role::current)
            volume_->fail(*each, l.why);
    const byte_extent extent = extent_of(l.what);
    const std::size_t length = std::size_t{l.what.count} * sub_block_bytes;
    std::fill(l.memory + extent.length_bytes, l.memory + length, std::byte{});
    l.write.prepare_write(preservation_pool::offset_of(l.what.place), std::span(l.memory, length));
    write(l);
}

void preserver::write(lane& l) noexcept
{
    l.writing = true;
    l.losses = pool_->losses();
    if (pool_->deadline.nanoseconds > 0) {
        l.due = volume_->loop_->now() + pool_->deadline;
        if (!watchdog_.is_linked()) volume_->loop_->arm(watchdog_, l.due);
    }
    pool_->device->submit(l.write);
}

// Its place and its memory are the device's until it has ended the write.
void preserver::end_overdue() noexcept
{
    const monotonic_time now = volume_->loop_->now();
    for (lane& each : lanes_) {
        if (!each.writing || each.of == nullptr || each.due > now) continue;
        CIMREP_MARK(pool_write_overdue);
        ++stuck_;
        keeper_->break_points(errc::deadline_exceeded);
        end_copy(each);
    }
    const lane* first = nullptr;
    for (const lane& each : lanes_)
        if (each.writing && each.of != nullptr && (first == nullptr || each.due < first->due))
            first = &each;
    if (watchdog_.is_linked()) volume_->loop_->disarm(watchdog_);
    if (first != nullptr) volume_->loop_->arm(watchdog_, first->due);
}

void preserver::written(lane& l, error_code error) noexcept
{
    l.writing = false;
    if (l.of == nullptr) {
        --stuck_;
        pool_->space.give({l.what.place, l.what.count});
        free_.push_back(&l);
        return pump();
    }
    // A flush that has failed meanwhile may have dropped it.
    if (!error && l.losses != pool_->losses()) error = pool_->lost_with();
    if (error) {
        CIMREP_MARK(pool_write_failed);
        return give_up(l, error);
    }
    gathered_.push_back(l.what);
    l.of->old.batch = gathering_;
    copy_over(l);
}

void preserver::give_up(lane& l, error_code why) noexcept
{
    pool_->space.give({l.what.place, l.what.count});
    keeper_->break_points(why);
    copy_over(l);
}

void preserver::copy_over(lane& l) noexcept
{
    free_.push_back(&l);
    end_copy(l);
}

void preserver::end_copy(lane& l) noexcept
{
    host_request& r = *std::exchange(l.of, nullptr);
    --copies_;
    --r.old.copies_out;
    if (r.old.copies_out == 0 && looked_through(r)) kept(r);
    pump();
}

void preserver::leave(lane& l) noexcept
{
    --stuck_;
    const auto waits = std::find(moving_.begin(), moving_.end(), &l);
    // It is back before another lane was free.
    if (waits != moving_.end()) {
        moving_.erase(waits);
        return read_old(l);
    }
    free_.push_back(&l);
    pump();
}

// In the place of one that a leg keeps: those that it gives back are there for the next leg.
void preserver::replace_lane() noexcept
{
    if (lanes_in_use_ == lanes_.size() || lanes_in_use_ >= settings_.copies_max + stuck_) return;
    lane& more = lanes_[lanes_in_use_];
    try {
        more.memory = static_cast<std::byte*>(
            memory_->allocate(settings_.chunk_bytes, memory_alignment_bytes));
    } catch (const std::bad_alloc&) {
        return;
    }
    ++lanes_in_use_;
    free_.push_back(&more);
}

void preserver::go_on_elsewhere() noexcept
{
    while (!moving_.empty() && !free_.empty()) {
        lane& from = *moving_.back();
        lane& to = *free_.back();
        moving_.pop_back();
        free_.pop_back();
        to.of = std::exchange(from.of, nullptr);
        to.what = from.what;
        to.tried = from.tried;
        to.why = from.why;
        read_old(to);
    }
    // None will be free before a device gives back what it has for too long.
    while (!moving_.empty() && all_stuck()) {
        CIMREP_MARK(no_lane_left);
        lane& from = *moving_.back();
        moving_.pop_back();
        pool_->space.give({from.what.place, from.what.count});
        keeper_->break_points(from.why);
        end_copy(from);
    }
}

}  // namespace cimrep::inline v0
