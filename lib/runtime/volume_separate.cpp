// lib/runtime/volume_separate.cpp -- takes a leg out of the set on request: fracture and split.
// SPDX-License-Identifier: BSL-1.0
#include "volume_core.hpp"

namespace cimrep::inline v0 {

// A fracture lets the host go on and waits for what is in flight to the leg. A split first holds
// new writes until those in flight are done, so that what the leg holds is one instant of the volume.
void volume_core::separate(separation& how, leg& which) noexcept
{
    CIMREP_ASSERT(how.done != nullptr && how.which == nullptr);
    how.which = &which;
    how.at = separation::stage::draining;
    how.outcome = {};
    how.holding = how.hold_writes;
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
    hot_.for_each_uncovered([&](byte_extent extent) { which.map.not_flushed(extent); });
    ++generation_;
    commit_membership();
}

void volume_core::advance(separation& how) noexcept
{
    if (how.which == nullptr || how.at != separation::stage::draining) return;
    leg& which = *how.which;
    if (how.holding ? !drained() : !which.quiet()) return;
    if (how.holding && which.role == leg_role::tracking)
        return finish(how,
                      which.failed_with ? which.failed_with : make_error_code(errc::leg_failed));
    how.at = separation::stage::flushing;
    if (which.failed_with || !which.device->shape().volatile_cache)
        return finish(how, which.failed_with);
    how.flush.prepare_flush();
    how.flush.may_be_given_up = true;
    how.flush.settled = [](leg_op& op, error_code error) noexcept {
        static_cast<separation*>(op.owner)->outcome = error;
    };
    // The end waits for `returned`: the caller's memory holds the op.
    how.flush.returned = [](leg_op& op) noexcept {
        auto& self = *static_cast<separation*>(op.owner);
        self.volume->finish(self, self.outcome);
    };
    which.submit(how.flush);
}

void volume_core::finish(separation& how, error_code error) noexcept
{
    leg& which = *how.which;
    // Too late to give up: the flush must come back, and its own deadline sees to that.
    if (how.at == separation::stage::flushing && how.flush.is_linked()) return;
    if (how.timer_.is_linked()) loop_->disarm(how.timer_);
    separations_.remove(how);
    if (error && how.at == separation::stage::flushing) {
        which.failed_with = error;
        if (which.role != leg_role::tracking) fail(which, error);
        which.map.flush_failed();
        hot_.for_each_uncovered([&](byte_extent extent) { which.map.differs(extent); });
    }
    // The others failed meanwhile: the last leg that holds the content stays.
    const bool last = which.role == leg_role::current && current_count() == 1;
    if (!error && last) error = errc::leg_failed;
    if (!error && which.role != leg_role::tracking) leave(which);
    how.which = nullptr;
    const bool held = std::exchange(how.holding, false);
    how.done(how, error);
    if (held) release();
}

}  // namespace cimrep::inline v0
