// lib/runtime/point_keeper.cpp -- a point in time is taken, breaks, is dropped: each on record.
// SPDX-License-Identifier: BSL-1.0
#include "point_keeper.hpp"

#include <cimrep/base/mutant.hpp>
#include <cimrep/store/change_codec.hpp>

#include <fmt/format.h>

#include "../base/mark.hpp"
#include "../base/out_of_memory.hpp"
#include "volume_core.hpp"
#include <algorithm>
#include <utility>

namespace cimrep::inline v0 {

namespace {

failure not_taken(error_code why)
{
    return fail(why, "the point in time was not taken",
                "see to what failed, then take another one");
}

failure not_dropped(error_code why)
{
    return fail(why, "the point in time could not be dropped on record",
                "repair the repository, then drop it again");
}

}  // namespace

point_keeper::point_keeper(volume_core& owner, preservation_pool& pool,
                           const preservation_settings& settings, std::pmr::memory_resource* memory)
    : volume_(&owner),
      pool_(&pool),
      settings_(settings),
      memory_(memory),
      points_(memory),
      preserver_(*this, owner, pool, settings, memory),
      unclaimed_(owner.changes_in_flight())
{
    reserve(settings.points_max);
    flush_.self = take_commit_.self = drop_commit_.self = break_commit_.self = this;
    retry_.self = erase_commit_.self = this;
    flush_.done = [](io_op& op, error_code error) noexcept {
        static_cast<keeper_flush&>(op).self->flushed(error);
    };
    take_commit_.done = [](commit_op& op, error_code error) noexcept {
        static_cast<keeper_commit&>(op).self->recorded(error);
    };
    drop_commit_.done = [](commit_op& op, error_code error) noexcept {
        static_cast<keeper_commit&>(op).self->dropped(error);
    };
    break_commit_.done = [](commit_op& op, error_code error) noexcept {
        static_cast<keeper_commit&>(op).self->broken(error);
    };
    erase_commit_.done = [](commit_op& op, error_code error) noexcept {
        static_cast<keeper_commit&>(op).self->failed_erased(error);
    };
    retry_.fired = [](timer& t) noexcept { static_cast<keeper_timer&>(t).self->record_broken(); };
}

point_keeper::~point_keeper()
{
    if (retry_.is_linked()) volume_->loop_->disarm(retry_);
}

void point_keeper::reserve(std::size_t points)
{
    points_.reserve(points);
    known_.reserve(points);
    abandoned_.reserve(points);
    break_changes_.reserve(points + 1);
    break_values_.reserve(points);
}

std::size_t point_keeper::points_max(const repository& store, std::size_t wanted) noexcept
{
    constexpr std::uint64_t point_bytes = change_header_bytes + sizeof(point_value);
    constexpr std::uint64_t shared_bytes = change_header_bytes + sizeof(points_value);
    const std::uint64_t fits = (store.commit_bytes_max() - shared_bytes) / point_bytes;
    return static_cast<std::size_t>(std::min<std::uint64_t>(wanted, fits));
}

record_key point_keeper::key_of(std::uint64_t index) const noexcept
{
    return {record_kind::points_in_time, volume_->record_owner_, index};
}

const point_keeper::point* point_keeper::find(std::uint64_t number) const noexcept
{
    const auto found = std::ranges::find(known_, number, &point::number);
    return found == known_.end() ? nullptr : &*found;
}

point_front* point_keeper::front(std::uint64_t number) noexcept
{
    const point* const found = find(number);
    return found == nullptr ? nullptr : found->front.get();
}

bool point_keeper::can_be_read(std::uint64_t number) const noexcept
{
    const point* const found = find(number);
    return found != nullptr && !found->record.broken && !breaking_ && !content_lost_;
}

std::uint64_t point_keeper::point_before(const host_request& r) const noexcept
{
    if (CIMREP_MUTANT(epoch_goes_up_with_the_record) && stage_ != stage::none && r.epoch == number_)
        return points_.latest_until(number_ - 1);
    return points_.latest_until(r.epoch);
}

std::vector<point_info> point_keeper::all() const
{
    std::vector<point_info> every;
    for (const point& each : known_)
        every.push_back({each.number, each.record.taken_at, each.record.broken});
    return every;
}

bool point_keeper::knows(std::uint64_t number) const noexcept
{
    const point* const found = find(number);
    return found != nullptr && !found->dropping;
}

void point_keeper::take(point_op& op)
{
    to_take_.push_back({&op, std::make_unique<point_front>(*volume_)});
    op.error.reset();
    op.number = 0;
    begin_taking();
}

void point_keeper::begin_taking() noexcept
{
    if (stage_ != stage::none || to_take_.empty()) return;
    stage_ = stage::claiming;
    advance();
}

// A change that claims a part of a sub-block may be under way beside one that would keep the whole
// of it: none of those is left when the epoch goes up for the first time.
void point_keeper::advance() noexcept
{
    if (stage_ == stage::claiming) {
        if (unclaimed_ != 0) return;
        number_ = points_.take();
        stage_ = stage::draining;
    }
    if (stage_ != stage::draining) return;
    const bool awaited = changes_[(number_ - 1) % changes_.size()] != 0;
    if (awaited && !CIMREP_MUTANT(old_changes_not_awaited)) return;
    stage_ = stage::flushing;
    if (CIMREP_MUTANT(point_without_a_flush)) return flushed({});
    flush_.prepare_flush();
    volume_->submit(flush_);
}

void point_keeper::flushed(error_code error) noexcept
{
    // It was broken meanwhile, or is about to be.
    if (!error && (breaking_ || !points_.lives(number_))) error = broken_with_;
    if (!error) return record();
    CIMREP_MARK(point_not_flushed);
    if (points_.lives(number_)) points_.drop(number_);
    clean();
    taken(error);
}

void point_keeper::record() noexcept
{
    try {
        volume_text_ = encode(volume_->record());
    } catch (const std::bad_alloc&) {
        return recorded(no_memory());
    }
    stage_ = stage::recording;
    taking_ = {volume_->loop_->wall_now(), false};
    points_value_ = encode(points_record{number_, pool_->number, settings_.chunk_bytes});
    point_value_ = encode(taking_);
    take_changes_[0] = {key_of(0), points_value_};
    take_changes_[1] = {key_of(number_), point_value_};
    take_changes_[2] = {{record_kind::volume_state, volume_->record_owner_, 0},
                        std::as_bytes(std::span(volume_text_))};
    take_changes_[3] = {{record_kind::pool_state, pool_->number, 0},
                        std::as_bytes(std::span(pool_->record))};
    take_commit_.changes = take_changes_;
    if (CIMREP_MUTANT(point_without_its_record)) return recorded({});
    volume_->store_->commit(take_commit_);
}

// One that may be on record all the same is kept as if it were, until that is sure.
void point_keeper::recorded(error_code error) noexcept
{
    if (!error && (breaking_ || !points_.lives(number_))) error = broken_with_;
    if (error) {
        CIMREP_MARK(point_not_on_record);
        abandoned_.push_back(number_);
    } else {
        taker& first = to_take_.front();
        first.op->number = first.front->number = number_;
        known_.push_back({number_, taking_, std::move(first.front)});
    }
    taken(error);
    begin_dropping();
}

void point_keeper::taken(error_code error) noexcept
{
    stage_ = stage::none;
    point_op& op = *to_take_.front().op;
    to_take_.pop_front();
    if (error) op.error = in_words(error, [&] { return not_taken(error); });
    op.done(op);
    begin_taking();
}

void point_keeper::drop(point_op& op) noexcept
{
    op.error.reset();
    find(op.number)->dropping = true;
    to_drop_.push(op);
    begin_dropping();
}

void point_keeper::begin_dropping(bool also_abandoned) noexcept
{
    if (erasing_ != 0 || breaking_) return;
    if (dropping_ == nullptr) dropping_ = static_cast<point_op*>(to_drop_.pop());
    // What is read of it may lie where others keep something afterwards.
    if (dropping_ != nullptr && find(dropping_->number)->reads == 0)
        erasing_ = dropping_->number;
    else if (also_abandoned && !abandoned_.empty())
        erasing_ = abandoned_.back();
    else
        return;
    drop_change_ = {key_of(erasing_), {}, true};
    drop_commit_.changes = std::span(&drop_change_, 1);
    volume_->store_->commit(drop_commit_);
}

void point_keeper::dropped(error_code error) noexcept
{
    const std::uint64_t number = std::exchange(erasing_, 0);
    if (!error) {
        if (points_.lives(number)) points_.drop(number);
        std::erase(abandoned_, number);
        std::erase_if(known_, [&](const point& each) { return each.number == number; });
        clean();
    }
    if (breaking_) record_broken();
    const bool asked = dropping_ != nullptr && dropping_->number == number;
    if (asked) {
        point_op& op = *std::exchange(dropping_, nullptr);
        if (error) {
            find(number)->dropping = false;
            op.error = in_words(error, [&] { return not_dropped(error); });
        }
        op.done(op);
    }
    // What could not be taken back of a point that nobody knows of waits for the next request.
    begin_dropping(asked || !error);
}

void point_keeper::change_ended(const host_request& r) noexcept
{
    r.rounded ? --changes_[r.epoch % changes_.size()] : --unclaimed_;
    advance();
}

void point_keeper::read_begun(std::uint64_t number) noexcept
{
    if (point* const found = find(number)) ++found->reads;
}

void point_keeper::read_ended(std::uint64_t number) noexcept
{
    point* const found = find(number);
    if (found != nullptr && --found->reads == 0 && found->dropping) begin_dropping();
}

void point_keeper::break_points(error_code why) noexcept
{
    if (breaking_ || points_.empty()) return;
    CIMREP_MARK(points_break);
    breaking_ = true;
    broken_with_ = why;
    volume_->log(log_level::error, log_event::points_broken, nullptr, why,
                 {{"used_bytes", pool_->space.used() * sub_block_bytes},
                  {"size_bytes", pool_->space.count() * sub_block_bytes}});
    // What is being erased is not put on record again.
    if (erasing_ == 0) record_broken();
}

void point_keeper::content_replaced(error_code why) noexcept
{
    if (points_.empty()) return;
    content_lost_ = true;
    break_points(why);
}

// Those that nobody has heard of go: they may be on record, and nothing is kept for them any more.
void point_keeper::record_broken() noexcept
{
    break_changes_.clear();
    break_values_.clear();
    points_value_broken_ =
        encode(points_record{points_.epoch(), pool_->number, settings_.chunk_bytes});
    break_changes_.push_back({key_of(0), points_value_broken_});
    for (const point& each : known_) {
        if (each.record.broken) continue;
        break_values_.push_back(encode(point_record{each.record.taken_at, true}));
        break_changes_.push_back({key_of(each.number), break_values_.back()});
    }
    const auto erase = [&](std::uint64_t number) {
        break_changes_.push_back({key_of(number), {}, true});
    };
    if (stage_ == stage::recording) erase(number_);
    for (const std::uint64_t each : abandoned_) erase(each);
    if (CIMREP_MUTANT(broken_not_on_record)) break_changes_.resize(1);
    break_commit_.changes = break_changes_;
    volume_->store_->commit(break_commit_);
}

// Those that are being taken, and those that nobody has heard of, break with them.
void point_keeper::broken(error_code error) noexcept
{
    breaking_ = false;
    if (!error) {
        content_lost_ = false;
        retries_ = 0;
        for (point& each : known_) each.record.broken = true;
        abandoned_.clear();
        while (!points_.empty()) points_.drop(points_.newest());
        clean();
    }
    preserver_.points_are_broken(error);
    if (content_lost_ && ++retries_ <= retries_max) return break_again_later();
    begin_dropping();
}

// The record says that they can be read. Those whom that holds up have heard of it.
void point_keeper::break_again_later() noexcept
{
    CIMREP_MARK(replaced_points_not_on_record);
    breaking_ = true;
    volume_->loop_->arm(retry_, volume_->loop_->now() + retry_after);
}

bool point_keeper::idle() const noexcept
{
    return to_take_.empty() && to_drop_.empty() && dropping_ == nullptr && erasing_ == 0 &&
           !breaking_ && !erasing_failed_ && notes_out_ == 0 && preserver_.idle();
}

}  // namespace cimrep::inline v0
