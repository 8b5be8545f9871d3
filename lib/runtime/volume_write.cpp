// lib/runtime/volume_write.cpp -- a change is marked, sent to every leg in sync, then acknowledged.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>

#include "../base/mark.hpp"
#include "point_keeper.hpp"
#include "state_records.hpp"
#include "volume_core.hpp"
#include <algorithm>
#include <cstring>

namespace cimrep::inline v0 {

namespace {

// A batch waits until it is a quarter of what is under way, but not for long beside what a commit
// takes anyhow: devices that are much slower than the repository are not waited for.
constexpr std::size_t gather_share = 3;  // of those with the legs to one that waits
constexpr std::int64_t gather_commits_max = 2;
constexpr duration gather_max = milliseconds(1);

}  // namespace

void volume_core::admit(host_request& r) noexcept
{
    r.stage_at = loop_->turn_time();
    evidence_.note_write(r.piece.offset_bytes);
    switch (hot_.admit(r.piece, r.hot)) {
    case hot_extents::admission::hot: r.admitted = true; return preserve(r);
    case hot_extents::admission::cold:
        r.admitted = true;
        if (!CIMREP_MUTANT(write_before_its_mark)) return mark_soon(r);
        ++counters_.hot_marks;
        return preserve(r);
    case hot_extents::admission::full:
        CIMREP_MARK(hot_set_full);
        wait(r, host_request::waiting_for::room);
        full_waiters_.push(r);
        return retry_full();
    }
}

/// Whether the commit of marks may grow by those of `piece`.
bool volume_core::marks_fit(byte_extent piece) const noexcept
{
    constexpr std::uint64_t mark_bytes = change_header_bytes + 8;
    const std::uint64_t touched = (piece.end_bytes() - 1) / hot_extents::extent_bytes -
                                  piece.offset_bytes / hot_extents::extent_bytes + 1;
    // Samples may go with any of them.
    const std::uint64_t changes = mark_changes_.size() + touched + evidence_.samples().size();
    return changes * mark_bytes <= store_->commit_bytes_max();
}

void volume_core::mark_soon(host_request& r) noexcept
{
    ++counters_.hot_marks;
    ++to_mark_count_;
    to_mark_.push(r);
    commit_marks();
}

/// Whether so many changes are with the legs that a commit begun now would be for the few that came
/// first, and the others that the host sends when those end would find it under way.
bool volume_core::more_marks_come() const noexcept
{
    return to_mark_count_ * gather_share < changes_on_legs_;
}

// One commit at a time; those who come meanwhile share the next.
void volume_core::commit_marks() noexcept
{
    if (marking_now_ || to_mark_.empty()) return;
    if (!more_marks_come()) return gather_marks();
    if (gather_limit_.is_linked()) return;
    const duration limit =
        std::min(duration{gather_commits_max * marks_took_.nanoseconds}, gather_max);
    if (limit == duration{}) return gather_marks();
    loop_->arm(gather_limit_, loop_->now() + limit);
}

void volume_core::gather_marks() noexcept
{
    if (gather_limit_.is_linked()) loop_->disarm(gather_limit_);
    marking_now_ = true;
    marks_begun_at_ = loop_->turn_time();
    mark_changes_.clear();
    mark_values_.clear();
    while (host_request* r = to_mark_.front()) {
        // The others come with the next commit.
        if (!mark_changes_.empty() && !marks_fit(r->piece)) break;
        to_mark_.pop();
        --to_mark_count_;
        marking_.push(*r);
        hot_.name_marks(r->piece, [this](std::uint32_t slot, std::uint64_t index) {
            put_little(index, mark_values_.emplace_back().data());
            mark_changes_.push_back(
                {{record_kind::hot_extents, record_owner_, slot}, mark_values_.back()});
            evidence_.add_erasures({index * hot_extents::extent_bytes, hot_extents::extent_bytes},
                                   mark_changes_);
        });
    }
    // An extent that has left the set leaves what differs in it to the maps.
    const bool saved = std::exchange(evictions_saved_, hot_.evictions()) == hot_.evictions();
    if (saved || CIMREP_MUTANT(extent_leaves_before_its_map)) return pages_are_saved({});
    pages_.save_then(mark_pages_);
}

void volume_core::pages_are_saved(error_code error) noexcept
{
    if (error) {
        CIMREP_MARK(maps_not_saved_for_marks);
        evictions_saved_ = no_evictions;
        return marks_are_durable(error);
    }
    mark_commit_.changes = mark_changes_;
    store_->commit(mark_commit_);
}

// Of a long discard that is under way the rest follows, late or not.
bool volume_core::late_before_it_began(const host_request& r) const noexcept
{
    const monotonic_time due = r.host->deadline;
    return due.nanoseconds != 0 && due <= loop_->now() &&
           r.piece.offset_bytes == r.host->offset_bytes;
}

void volume_core::marks_are_durable(error_code error) noexcept
{
    marking_now_ = false;
    marks_took_ = loop_->turn_time() - marks_begun_at_;
    evidence_.erased(!error);
    auto ready = std::move(marking_);
    // All of them first: whoever is answered may write again, and looks at what is marked.
    for (host_request* r = ready.front(); r != nullptr; r = r->next_request)
        error ? hot_.marks_failed(r->piece) : hot_.marked_durable(r->piece);
    while (host_request* r = ready.pop()) {
        if (error) {
            CIMREP_MARK(mark_not_durable);
            answer(*r, error);
            continue;
        }
        if (late_before_it_began(*r)) {
            CIMREP_MARK(late_when_marked);
            end_later(*r, errc::deadline_exceeded);
            continue;
        }
        preserve(*r);
    }
    commit_marks();
}

// The set of hot extents is full: a flush of every leg in sync lets the quiet ones go.
void volume_core::retry_full() noexcept
{
    request_queue again = std::move(full_waiters_);
    bool still_full = false;
    while (host_request* r = again.pop()) {
        if (still_full) {
            full_waiters_.push(*r);
            continue;
        }
        switch (hot_.admit(r->piece, r->hot)) {
        case hot_extents::admission::full:
            full_waiters_.push(*r);
            still_full = true;
            break;
        case hot_extents::admission::hot:
            r->waits = host_request::waiting_for::nothing;
            r->admitted = true;
            preserve(*r);
            break;
        case hot_extents::admission::cold:
            r->waits = host_request::waiting_for::nothing;
            r->admitted = true;
            mark_soon(*r);
            break;
        }
    }
    if (!still_full || room_flush_running_ || requests_.exhausted()) return;
    // Writes in flight are in the way: the end of each tries again.
    if (!hot_.flush_makes_room()) return;
    if (CIMREP_MUTANT(extent_leaves_without_a_flush)) {
        hot_.flush_done(hot_.begin_flush());
        return retry_full();
    }
    CIMREP_MARK(flush_for_room);
    room_flush_running_ = true;
    room_flush_.prepare_flush();
    begin(room_flush_);
}

void volume_core::flush_for_room_done(io_op& op, error_code error) noexcept
{
    volume_core& self = *static_cast<room_flush&>(op).self;
    self.room_flush_running_ = false;
    // Later, when the flush has given its request back.
    if (!error && !self.room_retry_.queued) return self.loop_->defer(self.room_retry_);
    if (!error) return;
    CIMREP_MARK(flush_for_room_failed);
    request_queue refused = std::move(self.full_waiters_);
    // Whoever hears of the first may want to take back the second.
    for (host_request* r = refused.front(); r != nullptr; r = r->next_request)
        r->waits = host_request::waiting_for::nothing;
    while (host_request* r = refused.pop()) self.answer(*r, error);
}

void volume_core::prepare_change(host_request& r, leg_op& child) noexcept
{
    const io_op& op = *r.host;
    const bool alone = leg_count() == 1;
    child.fua = op.fua && !CIMREP_MUTANT(fua_dropped);
    child.deadline = {};
    child.may_unmap = op.may_unmap;
    child.buffer_index = -1;
    child.may_be_given_up = true;
    switch (op.kind) {
    case io_kind::write:
    case io_kind::compare_and_write:
        if (r.bounce != nullptr) {
            child.prepare_write(r.piece.offset_bytes, std::span(&r.const_bounce_segment, 1));
        } else {
            child.prepare_write(r.piece.offset_bytes, op.write_segments());
            child.buffer_index = op.buffer_index;
            child.may_be_given_up = r.release_due;
        }
        return;
    case io_kind::discard:
        // Legs must stay equal, and only zeros are the same everywhere.
        r.hinted = alone;
        if (alone) return child.prepare_discard(r.piece.offset_bytes, r.piece.length_bytes);
        child.may_unmap = true;
        return child.prepare_write_zeroes(r.piece.offset_bytes, r.piece.length_bytes);
    case io_kind::write_zeroes:
        return child.prepare_write_zeroes(r.piece.offset_bytes, r.piece.length_bytes);
    case io_kind::read:
    case io_kind::flush: break;
    }
    CIMREP_ASSERT(false);
}

// What a point in time would lose of the piece is kept first, and that is durable.
void volume_core::preserve(host_request& r) noexcept
{
    if (points_ == nullptr || r.epoch == 0) return send_change(r);
    r.preserving = true;
    points_->preserve(r);
}

void volume_core::preserved(host_request& r, error_code error) noexcept
{
    r.preserving = false;
    if (error) return answer(r, error);
    if (late_before_it_began(r)) return end_later(r, errc::deadline_exceeded);
    send_change(r);
}

void volume_core::send_change(host_request& r) noexcept
{
    // Held up by one, so that it cannot settle before the last leg has been sent its part.
    ++r.pending;
    ++changes_on_legs_;
    const bool zeros = r.host->kind == io_kind::write_zeroes ||
                       (r.host->kind == io_kind::discard && leg_count() > 1);
    for (const auto& each : legs_) {
        if (!each) continue;
        leg& on = *each;
        if (on.role == leg_role::tracking) {
            if (!CIMREP_MUTANT(missed_write_not_marked)) on.map.differs(r.piece);
            continue;
        }
        if (on.examined) continue;
        // The copier will bring what differs wholly; a part that is equal must stay so.
        if (on.role == leg_role::syncing && on.map.different().all(r.piece)) continue;
        if (CIMREP_MUTANT(copy_gets_no_host_writes) && on.role == leg_role::syncing) continue;
        if (!zeros && !CIMREP_MUTANT(zeros_stay_known)) on.map.written(r.piece);
        ++on.counters.writes;
        on.counters.written_bytes += r.piece.length_bytes;
        prepare_change(r, r.children[on.index]);
        submit_child(r, on);
    }
    if (--r.pending == 0) all_settled(r);
}

void volume_core::finish_change(host_request& r) noexcept
{
    --changes_on_legs_;
    bool acknowledged = false;
    const error_code why = r.error;
    // A device that cannot discard has ignored a hint; nothing has failed.
    if (r.hinted && unsupported(why)) return end_piece(r);
    for (const auto& each : legs_)
        if (each && (r.failed >> each->index & 1) != 0) fail(*each, why);
    for (const auto& each : legs_) {
        if (!each) continue;
        const bool succeeded = (r.succeeded >> each->index & 1) != 0;
        const bool failed = (r.failed >> each->index & 1) != 0;
        acknowledged |= succeeded && each->role == leg_role::current;
        if (failed && each->role != leg_role::current) each->map.differs(r.piece);
    }
    if (acknowledged) return end_piece(r);
    CIMREP_MARK(write_failed_on_every_leg);
    // Old or new, nobody knows: whoever is not the last leg may hold something else than that one.
    for (const auto& each : legs_)
        if (each && each->role != leg_role::current) each->map.differs(r.piece);
    answer(r, why ? why : make_error_code(errc::leg_failed));
}

// Long discards go piece by piece, so that the marks stay few; the range of those that are done is
// given back, so that nobody waits longer than it takes to keep the order.
void volume_core::end_piece(host_request& r) noexcept
{
    const std::uint64_t done = r.piece.end_bytes();
    const std::uint64_t end = r.asked.end_bytes();
    if (done == end) return answer(r, {});
    hot_.write_done(r.piece, r.hot);
    r.admitted = false;
    r.piece = {done, std::min(end - done, piece_bytes)};
    r.succeeded = r.failed = 0;
    r.error = {};
    range_lock::node_queue granted;
    ranges_.shrink(r, r.rounded ? done / sub_block_bytes * sub_block_bytes : done, granted);
    range_lock::grant(granted);
    admit(r);
}

void volume_core::start_compare(host_request& r) noexcept
{
    leg* on = read_leg(r.failed, r.asked);
    if (on == nullptr) return answer(r, r.error ? r.error : make_error_code(errc::leg_failed));
    r.comparing = true;
    leg_op& child = r.children[on->index];
    child.prepare_read(r.asked.offset_bytes, std::span(r.bounce, r.asked.length_bytes));
    child.buffer_index = -1;
    child.may_be_given_up = true;
    child.fua = false;
    child.deadline = {};
    submit_child(r, *on);
}

void volume_core::finish_compare(host_request& r) noexcept
{
    if (r.succeeded == 0) {
        leave_bounce(r);
        return locked(r);
    }
    if (read_in_vain(r)) return locked(r);
    fail_readers(r);
    r.comparing = false;
    r.succeeded = r.failed = 0;
    r.error = {};
    const std::span expected = r.host->expected;
    const bool equal = std::memcmp(r.bounce, expected.data(), expected.size()) == 0;
    if (!equal && !CIMREP_MUTANT(mismatch_is_overwritten)) return answer(r, errc::compare_mismatch);
    std::size_t at = 0;
    for (const const_io_segment& piece : r.host->write_segments()) {
        if (piece.size_bytes != 0) std::memcpy(r.bounce + at, piece.data, piece.size_bytes);
        at += piece.size_bytes;
    }
    counters_.bounced_bytes += 2 * at;
    admit(r);
}

}  // namespace cimrep::inline v0
