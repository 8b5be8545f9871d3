// lib/runtime/copier.cpp -- what a copy pass decides, done with devices.
// SPDX-License-Identifier: BSL-1.0
#include "copier.hpp"

#include <cimrep/base/mutant.hpp>

#include "../base/mark.hpp"
#include "volume_core.hpp"
#include <algorithm>
#include <cstring>

namespace cimrep::inline v0 {

namespace {

constexpr std::size_t window_alignment_bytes = 4096;

bool all_zero(std::span<const std::byte> data) noexcept
{
    constexpr std::size_t head = 64;
    for (std::size_t i = 0; i < std::min(head, data.size()); ++i)
        if (data[i] != std::byte{0}) return false;
    return data.size() <= head ||
           std::memcmp(data.data(), data.data() + head, data.size() - head) == 0;
}

}  // namespace

copy_windows::copy_windows(std::size_t count, std::uint64_t window_bytes,
                           std::pmr::memory_resource* memory)
    : memory_(memory), window_bytes_(window_bytes), windows_(count, memory), grown_(memory)
{
    // Last: nobody would give it back if another allocation failed.
    block_ =
        static_cast<std::byte*>(memory->allocate(count * window_bytes, window_alignment_bytes));
    for (std::size_t i = count; i-- > 0;) {
        windows_[i].buffer = block_ + i * window_bytes;
        free_.push_front(windows_[i]);
    }
}

void copy_windows::keep(copy_window& window) noexcept
{
    window.kept = true;
    if (++kept_ <= grown_.size()) return;
    try {
        grown_.emplace_back();
        void* buffer = memory_->allocate(window_bytes_, window_alignment_bytes);
        grown_.back().buffer = static_cast<std::byte*>(buffer);
    } catch (const std::bad_alloc&) {
        if (!grown_.empty() && grown_.back().buffer == nullptr) grown_.pop_back();
        return;
    }
    free_.push_front(grown_.back());
}

copy_windows::~copy_windows()
{
    for (const copy_window& each : grown_)
        memory_->deallocate(each.buffer, window_bytes_, window_alignment_bytes);
    memory_->deallocate(block_, windows_.size() * window_bytes_, window_alignment_bytes);
}

leg_copy::leg_copy(volume_core& owner, leg& to)
    : volume_(&owner),
      to_(&to),
      pass_(to.map, owner.windows_->window_bytes()),
      readings_(owner.settings_.legs_max),
      total_bytes_(to.map.different().marked_bytes()),
      began_at_(owner.loop().now())
{
    ending_.self = this;
    ending_.run = [](loop_task& task) noexcept { static_cast<ending&>(task).self->finish(); };
}

void leg_copy::start(bool judged) noexcept
{
    judged_ = judged;
    // What is not to be copied was found equal, by reading or because nobody has data there: that
    // holds once the legs that it was seen on have flushed.
    const bool seen =
        judged || (!to_->map.unflushed().none() && !CIMREP_MUTANT(unwritten_source_unflushed));
    for (const auto& each : volume_->legs_)
        if (seen && each && each->role == leg_role::current)
            readings_[each->index].vouching_flush = each->next_flush();
    pump();
}

void leg_copy::doubt(leg& which) noexcept
{
    if (std::exchange(readings_[which.index].vouching_flush, 0u) == 0) return;
    CIMREP_MARK(reading_doubted);
    // Where nothing was to be copied nobody remembers what was read.
    if (judged_) return give_up(errc::leg_failed);
    to_->map.flush_failed();
}

void leg_copy::source_gone(leg& which) noexcept
{
    CIMREP_MARK(copy_lost_its_source);
    if (!which.vouched(readings_[which.index].vouching_flush)) doubt(which);
    readings_[which.index].vouching_flush = 0;
}

void leg_copy::stop(error_code why) noexcept
{
    leg_failed_ |= static_cast<bool>(why);
    if (why) return give_up(why);
    pass_.stop();
    pump();
}

void leg_copy::give_up(error_code why) noexcept
{
    if (!why_) why_ = why;
    pass_.fail();
    pump();
}

void leg_copy::pump() noexcept
{
    if (over_ || pumping_) return;
    if (volume_->holds_copy_to(*to_) && !why_ && !pass_.stopping()) return;
    // What was the volume's content a moment ago is overwritten when a record says what is now.
    if (volume_->replacing(false) && !why_ && !pass_.stopping()) {
        if (volume_->unrecorded_ && !volume_->replacing()) give_up(volume_->unrecorded_);
        return;
    }
    pumping_ = true;
    for (;;) {
        const std::size_t limit =
            volume_->host_busy() ? volume_->settings_.windows_busy : volume_->settings_.windows_max;
        if (windows_out_ >= limit) break;
        copy_window* w = volume_->windows_->take();
        const auto action = pass_.next();
        if (action == copy_pass::action::copy && w == nullptr) {
            // All windows are with other copies of this volume: their ends pump every copy.
            pass_.window_not_started();
            break;
        }
        if (action == copy_pass::action::copy) {
            begin(*w);
            continue;
        }
        if (w != nullptr) volume_->windows_->give(*w);
        if (action == copy_pass::action::flush) {
            flush();
            if (flushes_pending_ == 0) continue;
        }
        if (action == copy_pass::action::done || action == copy_pass::action::stopped) {
            succeeded_ = action == copy_pass::action::done;
            end();
        }
        break;
    }
    pumping_ = false;
}

void leg_copy::begin(copy_window& w) noexcept
{
    pass_.shorten_window(volume_->readable_in_one(pass_.window()));
    w.copy = this;
    w.volume = volume_;
    w.extent = pass_.window();
    w.how = range_lock::sharing::exclusive;
    w.tried = 0;
    w.out = 0;
    w.over = w.zero = false;
    w.into = {w.buffer, w.extent.length_bytes};
    w.from = {w.buffer, w.extent.length_bytes};
    w.granted = [](range_lock::node& which) noexcept {
        auto& window = static_cast<copy_window&>(which);
        window.copy->locked(window);
    };
    w.read.owner = w.write.owner = &w;
    w.read.settled = [](leg_op& op, error_code error) noexcept {
        auto& window = *static_cast<copy_window*>(op.owner);
        window.copy->read_done(window, error);
    };
    w.write.settled = [](leg_op& op, error_code error) noexcept {
        auto& window = *static_cast<copy_window*>(op.owner);
        window.copy->write_done(window, error);
    };
    w.read.returned = w.write.returned = [](leg_op& op) noexcept {
        returned(*static_cast<copy_window*>(op.owner));
    };
    ++windows_out_;
    if (CIMREP_MUTANT(copy_takes_no_range) || volume_->ranges_.acquire(w)) locked(w);
}

void leg_copy::locked(copy_window& w) noexcept
{
    if (!why_ && pass_.stopping()) return superseded(w);
    // A leg has left since, and no other one is right in all of it.
    if (!why_ && volume_->readable_in_one(w.extent) < w.extent.length_bytes) return superseded(w);
    leg* from = why_ ? nullptr : volume_->read_leg(w.tried, w.extent);
    if (from == nullptr) return failed(w);
    if (CIMREP_MUTANT(copy_goes_backwards)) from = to_;
    w.content = volume_->content_;
    w.read.prepare_read(w.extent.offset_bytes, std::span(&w.into, 1));
    // A read that was given up may still write to the buffer: it is not tried again elsewhere.
    w.read.may_be_given_up = true;
    ++w.out;
    readings_[from->index].vouching_flush = from->next_flush();
    from->submit(w.read);
}

void leg_copy::read_done(copy_window& w, error_code error) noexcept
{
    if (CIMREP_MUTANT(copy_ignores_read_errors)) error = {};
    if (error) {
        w.tried |= 1u << w.read.on->index;
        // The stuck leg may still write to this buffer: another window takes the stretch.
        if (w.read.given_up && !why_ && volume_->read_leg(w.tried, w.extent) != nullptr) {
            CIMREP_MARK(window_left_with_a_stuck_leg);
            pass_.window_postponed(w.extent);
            return leave_behind(w);
        }
        if (w.read.given_up || why_ || volume_->read_leg(w.tried, w.extent) == nullptr) {
            if (!why_) why_ = error;
            return failed(w);
        }
        CIMREP_MARK(window_read_from_the_next_leg);
        return;  // returned() tries the next leg
    }
    readings_[w.read.on->index].vouching_flush = w.read.on->next_flush();
    write(w);
}

void leg_copy::write(copy_window& w) noexcept
{
    if (why_) return failed(w);
    if (pass_.stopping()) return superseded(w);
    w.zero = all_zero({w.buffer, w.extent.length_bytes});
    if (w.zero && to_->map.known_zero(w.extent)) {
        to_->counters.skipped_bytes += w.extent.length_bytes;
        return copied(w);
    }
    if (w.zero)
        w.write.prepare_write_zeroes(w.extent.offset_bytes, w.extent.length_bytes);
    else
        w.write.prepare_write(w.extent.offset_bytes, std::span(&w.from, 1));
    // Now: even a write that fails may leave something.
    if (!w.zero) to_->map.written(w.extent);
    w.write.may_be_given_up = true;
    w.write.may_unmap = true;
    ++w.out;
    leg& to = CIMREP_MUTANT(copy_goes_backwards) ? volume_->source() : *to_;
    to.submit(w.write);
}

void leg_copy::write_done(copy_window& w, error_code error) noexcept
{
    if (CIMREP_MUTANT(copy_ignores_write_errors)) error = {};
    if (error) {
        if (!why_) why_ = error;
        volume_->fail(*to_, error);
        return failed(w);
    }
    if (w.zero) to_->counters.zeroed_bytes += w.extent.length_bytes;
    to_->counters.copied_bytes += w.extent.length_bytes;
    copied(w);
}

void leg_copy::copied(copy_window& w) noexcept
{
    copied_bytes_ += w.extent.length_bytes;
    // Any leg that fails changes the content, the one that is copied to as well: it may have lost
    // this again.
    if (w.content == volume_->content_ || CIMREP_MUTANT(copy_of_an_older_content)) {
        pass_.window_copied(w.extent);
    } else {
        CIMREP_MARK(copied_content_was_replaced);
        pass_.window_superseded();
    }
    end_window(w);
}

void leg_copy::failed(copy_window& w) noexcept
{
    pass_.window_failed();
    end_window(w);
}

void leg_copy::superseded(copy_window& w) noexcept
{
    pass_.window_superseded();
    end_window(w);
}

void leg_copy::end_window(copy_window& w) noexcept
{
    w.over = true;
    if (!CIMREP_MUTANT(copy_takes_no_range)) volume_->unlock(w);
    if (w.out == 0) {
        --windows_out_;
        volume_->windows_->give(w);
    } else {
        // On its way back, unless the device did not answer.
        if (!w.read.is_linked() && !w.write.is_linked()) return;
        volume_->windows_->keep(w);
    }
    volume_->pump_copies();
}

// The copy goes on, and may end, while a stuck device still has the window.
void leg_copy::leave_behind(copy_window& w) noexcept
{
    end_window(w);
    w.copy = nullptr;
    --windows_out_;
    volume_->pump_copies();
}

void leg_copy::returned(copy_window& w) noexcept
{
    --w.out;
    if (w.out != 0) return;
    if (!w.over) return w.copy->locked(w);  // the next leg, since this one failed to read it
    if (w.copy != nullptr) --w.copy->windows_out_;
    w.volume->windows_->give(w);
    w.volume->pump_copies();
}

// Both sides: the leg's own flush makes the copies durable, those of the legs that they were read
// from vouch that it was not something stale that was copied.
void leg_copy::flush() noexcept
{
    flush_failed_ = false;
    ++flushes_pending_;  // until all are sent
    for (const auto& each : volume_->legs_) {
        if (!each || each->vouched(readings_[each->index].vouching_flush)) continue;
        if (CIMREP_MUTANT(copy_flush_skips_source)) continue;
        if (each->receives_writes() && !each->fenced())
            submit_flush(*each, readings_[each->index].flush);
        else
            doubt(*each);  // it has left, and may never tell
    }
    if (to_->device->shape().volatile_cache && !CIMREP_MUTANT(copy_flush_skips_target))
        submit_flush(*to_, flush_);
    if (--flushes_pending_ == 0) flushed();
}

void leg_copy::submit_flush(leg& on, leg_op& op) noexcept
{
    op.owner = this;
    op.settled = [](leg_op& done, error_code error) noexcept {
        static_cast<leg_copy*>(done.owner)->flush_settled(*done.on, error);
    };
    op.returned = [](leg_op& done) noexcept {
        auto& self = *static_cast<leg_copy*>(done.owner);
        --self.flushes_out_;
        self.pump();
    };
    op.prepare_flush();
    op.may_be_given_up = true;
    ++flushes_pending_;
    ++flushes_out_;
    on.submit(op);
}

void leg_copy::flush_settled(leg& on, error_code error) noexcept
{
    if (error && CIMREP_MUTANT(copy_ignores_flush_errors)) error = {};
    if (error && &on == to_) {
        flush_failed_ = true;
        why_ = error;
        volume_->fail(on, error);
    } else if (error) {
        volume_->flush_failed(on, error);
        // The last one: it is what it is now, but whoever asked for the copy must hear of it.
        if (on.role == leg_role::current) give_up(error);
    }
    if (--flushes_pending_ == 0) flushed();
}

void leg_copy::flushed() noexcept
{
    for (reading& each : readings_) each.vouching_flush = 0;
    pass_.flush_done(!flush_failed_);
    if (!flush_failed_) volume_->save_progress();
}

void leg_copy::end() noexcept
{
    if (windows_out_ != 0 || flushes_out_ != 0) return;
    over_ = true;
    volume_->loop().defer(ending_);
}

// Runs from the loop, because a copy may find out that it is over deep inside another call.
void leg_copy::finish() noexcept
{
    volume_core& volume = *volume_;
    leg& to = *to_;
    const bool joined =
        succeeded_ && to.role == leg_role::syncing && !why_ && to.map.different().none();
    const bool failed = leg_failed_;
    const error_code why = why_               ? why_
                           : pass_.stopping() ? make_error_code(std::errc::operation_canceled)
                                              : make_error_code(errc::leg_failed);
    for (const reading& each : readings_)
        if (each.vouching_flush != 0) to.map.flush_failed();
    to.copy_total_bytes = total_bytes_;
    to.copy_done_bytes = copied_bytes_;
    to.copy_took = volume.loop().now() - began_at_;
    volume.log(log_level::info, joined ? log_event::copy_finished : log_event::copy_stopped, &to,
               joined ? error_code{} : why, {{"bytes", copied_bytes_}});
    volume.drop_copy(to);  // *this is gone
    if (joined) return volume.join(to);
    if (to.role == leg_role::syncing) volume.leave(to);
    volume.events_->copy_ended(to, why, failed);
}

}  // namespace cimrep::inline v0
