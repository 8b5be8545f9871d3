// lib/runtime/relationship_launch.cpp -- what a state means for the data, once it is durable.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>

#include "../base/mark.hpp"
#include "../base/out_of_memory.hpp"
#include "relationship_core.hpp"
#include <utility>

namespace cimrep::inline v0 {

void relationship_core::launch() noexcept
{
    const effect now = std::exchange(to_launch_, effect::none);
    const bool held = std::exchange(holding_, false);
    const bool takes_over = takes_over_, discards = discards_target_;
    volume_core& volume = *volume_;
    promise_source(false);
    volume.record_content();
    if (gone_) {
        drop();
    } else if (closing_) {
        close_before_launch();
    } else {
        if (has(now, effect::start_copy)) launch_copy(discards);
        if (has(now, effect::restore_source)) launch_restore(takes_over);
    }
    if (replace_nothing()) commit();
    if (CIMREP_MUTANT(takeover_outlives_its_request)) takes_over_ = takes_over;
    if (held) volume.release();
}

// Whoever opens it again finds it as it was before the request.
void relationship_core::close_before_launch() noexcept
{
    if (!replacement_.settled()) return;
    if (!abandoned_)
        abandoned_ = in_words(errc::closed, [&] {
            return cimrep::fail(errc::closed, "relationship " + to_text(instance_.path),
                                "open the shard again, then ask for it once more");
        });
    state_ = cimrep::fail(before_settling_);
    replace_nothing();
    commit();
}

bool relationship_core::replace_nothing() noexcept
{
    if (!CIMREP_MUTANT(takeover_outlives_its_request)) takes_over_ = discards_target_ = false;
    return replacement_.call_off();
}

// A sibling's request came first, and what was to be replaced is being copied to already. That
// nothing is replaced is on record before anybody hears that the request has been carried out.
bool relationship_core::replacement_is_moot() noexcept
{
    if (!replacement_.settled() || replaces_content()) return false;
    CIMREP_MARK(replacement_is_moot);
    replacement_.become_moot();
    replace_nothing();
    return true;
}

void relationship_core::replace_content(leg& which) noexcept
{
    replacement_.begin();
    takes_over_ = discards_target_ = false;
    volume_->replace_content(which);
}

// One that has failed lives until all that it had in flight is back.
bool relationship_core::copies_already(const leg& which) noexcept
{
    const bool copying = volume_->copying(which);
    copy_again_ |= copying && which.role == leg_role::tracking;
    return copying;
}

void relationship_core::launch_copy(bool discards_target) noexcept
{
    leg& source = volume_->source();
    // Either may have failed since the request was accepted.
    if (target_->fenced() || (target_->failed_with && target_->role == leg_role::tracking))
        return apply(event::leg_lost, target_->failed_with);
    if (discards_target && source.role == leg_role::tracking) {
        if (source.fenced() || source.failed_with)
            return apply(event::source_lost, source.failed_with);
        replace_content(source);
    }
    if (copies_already(*target_)) return;
    restored_last_ = false;
    if (target_->role != leg_role::current) return volume_->start_copy(*target_);
    if (source.role == leg_role::current) return apply(event::copy_done);
    // The target holds the content already, by a sibling's restore: it is the source that follows.
    if (copies_already(source)) return;
    start_copy_to_source();
}

void relationship_core::start_copy_to_source() noexcept
{
    leg& source = volume_->source();
    if (source.fenced() || source.failed_with) return lose_the_source(source.failed_with);
    // A sibling is about to make what the source holds the volume's content, whole or not at all.
    if (volume_->source_promised_to_ != nullptr) {
        CIMREP_MARK(source_promised_to_a_sibling);
        return apply(event::source_lost, errc::element_in_use);
    }
    volume_->start_copy(source);
}

void relationship_core::promise_source(bool promised) noexcept
{
    if (promised)
        volume_->source_promised_to_ = this;
    else if (volume_->source_promised_to_ == this)
        volume_->source_promised_to_ = nullptr;
}

void relationship_core::launch_restore(bool takes_over) noexcept
{
    leg& source = volume_->source();
    if (target_->fenced() || (target_->failed_with && target_->role == leg_role::tracking))
        return apply(event::leg_lost, target_->failed_with);
    if (target_->role == leg_role::tracking && takes_over) replace_content(*target_);
    // Without a client's Restore what the target holds is not the volume's: a sibling's is.
    if (target_->role == leg_role::tracking && !copies_already(*target_)) {
        if (target_->fenced() || target_->failed_with)
            return apply(event::leg_lost, target_->failed_with);
        volume_->start_copy(*target_);
    }
    if (copies_already(source)) return;
    if (source.role == leg_role::current) return in_sync();
    restored_last_ = true;
    start_copy_to_source();
}

// A forced detach of the only current leg: what the source holds is the volume from now on.
void relationship_core::drop() noexcept
{
    leg& source = volume_->source();
    const bool alone = target_->role == leg_role::current && volume_->current_count() == 1;
    if (alone && source.role == leg_role::tracking && !source.fenced())
        volume_->replace_content(source);
    if (target_->role != leg_role::tracking) volume_->leave(*target_);
    front_->allow(nullptr, host_access::none);
    published_ = false;
    target_->detaching = true;
    bury();
}

void relationship_core::update_access() noexcept
{
    const bool changing = state_.pending != cimrep::request::none && to_launch_ != effect::none;
    const host_access access = changing || gone_
                                   ? host_access::none
                                   : host_access_of(shown_.kind, shown_.copy_state, shown_.facts);
    if (access != front_->access()) front_->allow(target_, access);
}

}  // namespace cimrep::inline v0
