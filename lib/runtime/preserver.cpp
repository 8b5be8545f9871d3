// lib/runtime/preserver.cpp -- what is about to be overwritten goes into the pool, then on record.
// SPDX-License-Identifier: BSL-1.0
#include "preserver.hpp"

#include <cimrep/base/mutant.hpp>
#include <cimrep/engine/exception_lookup.hpp>
#include <cimrep/store/change_codec.hpp>

#include "../base/mark.hpp"
#include "point_keeper.hpp"
#include "point_records.hpp"
#include "volume_core.hpp"
#include <algorithm>
#include <cstring>
#include <utility>

namespace cimrep::inline v0 {

namespace {

constexpr std::size_t batch_entries_max = 512;
constexpr std::size_t gather_share = 3;  // of the copies under way to one change that waits

std::size_t batch_max_of(const repository& store)
{
    const std::uint64_t fits =
        (store.commit_bytes_max() - change_header_bytes) / exception_value_bytes;
    return static_cast<std::size_t>(std::min<std::uint64_t>(batch_entries_max, fits));
}

std::uint64_t rounded_down(std::uint64_t bytes) noexcept
{
    return bytes / sub_block_bytes * sub_block_bytes;
}

}  // namespace

preserver::preserver(point_keeper& keeper, volume_core& volume, preservation_pool& pool,
                     const preservation_settings& settings, std::pmr::memory_resource* memory)
    : keeper_(&keeper),
      volume_(&volume),
      pool_(&pool),
      settings_(settings),
      memory_(memory),
      table_(settings.exceptions_max, memory),
      lanes_(2 * settings.copies_max, memory),
      free_(memory),
      moving_(memory),
      lanes_in_use_(settings.copies_max),
      batch_max_(batch_max_of(*volume.store_)),
      gathered_(memory),
      in_batch_(memory),
      value_(memory)
{
    free_.reserve(lanes_.size());
    moving_.reserve(lanes_.size());
    gathered_.reserve(batch_max_);
    in_batch_.reserve(batch_max_);
    value_.reserve(batch_max_ * exception_value_bytes);
    flush_.self = commit_.self = watchdog_.self = this;
    watchdog_.fired = [](timer& t) noexcept { static_cast<watchdog&>(t).self->end_overdue(); };
    flush_.done = [](pool_flush& op, error_code error) noexcept {
        preserver& self = *static_cast<batch_flush&>(op).self;
        error ? self.batch_lost(error) : self.volume_->store_->commit(self.commit_);
    };
    commit_.done = [](commit_op& op, error_code error) noexcept {
        static_cast<batch_commit&>(op).self->committed(error);
    };
    for (lane& each : lanes_) {
        each.self = this;
        each.read.owner = each.write.self = &each;
        each.read.settled = [](leg_op& op, error_code error) noexcept {
            lane& l = *static_cast<lane*>(op.owner);
            l.error = error;
            if (op.given_up) l.self->move_on(l);
        };
        each.read.returned = [](leg_op& op) noexcept {
            lane& l = *static_cast<lane*>(op.owner);
            std::exchange(l.left_behind, false) ? l.self->leave(l) : l.self->read_over(l);
        };
        each.write.done = [](io_op& op, error_code error) noexcept {
            lane& l = *static_cast<lane::pool_write&>(op).self;
            l.self->written(l, error);
        };
    }
    // Last: nobody would give it back if another allocation failed.
    block_ = static_cast<std::byte*>(
        memory->allocate(lanes_in_use_ * settings.chunk_bytes, memory_alignment_bytes));
    for (std::size_t i = lanes_in_use_; i-- > 0;) {
        lanes_[i].memory = block_ + i * settings.chunk_bytes;
        free_.push_back(&lanes_[i]);
    }
    pool_->join(*this);
}

preserver::~preserver()
{
    CIMREP_ASSERT(idle() && free_.size() == lanes_in_use_);
    pool_->leave(*this);
    if (watchdog_.is_linked()) volume_->loop_->disarm(watchdog_);
    for (std::size_t i = settings_.copies_max; i < lanes_in_use_; ++i)
        memory_->deallocate(lanes_[i].memory, settings_.chunk_bytes, memory_alignment_bytes);
    memory_->deallocate(block_, settings_.copies_max * settings_.chunk_bytes,
                        memory_alignment_bytes);
}

bool preserver::looked_through(const host_request& r) noexcept
{
    return r.old.looked_to_bytes >= r.piece.end_bytes();
}

// The first of what is not kept yet; what comes before that is looked through then.
std::optional<preserver::run> preserver::next_run(host_request& r,
                                                  std::uint64_t point) const noexcept
{
    while (!looked_through(r)) {
        const std::uint64_t chunk = r.old.looked_to_bytes / settings_.chunk_bytes;
        const std::uint64_t begin = chunk * settings_.chunk_bytes;
        const std::uint64_t end = std::min(begin + settings_.chunk_bytes, r.piece.end_bytes());
        const auto sub_blocks = [&](std::uint64_t bytes) {
            return static_cast<std::uint32_t>((bytes + sub_block_bytes - 1) / sub_block_bytes);
        };
        const std::uint32_t first = sub_blocks(r.old.looked_to_bytes - begin);
        unpreserved what(point, first, sub_blocks(end - begin) - first);
        table_.for_chunk(chunk, point, [&](const exception& each) { what.show(each); });
        std::optional<run> found;
        what.runs([&](std::uint32_t at, std::uint32_t count) {
            if (!found) found = run{chunk, at, count};
        });
        if (found) return found;
        r.old.looked_to_bytes = begin + settings_.chunk_bytes;
    }
    return std::nullopt;
}

void preserver::preserve(host_request& r) noexcept
{
    r.old = {.looked_to_bytes = rounded_down(r.piece.offset_bytes)};
    const std::uint64_t point = keeper_->point_before(r);
    if (point == 0 || !next_run(r, point)) return volume_->preserved(r, {});
    to_copy_.push(r);
    pump();
}

bool preserver::has_room() const noexcept
{
    return gathered_.size() + copies_ < batch_max_;
}

preserver::progress preserver::start_next(host_request& r) noexcept
{
    const std::uint64_t point = keeper_->point_before(r);
    const auto found = point == 0 ? std::nullopt : next_run(r, point);
    if (!found) return progress::looked_through;
    if (free_.empty() && all_stuck()) keeper_->break_points(errc::deadline_exceeded);
    if (free_.empty() || !has_room()) return progress::waits;
    exception what{found->chunk, point, static_cast<std::uint16_t>(found->first),
                   static_cast<std::uint16_t>(found->count), 0};
    // Where two legs are known to differ neither may be right in all of it.
    const std::uint64_t in_one = volume_->readable_in_one(extent_of(what));
    what.count = static_cast<std::uint16_t>((in_one + sub_block_bytes - 1) / sub_block_bytes);
    const bool full = table_.size() + under_way() >= settings_.exceptions_max;
    const auto space = full ? std::nullopt : pool_->space.take(what.count);
    if (!space) {
        CIMREP_MARK(pool_exhausted);
        if (CIMREP_MUTANT(full_pool_breaks_nothing)) return progress::looked_through;
        keeper_->break_points(std::make_error_code(std::errc::no_space_on_device));
        return progress::waits;
    }
    what.count = static_cast<std::uint16_t>(space->count);
    what.place = space->place;
    r.old.looked_to_bytes =
        what.chunk * settings_.chunk_bytes + std::uint64_t{what.end()} * sub_block_bytes;
    lane& l = *free_.back();
    free_.pop_back();
    l.of = &r;
    l.what = what;
    l.tried = 0;
    l.why = {};
    ++r.old.copies_out;
    ++copies_;
    // Where no leg can be read its last copy is over at once.
    if (looked_through(r)) to_copy_.pop();
    read_old(l);
    return progress::started;
}

void preserver::pump() noexcept
{
    go_on_elsewhere();
    while (host_request* r = keeper_->breaking() ? nullptr : to_copy_.front()) {
        switch (start_next(*r)) {
        case progress::waits: return commit_soon();
        case progress::started: break;
        case progress::looked_through:
            r->old.looked_to_bytes = r->piece.end_bytes();
            to_copy_.pop();
            if (r->old.copies_out == 0) kept(*r);
            break;
        }
    }
    commit_soon();
}

byte_extent preserver::extent_of(const exception& what) const noexcept
{
    const std::uint64_t begin =
        what.chunk * settings_.chunk_bytes + std::uint64_t{what.first} * sub_block_bytes;
    const std::uint64_t length = std::uint64_t{what.count} * sub_block_bytes;
    return {begin, std::min(length, volume_->shape_.size_bytes - begin)};
}

// All of it is copied, or will never be.
void preserver::kept(host_request& r) noexcept
{
    if (keeper_->breaking()) return waits_for_break_.push(r);
    const bool on_record = r.old.batch <= settled_;
    if (on_record || CIMREP_MUTANT(overwritten_before_its_record))
        return volume_->preserved(r, r.old.error);
    ++batch_waiters_;
    waits_for_batch_.push(r);
}

void preserver::points_are_broken(error_code error) noexcept
{
    if (error) {
        // None of what waits goes on: a part of it may be what could not be kept.
        for_each_waiting([&](host_request& r) { r.old.error = error; });
        request_queue refused = std::move(to_copy_);
        while (host_request* r = refused.pop()) {
            r->old.looked_to_bytes = r->piece.end_bytes();
            if (r->old.copies_out == 0) waits_for_break_.push(*r);
        }
    }
    request_queue ready = std::move(waits_for_break_);
    while (host_request* r = ready.pop()) kept(*r);
    pump();
}

/// Whether a batch begun now would be for the few that came first.
bool preserver::more_come() const noexcept
{
    return batch_waiters_ * gather_share < copies_ && has_room();
}

void preserver::commit_soon() noexcept
{
    if (committing_ || gathered_.empty() || more_come()) return;
    if (batch_waiters_ == 0 && has_room()) return;
    commit();
}

void preserver::commit() noexcept
{
    committing_ = true;
    std::swap(gathered_, in_batch_);
    ++gathering_;
    value_.resize(in_batch_.size() * exception_value_bytes);
    std::span<std::byte> to(value_);
    for (const exception& each : in_batch_) {
        encode(pack(each), to);
        to = to.subspan(exception_value_bytes);
    }
    change_ = {{record_kind::exceptions, volume_->record_owner_, take_batch_number()}, value_};
    commit_.changes = std::span(&change_, 1);
    const bool cached = pool_->device->shape().volatile_cache;
    if (!cached || CIMREP_MUTANT(record_before_its_data)) return volume_->store_->commit(commit_);
    pool_->flush(flush_);
}

// No record names them, so their places are free again; what waits needs them no more when that is
// on record.
void preserver::batch_lost(error_code error) noexcept
{
    CIMREP_MARK(pool_flush_failed);
    for (const exception& each : in_batch_) pool_->space.give({each.place, each.count});
    keeper_->break_points(error);
    batch_over();
}

// Of what is being written, or is in the batch that is being flushed, that tells when it ends.
void preserver::pool_lost_cache(error_code why) noexcept
{
    if (gathered_.empty()) return;
    CIMREP_MARK(pool_lost_what_was_gathered);
    for (const exception& each : gathered_) pool_->space.give({each.place, each.count});
    gathered_.clear();
    keeper_->break_points(why);
    // No batch will have this number before something is gathered again.
    for_each_waiting([&](host_request& r) {
        if (r.old.batch == gathering_) r.old.batch = gathering_ - 1;
    });
    request_queue waited = std::move(waits_for_batch_);
    batch_waiters_ = 0;
    while (host_request* r = waited.pop()) kept(*r);
    pump();
}

// The places of a batch that has failed stay in use: it may be found on record after a crash. A
// repository that is full is a pool that is full.
void preserver::committed(error_code error) noexcept
{
    if (error) {
        CIMREP_MARK(batch_not_durable);
        keeper_->batch_failed(change_.key, in_batch_);
        if (error == errc::over_budget || error == std::errc::no_space_on_device)
            keeper_->break_points(error);
        else
            for_each_waiting([&](host_request& r) { r.old.error = error; });
    } else {
        for (const exception& each : in_batch_) table_.insert(each);
    }
    batch_over();
}

void preserver::batch_over() noexcept
{
    committing_ = false;
    settled_ = gathering_ - 1;
    in_batch_.clear();
    request_queue waited = std::move(waits_for_batch_);
    batch_waiters_ = 0;
    while (host_request* r = waited.pop()) kept(*r);
    keeper_->batch_over();
    pump();
}

void preserver::for_each_waiting(auto&& visit) noexcept
{
    for (host_request* r = to_copy_.front(); r != nullptr; r = r->next_request) visit(*r);
    for (host_request* r = waits_for_batch_.front(); r != nullptr; r = r->next_request) visit(*r);
    for (host_request* r = waits_for_break_.front(); r != nullptr; r = r->next_request) visit(*r);
    for (lane& each : lanes_)
        if (each.of != nullptr) visit(*each.of);
}

}  // namespace cimrep::inline v0
