// lib/runtime/volume_submit.cpp -- a host operation on its way in and out of a volume.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>

#include "../base/mark.hpp"
#include "point_keeper.hpp"
#include "volume_core.hpp"
#include <algorithm>
#include <cstring>

namespace cimrep::inline v0 {

namespace {

std::size_t copy_in(std::byte* to, std::span<const const_io_segment> from) noexcept
{
    std::size_t at = 0;
    for (const const_io_segment& piece : from) {
        // An empty piece may have no address, and memcpy wants one.
        if (piece.size_bytes != 0) std::memcpy(to + at, piece.data, piece.size_bytes);
        at += piece.size_bytes;
    }
    return at;
}

}  // namespace

void volume_core::submit(io_op& op) noexcept
{
    CIMREP_ASSERT(op.done != nullptr);
    op.device = this;
    if (closing_) return refuse(op, errc::closed);
    if (const error_code wrong = check_bounds(op, shape_)) return refuse(op, wrong);
    if (op.length_bytes == 0 && op.kind != io_kind::flush) return refuse(op, {});
    if (unserved_) return refuse(op, unserved_);
    if (read_only_ && op.kind != io_kind::read) return refuse(op, errc::volume_read_only);
    if (needs_bounce(op) && op.length_bytes > bounce_pool::buffer_bytes && !op.reads())
        return refuse(op, errc::over_budget);
    if (op.kind == io_kind::write && op.length_bytes > write_bytes_max())
        return refuse(op, errc::over_budget);
    op.scratch[0] = 0;
    if (holds_ != 0 && op.changes() && !CIMREP_MUTANT(cut_holds_no_writes)) {
        CIMREP_MARK(held_by_a_cut);
        watch_deadline(op);
        return held_.push(op);
    }
    if (!waiting_.empty() || !may_begin()) {
        CIMREP_MARK(operation_waits_for_request);
        ++counters_.request_waits;
        watch_deadline(op);
        return waiting_.push(op);
    }
    begin(op);
}

result<> volume_core::data_extents(const std::function<void(byte_extent)>& report) const
{
    for (const auto& each : legs_)
        if (each && each->role == leg_role::current) return each->device->data_extents(report);
    return errc::leg_failed;
}

bool volume_core::needs_bounce(const io_op& op) const noexcept
{
    switch (op.kind) {
    case io_kind::read:
        // With a deadline and another leg to turn to, a read may be given up while the device still
        // owns its memory: then that memory must not be the host's.
        return settings_.leg_deadline.nanoseconds > 0 && current_count() > 1;
    case io_kind::write: return op.unstable_buffer || settings_.guard_host_buffers;
    case io_kind::compare_and_write: return true;
    case io_kind::flush:
    case io_kind::write_zeroes:
    case io_kind::discard: return false;
    }
    return false;
}

void volume_core::begin(io_op& op) noexcept
{
    const monotonic_time now = loop_->turn_time();
    if (op.deadline.nanoseconds != 0 && op.deadline <= now)
        return refuse(op, errc::deadline_exceeded);
    host_request& r = *requests_.take();
    r.host = &op;
    r.error = {};
    r.succeeded = r.failed = 0;
    r.pending = r.out = 0;
    r.answered = r.locked = r.admitted = r.counted = r.comparing = r.hinted = false;
    r.in_pieces = false;
    r.left_behind = false;
    r.release_due = op.stable_until_released && op.released != nullptr;
    r.waits = host_request::waiting_for::nothing;
    r.bounce = nullptr;
    r.losses = losses_;
    r.begun_at = r.stage_at = now;
    r.rounded = r.preserving = false;
    r.epoch = r.point = 0;
    if (op.changes()) {
        r.counted = true;
        ++changes_in_flight_;
    }
    if (points_ != nullptr) begin_beside_points(r);
    begin(r);
}

void volume_core::begin(host_request& r) noexcept
{
    const io_op& op = *r.host;
    if (op.kind == io_kind::flush) return send_flush(r);
    r.extent = r.asked = r.piece = op.extent();
    if (r.rounded && !CIMREP_MUTANT(sub_block_claimed_by_halves))
        r.extent = whole_sub_blocks(r.asked);
    if (op.kind == io_kind::write_zeroes || op.kind == io_kind::discard)
        r.piece.length_bytes = std::min(r.piece.length_bytes, piece_bytes);
    const bool shares = op.reads() || CIMREP_MUTANT(writes_overlap);
    r.how = shares ? range_lock::sharing::shared : range_lock::sharing::exclusive;
    if (op.reads() && CIMREP_MUTANT(read_takes_no_range)) return locked(r);
    r.locked = true;
    if (ranges_.acquire(r)) return locked(r);
    ++counters_.range_waits;
    wait(r, host_request::waiting_for::range);
}

void volume_core::fill_bounce(host_request& r) noexcept
{
    if (r.host->reads()) return;
    r.const_bounce_segment = {r.bounce, r.host->length_bytes};
    if (r.host->kind == io_kind::write)
        counters_.bounced_bytes += copy_in(r.bounce, r.host->write_segments());
}

// The range comes first: who waits for memory keeps its place among those that overlap it.
void volume_core::locked(host_request& r) noexcept
{
    r.waits = host_request::waiting_for::nothing;
    if (r.bounce == nullptr && (r.in_pieces || needs_bounce(*r.host))) {
        r.bounce = bounces_.take();
        if (r.bounce == nullptr) {
            CIMREP_MARK(memory_of_library_exhausted);
            wait(r, host_request::waiting_for::memory);
            return bounce_waiters_.push(r);
        }
        fill_bounce(r);
    }
    proceed(r);
}

void volume_core::proceed(host_request& r) noexcept
{
    switch (r.host->kind) {
    case io_kind::read: return r.point != 0 ? send_point_read(r) : send_read(r);
    case io_kind::compare_and_write: return start_compare(r);
    case io_kind::write:
    case io_kind::write_zeroes:
    case io_kind::discard: return admit(r);
    case io_kind::flush: break;
    }
    CIMREP_ASSERT(false);
}

void volume_core::submit_child(host_request& r, leg& on) noexcept
{
    const bool unawaited =
        CIMREP_MUTANT(write_answered_by_one_leg) && r.host->changes() && r.pending > 1;
    if (!unawaited) ++r.pending;
    ++r.out;
    on.submit(r.children[on.index]);
}

void volume_core::child_settled(host_request& r, leg& on, error_code error) noexcept
{
    const std::uint32_t bit = 1u << on.index;
    if (CIMREP_MUTANT(write_answered_by_one_leg) && r.pending == 0) return;
    r.left_behind |= r.children[on.index].given_up;
    if (error && error == errc::short_transfer && CIMREP_MUTANT(short_transfer_is_whole))
        error = {};
    if (CIMREP_MUTANT(read_error_unnoticed) && r.host->reads()) error = {};
    if (CIMREP_MUTANT(flush_error_unnoticed) && r.host->kind == io_kind::flush) error = {};
    if (CIMREP_MUTANT(write_error_unnoticed) && r.host->changes()) error = {};
    if (error) {
        r.failed |= bit;
        r.error = error;
        ++on.counters.errors;
        // At once: what it dropped may be read from it while the others still flush.
        if (r.host->kind == io_kind::flush) flush_failed(on, error);
    } else {
        r.succeeded |= bit;
    }
    if (--r.pending == 0) all_settled(r);
}

void volume_core::child_returned(host_request& r, host_part& part) noexcept
{
    --r.out;
    if (std::byte* buffer = std::exchange(part.kept, nullptr)) {
        bounces_.came_back();
        give_bounce(buffer);
    }
    if (r.out == 0 && r.answered) recycle(r);
}

void volume_core::all_settled(host_request& r) noexcept
{
    switch (r.host->kind) {
    case io_kind::read: return finish_read(r);
    case io_kind::flush: return finish_flush(r);
    case io_kind::compare_and_write: return r.comparing ? finish_compare(r) : finish_change(r);
    case io_kind::write:
    case io_kind::write_zeroes:
    case io_kind::discard: return finish_change(r);
    }
}

/// The set, or the state that follows from it, is not on record yet.
bool volume_core::owes_a_record() noexcept
{
    if (untold_) untold_ = !events_->states_are_durable();
    return unrecorded_ || untold_;
}

// What was read stays, through a crash too: no read is answered from a content that may be undone.
bool volume_core::must_park(const host_request& r) const noexcept
{
    return !CIMREP_MUTANT(answer_before_membership) && member_committing_ &&
           (replacing_ || choosing_ || !r.host->reads());
}

void volume_core::answer(host_request& r, error_code error) noexcept
{
    // While no record says who is in the set nothing that depends on it is acknowledged: each try
    // to answer is a try to write the record.
    const bool depends = replacing_ || !r.host->reads();
    if (owes_a_record() && !unparking_ && !member_committing_ && depends) commit_membership();
    // What the last leg had taken when it failed a flush may be gone with that.
    if (r.counted && !error && r.losses != losses_) error = errc::volume_read_only;
    if (must_park(r)) {
        CIMREP_MARK(answer_parked);
        r.error = error;
        // A change has reached its legs.
        if (r.host->reads()) wait(r, host_request::waiting_for::record);
        return parked_.push(r);
    }
    end(r, error);
}

// Everything that the request held is given back before the host hears of it, so that what the host
// does next finds the volume as it will be.
void volume_core::end(host_request& r, error_code error) noexcept
{
    io_op& op = *r.host;
    if (r.admitted) hot_.write_done(r.piece, r.hot);
    if (watcher_ != nullptr && settings_.slow_after.nanoseconds != 0) count(r, error);
    io_counters& kind = *[&]() noexcept -> io_counters* {
        switch (op.kind) {
        case io_kind::read: return &counters_.read;
        case io_kind::write: return &counters_.write;
        case io_kind::flush: return &counters_.flush;
        case io_kind::write_zeroes: return &counters_.write_zeroes;
        case io_kind::discard: return &counters_.discard;
        case io_kind::compare_and_write: return &counters_.compare_and_write;
        }
        return &counters_.read;
    }();
    ++kind.operations;
    kind.bytes += op.length_bytes;
    kind.errors += error ? 1 : 0;
    kind.latency.add(loop_->turn_time() - r.begun_at);
    op.transferred_bytes = error ? 0 : op.length_bytes;
    r.answered = true;
    const bool was_change = r.counted;
    if (was_change) --changes_in_flight_;
    if (std::exchange(r.locked, false)) unlock(r);
    if (points_ != nullptr) end_beside_points(r);
    // A device that still has a part of a read has memory of its own for it.
    if (op.reads() && r.bounce != nullptr) {
        std::byte* const buffer = std::exchange(r.bounce, nullptr);
        if (!CIMREP_MUTANT(read_keeps_its_buffer)) give_bounce(buffer);
    }
    const bool returned = r.out == 0;
    const bool kept = !returned && r.left_behind;
    op.done(op, error);  // the op may be gone now, unless its release is due
    if (returned && r.pending == 0) recycle(r);
    if (kept) replace_pinned();
    if (was_change && (changes_in_flight_ == 0 || !full_waiters_.empty() || !to_mark_.empty()))
        changes_ended();
}

void volume_core::recycle(host_request& r) noexcept
{
    if (r.host == nullptr) return;
    io_op* host = std::exchange(r.host, nullptr);
    if (r.release_due) host->released(*host);
    const bool pinned = std::exchange(r.pinned, false);
    if (pinned) --pinned_;
    if (std::byte* buffer = std::exchange(r.bounce, nullptr)) {
        if (pinned) bounces_.came_back();
        give_bounce(buffer);
    }
    requests_.give(r);
    pump_waiting();
}

// A leg was given up that may still fill the buffer, until it comes back: the request goes on with
// another one, if it needs one.
void volume_core::leave_bounce(host_request& r) noexcept
{
    if (r.bounce == nullptr) return;
    for (const auto& each : legs_) {
        if (!each || (r.failed >> each->index & 1) == 0) continue;
        host_part& part = r.children[each->index];
        // Linked: it has not come back yet.
        if (!part.given_up || !part.is_linked() || part.kept != nullptr) continue;
        part.kept = std::exchange(r.bounce, nullptr);
        bounces_.kept();
        return serve_bounce_waiters();
    }
}

void volume_core::serve_bounce_waiters() noexcept
{
    while (!bounce_waiters_.empty()) {
        std::byte* buffer = bounces_.take();
        if (buffer == nullptr) return;
        give_bounce(buffer);
    }
}

void volume_core::give_bounce(std::byte* buffer) noexcept
{
    if (bounce_waiters_.empty()) return bounces_.give(buffer);
    host_request& waiter = *bounce_waiters_.pop();
    waiter.waits = host_request::waiting_for::nothing;
    waiter.bounce = buffer;
    fill_bounce(waiter);
    proceed(waiter);
}

// What a stuck leg keeps does not count.
bool volume_core::may_begin() const noexcept
{
    return !recognizing_ && requests_.in_use() - pinned_ < settings_.requests_max &&
           !requests_.exhausted();
}

void volume_core::pump_waiting() noexcept
{
    while (may_begin()) {
        io_op* op = waiting_.pop();
        if (op == nullptr) return;
        if (unserved_)
            refuse(*op, unserved_);
        else if (read_only_ && !op->reads())
            refuse(*op, errc::volume_read_only);
        else if (holds_ != 0 && op->changes())
            held_.push(*op);
        else
            begin(*op);
    }
}

void volume_core::unlock(range_lock::node& which) noexcept
{
    range_lock::node_queue granted;
    ranges_.release(which, granted);
    range_lock::grant(granted);
}

void volume_core::release() noexcept
{
    CIMREP_ASSERT(holds_ > 0);
    if (--holds_ != 0) return;
    // Those held came before whoever is waiting for a request now.
    auto later = std::move(waiting_);
    while (io_op* op = held_.pop()) waiting_.push(*op);
    while (io_op* op = later.pop()) waiting_.push(*op);
    pump_waiting();
}

void volume_core::changes_ended() noexcept
{
    if (!full_waiters_.empty()) retry_full();
    if (!to_mark_.empty()) commit_marks();
    if (changes_in_flight_ == 0)
        for (separation* how = separations_.front(); how != nullptr;) {
            separation* following = how->next;
            advance(*how);
            how = following;
        }
}

bool volume_core::quiet() const noexcept
{
    if (requests_.in_use() != 0 || !waiting_.empty() || !held_.empty()) return false;
    if (recognizing_ || closing_records_ || uncopied_ != 0) return false;
    if (points_ != nullptr && !points_->idle()) return false;
    if (member_committing_ || marking_now_ || !pages_.idle() || notes_out_ != 0 ||
        !separations_.empty() || !ranges_.idle())
        return false;
    for (const auto& each : legs_)
        if (each && !each->quiet()) return false;
    for (const auto& each : copies_)
        if (each) return false;
    return true;
}

void volume_core::count(const host_request& r, error_code) noexcept
{
    const duration took = loop_->turn_time() - r.begun_at;
    if (took < settings_.slow_after) return;
    const duration waited = r.stage_at - r.begun_at;
    const io_stage stage =
        waited.nanoseconds * 2 > took.nanoseconds ? io_stage::range_lock : io_stage::legs;
    watcher_->slow({r.host->kind, r.host->extent(), took, stage});
}

void volume_core::log(log_level level, log_event event, const leg* which, error_code error,
                      std::initializer_list<log_field> fields) noexcept
{
    if (watcher_ == nullptr) return;
    watcher_->log({level, event, which != nullptr ? which->element_text : element_text_, error,
                   std::span(fields.begin(), fields.size())});
}

}  // namespace cimrep::inline v0
