// lib/runtime/relationship_look.cpp -- legs that were away are looked at before they are used.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>

#include "../base/mark.hpp"
#include "../base/out_of_memory.hpp"
#include "relationship_core.hpp"
#include <utility>

namespace cimrep::inline v0 {

void relationship_core::await_recognition()
{
    if (state_.copy_state == copy_state::synchronized) shown_ = step(state_, event::restart).state;
}

// A restore was accepted, and the process ended before a record said that the target holds the
// content now: nobody was told of it, and it is the target that is behind.
void relationship_core::forget_a_restore_that_never_was() noexcept
{
    using enum copy_state;
    const copy_state now = state_.copy_state;
    if (now != unsynchronized && now != broken && now != aborted) return;
    if (volume_->source().role != leg_role::current || target_->role == leg_role::current) return;
    // Nor is the target whole while it is copied to.
    const fact kept = ~(fact::source_behind | fact::target_whole);
    if (!restoring()) return;
    state_.facts = state_.facts & kept;
    shown_.facts = shown_.facts & kept;
}

// The set without the source was on record, and a crash came before the state that follows from it.
void relationship_core::learn_of_a_lost_source() noexcept
{
    using enum copy_state;
    const copy_state now = state_.copy_state;
    if (restoring() || (now != synchronized && now != unsynchronized)) return;
    const leg& source = volume_->source();
    if (target_->role != leg_role::current || source.role == leg_role::current) return;
    if (CIMREP_MUTANT(lost_source_seems_whole)) return;
    CIMREP_MARK(source_lost_before_a_crash);
    // Where a leg is away the event of that comes now.
    const bool away = target_->failed_with || source.failed_with;
    if (now == synchronized && !away) state_ = step(state_, event::source_lost).state;
    state_.facts = state_.facts | fact::source_behind | fact::target_whole;
}

void relationship_core::look_at_legs() noexcept
{
    looking_ = !to_look_at_.empty();
    if (!looking_) return carry_out();
    leg& which = *to_look_at_.back();
    to_look_at_.pop_back();
    // Somebody else has opened it as well, and looks at it or has done so.
    if (!which.failed_with) return look_at_legs();
    if (!which.quiet()) {
        looking_ = false;
        return give_up_request(in_words(errc::element_in_use, [&] {
            return cimrep::fail(errc::element_in_use, which.element_text + " is being looked at",
                                "try again when it is known what it holds");
        }));
    }
    try {
        volume_->examine_returned(
            which, [this, &which](const examination_result& found) { looked_at(which, found); });
    } catch (const std::bad_alloc&) {
        looking_ = false;
        give_up_request(out_of_memory());
    }
}

// True if what `which` holds becomes the volume's content, or is it.
bool relationship_core::provides_content(const leg& which) const noexcept
{
    if (which.role == leg_role::current) return true;
    if (&which == target_) return takes_over_;
    return discards_target_ || has(to_launch_, effect::drop_association);
}

// A leg that is to be overwritten may hold anything; one that provides the content is what it was,
// or what the client says by force.
void relationship_core::looked_at(leg& which, const examination_result& found) noexcept
{
    looking_ = false;
    // An event has ended the request meanwhile: the leg is away as it was.
    if (op_ == nullptr || state_.pending == cimrep::request::none) return to_look_at_.clear();
    const bool provides = provides_content(which);
    const bool known = !found.unreadable && found.verdict == leg_verdict::recognized &&
                       !volume_->repository_is_older_;
    // Where the repository is the older one even what is to be overwritten may be all there is.
    const bool must_be_forced = provides || volume_->repository_is_older_;
    if (!known && must_be_forced && !forced_) {
        const error_code code =
            found.unreadable ? found.unreadable : make_error_code(errc::leg_not_recognized);
        failure why = in_words(code, [&] {
            return cimrep::fail(code, which.element_text + ": " + which.remark,
                                "bring back what it was; or ask again with Force, and what it "
                                "holds is taken for what it is called in the request");
        });
        if (!found.unreadable && which.role != leg_role::current && !volume_->repository_is_older_)
            volume_->disown(which);
        volume_->turn_away(which, code);
        return give_up_request(std::move(why));
    }
    // Whatever it was called, a client says now what to do with it.
    if (!known) volume_->evidence_.forget_label(which.index);
    if (!known && provides) {
        volume_->accept_content(which);
    } else {
        if (!known) volume_->disbelieve(which);
        volume_->believe(which);
    }
    look_at_legs();
}

// Nothing has happened to the data: the state is what it was.
void relationship_core::give_up_request(failure why) noexcept
{
    to_look_at_.clear();
    abandoned_ = std::move(why);
    const relationship_state before = state_;
    state_ = cimrep::fail(state_);
    promise_source(false);
    to_do_ = effect::none;
    replace_nothing();
    to_launch_ = copy_of_state();
    stamp(before);
    commit();
}

}  // namespace cimrep::inline v0
