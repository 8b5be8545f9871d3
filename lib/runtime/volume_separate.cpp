// lib/runtime/volume_separate.cpp -- takes a leg out of the set on request: fracture and split.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>

#include "../base/mark.hpp"
#include "volume_core.hpp"

namespace cimrep::inline v0 {

// A fracture lets the host go on and waits for what is in flight to the leg. A split first holds
// new writes until those in flight are done, so that the leg holds one instant of the volume.
void volume_core::separate(separation& how, leg& which) noexcept
{
    CIMREP_ASSERT(how.done != nullptr && how.which == nullptr);
    how.which = &which;
    how.at = separation::stage::draining;
    how.outcome = {};
    how.called_off = false;
    how.holding = how.hold_writes || how.only_drains;
    separations_.push(how);
    how.volume = this;
    how.flush.owner = &how;
    how.timer_.self = &how;
    how.timer_.fired = [](timer& t) noexcept {
        separation& self = *static_cast<separation::timeout&>(t).self;
        self.volume->finish(self, errc::deadline_exceeded);
    };
    if (how.holding) {
        hold();
        loop_->arm(how.timer_, loop_->now() + how.deadline);
    } else {
        leave(which);
    }
    advance(how);
}

// From here on the leg misses writes: none of them is acknowledged before that is on record.
void volume_core::leave(leg& which) noexcept
{
    which.role = leg_role::tracking;
    // The flushes of the others cover it no more.
    if (!CIMREP_MUTANT(leaving_leg_keeps_its_cache))
        hot_.for_each_uncovered([&](byte_extent extent) { which.map.not_flushed(extent); });
    settle_differences();
    ++generation_;
    commit_membership();
}

void volume_core::advance(separation& how) noexcept
{
    if (how.which == nullptr || how.at == separation::stage::flushing) return;
    leg& which = *how.which;
    if (how.at == separation::stage::quieting) {
        if (which.quiet()) complete(how, which.failed_with);
        return;
    }
    const bool busy = how.holding ? !drained() : !which.quiet();
    if (busy && !CIMREP_MUTANT(separated_without_draining)) return;
    if (how.only_drains) {
        how.holding = false;  // the caller's from now on
        return complete(how, {});
    }
    if (how.holding && which.role == leg_role::tracking)
        return finish(how,
                      which.failed_with ? which.failed_with : make_error_code(errc::leg_failed));
    how.at = separation::stage::flushing;
    if (CIMREP_MUTANT(separated_without_a_flush)) return finish(how, which.failed_with);
    if (which.failed_with || !which.device->shape().volatile_cache)
        return finish(how, which.failed_with);
    how.flush.prepare_flush();
    how.flush.may_be_given_up = true;
    how.flush.settled = [](leg_op& op, error_code error) noexcept {
        auto& self = *static_cast<separation*>(op.owner);
        self.outcome = error;
        if (error) self.volume->separation_failed(self, error);
    };
    // The end waits for `returned`: the caller's memory holds the op.
    how.flush.returned = [](leg_op& op) noexcept {
        auto& self = *static_cast<separation*>(op.owner);
        self.volume->finish(self, self.outcome);
    };
    which.submit(how.flush);
}

// At once: nothing may be read any more from a leg that may have dropped what it could not write.
void volume_core::separation_failed(separation& how, error_code error) noexcept
{
    leg& which = *how.which;
    if (which.role != leg_role::tracking)
        flush_failed(which, error);
    else
        fail(which, error);
    if (std::exchange(how.holding, false)) release();
}

void volume_core::finish(separation& how, error_code error) noexcept
{
    leg& which = *how.which;
    // The flush must come back before the end, for the caller's memory holds it; the host need not
    // wait for that.
    if (how.at == separation::stage::flushing && how.flush.is_linked()) {
        how.outcome = error;
        return separation_failed(how, error);
    }
    if (how.called_off) return complete(how, std::make_error_code(std::errc::operation_canceled));
    if (!error) error = which.failed_with;
    // The others failed meanwhile: the last leg that holds the content stays.
    const bool last = which.role == leg_role::current && current_count() == 1;
    if (!error && last) error = errc::leg_failed;
    if (error) return complete(how, error);
    if (which.role != leg_role::tracking) leave(which);
    which.map.flushed();
    if (which.quiet()) return complete(how, {});
    // Reads that began before the cut: until they end no host may write to the leg.
    CIMREP_MARK(cut_waits_for_reads);
    how.at = separation::stage::quieting;
    if (how.timer_.is_linked()) loop_->disarm(how.timer_);
    if (std::exchange(how.holding, false)) release();
}

// Who asked for it goes by who is in the set now: a leg that left later would be missed by nobody.
void volume_core::call_off(separation& how) noexcept
{
    if (how.which == nullptr || how.at == separation::stage::quieting) return;
    CIMREP_MARK(cut_called_off);
    if (how.at == separation::stage::draining)
        return complete(how, std::make_error_code(std::errc::operation_canceled));
    how.called_off = true;
    if (how.timer_.is_linked()) loop_->disarm(how.timer_);
    if (std::exchange(how.holding, false)) release();
}

void volume_core::complete(separation& how, error_code error) noexcept
{
    if (how.timer_.is_linked()) loop_->disarm(how.timer_);
    separations_.remove(how);
    how.which = nullptr;
    const bool held = std::exchange(how.holding, false);
    how.done(how, error);
    if (held) release();
}

}  // namespace cimrep::inline v0
