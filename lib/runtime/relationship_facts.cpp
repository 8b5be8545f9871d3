// lib/runtime/relationship_facts.cpp -- what happens to the legs of a relationship, as events.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/state/legacy.hpp>

#include "../base/mark.hpp"
#include "../base/out_of_memory.hpp"
#include "relationship_core.hpp"
#include <algorithm>
#include <utility>

namespace cimrep::inline v0 {

failure relationship_core::check_failed(error_code why) const noexcept
{
    return in_words(why, [&] {
        return cimrep::fail(why, "the check of " + target_->element_text,
                            "see the error of the element");
    });
}

void relationship_core::leg_left(leg& which, error_code why)
{
    if (verification_ && (&which == target_ || volume_->current_count() < 2))
        verification_->stop(why);
    if (&which == target_ && identifying_) {
        // Between the end of the copy and the record of the join nobody else tells of it.
        if (verification_ == nullptr && !volume_->copying(*target_))
            refuse_creation(check_failed(why));
        return;
    }
    if (&which == target_) return apply(event::leg_lost, why);
    if (which.index == 0) return lose_the_source(why);
    left_alone();
}

void relationship_core::leg_joined(leg& which)
{
    if (&which == target_ && std::exchange(identifying_, false)) {
        control_op& op = *std::exchange(op_, nullptr);
        return create(cimrep::request::create_identical, op);
    }
    if (&which == target_) {
        in_sync();
        // It was asked to end and has ended all the same, while the source still follows.
        if (std::exchange(waiting_for_copy_, false)) carry_out();
        return;
    }
    if (which.index != 0) return;
    // The source is up to date again, by this relationship's restore or by a sibling's.
    if (state_.copy_state == copy_state::broken && target_->role == leg_role::current)
        apply(event::leg_back);
    if (restoring() && target_->role == leg_role::current) return apply(event::restore_done);
    in_sync();
}

// A copy to the target may end before a sibling's restore of the source does. Where nobody restores
// the source, the pair has lost it, although the volume has one leg more.
void relationship_core::in_sync() noexcept
{
    const leg& source = volume_->source();
    if (target_->role != leg_role::current) return;
    if (source.role == leg_role::current)
        return apply(restoring() ? event::restore_done : event::copy_done);
    if (source.role == leg_role::tracking) whole_without_the_source(source.failed_with);
}

// Whichever comes first, the loss of the source or the end of the copy to the target: the target
// has what the source lacks. To give that up takes Force.
void relationship_core::whole_without_the_source(error_code why) noexcept
{
    const bool broken = state_.copy_state == copy_state::broken;
    const bool unsettled = broken || state_.copy_state == copy_state::unsynchronized;
    const bool known = restoring() || !unsettled;
    if (!known) state_.facts = state_.facts | fact::source_behind | fact::target_whole;
    if (!broken) return apply(event::source_lost, why);
    // A pending request records it with its own end.
    if (!known && state_.pending == cimrep::request::none) commit();
}

// A target that is in the set has everything, also if it is the source that followed.
void relationship_core::lose_the_source(error_code why) noexcept
{
    const bool whole = target_->role == leg_role::current;
    if (whole && !CIMREP_MUTANT(lost_source_seems_whole)) return whole_without_the_source(why);
    apply(event::source_lost, why);
}

// The source follows, and whoever it followed besides this target is gone: now it is the target's
// content that it lacks, and to give that up takes Force.
bool relationship_core::left_alone() noexcept
{
    if (restoring() || gone_ || target_->role != leg_role::current) return false;
    if (CIMREP_MUTANT(lost_source_seems_whole)) return false;
    if (volume_->current_count() != 1 || volume_->source().role == leg_role::current) return false;
    const bool broken = state_.copy_state == copy_state::broken;
    if (!broken && state_.copy_state != copy_state::unsynchronized) return false;
    CIMREP_MARK(target_left_alone);
    const bool pending = state_.pending != cimrep::request::none;
    state_.facts = state_.facts | fact::source_behind | fact::target_whole;
    if (!broken) return try_to_apply(event::restart, errc::leg_failed) && pending;
    if (!pending) commit();
    return false;
}

void relationship_core::copy_ended(leg& which, error_code why, bool had_failed)
{
    if (&which == target_ && identifying_) return refuse_creation(check_failed(why));
    const bool ours = &which == target_ || (which.index == 0 && restoring());
    const bool pair_goes_on = state_.copy_state == copy_state::synchronized ||
                              state_.copy_state == copy_state::unsynchronized;
    if (which.index == 0 && !ours && !had_failed && pair_goes_on && !closing_)
        return lose_the_source(why);
    if (!ours) return;
    const bool again = std::exchange(copy_again_, false);
    if (std::exchange(waiting_for_copy_, false)) return carry_out();
    if (closing_) return;
    if (again) return restoring() ? launch_restore(false) : launch_copy(false);
    // The leg may be back since, or wait for a client, for whom it was stopped.
    const bool waits = &which == target_ && is_apart(state_.kind, state_.copy_state);
    if (had_failed || waits) return;
    apply(event::leg_lost, why);
}

void relationship_core::content_replaced()
{
    if (state_.pending != cimrep::request::none) return;
    apply(event::source_replaced);
    const bool copied = volume_->copying(*target_) || has(to_launch_, effect::start_copy);
    if (copied || target_->role != leg_role::syncing) return;
    CIMREP_MARK(source_lost_to_a_sibling_restore);
    // It held the content already and waited for the source: now it is behind again. In any other
    // state nobody asks for a copy: it is apart.
    if (state_.copy_state == copy_state::unsynchronized)
        volume_->start_copy(*target_);
    else
        volume_->leave(*target_);
}

bool relationship_core::fits_into(const std::vector<record_change>& to,
                                  std::size_t bytes) const noexcept
{
    constexpr std::size_t overhead_bytes = 64;
    std::size_t all = bytes + overhead_bytes;
    for (const record_change& each : to) all += each.value.size() + overhead_bytes;
    return all <= store_->commit_bytes_max();
}

// In the same record: by a later set it could seem as if nothing had been replaced. A request's
// state that is on its way by itself is not forestalled, nor may the set wait for memory or room.
void relationship_core::add_owed_state(std::vector<record_change>& to,
                                       std::vector<std::string>& texts) noexcept
{
    replacement_.untold();
    const bool on_its_way = commit_running_ && op_ != nullptr;
    if (!replacement_.owes_the_set() || on_its_way || gone_) return;
    const bool settled = state_.pending == cimrep::request::none;
    try {
        std::string text = encode_state(settled ? state_ : cimrep::fail(state_), std::nullopt);
        if (!fits_into(to, text.size())) return;
        texts.push_back(std::move(text));
        to.push_back({record_.all[0].key, std::as_bytes(std::span(texts.back()))});
        replacement_.told_in_set();
    } catch (const std::bad_alloc&) {
    }
}

void relationship_core::set_recorded(error_code error) noexcept
{
    error ? replacement_.untold() : replacement_.set_recorded();
    // A request that is pending records it with its own end.
    if (!error && replacement_.overtaken() && !gone_ && state_.pending == cimrep::request::none)
        commit();
    if (!std::exchange(waits_for_content_, false)) return;
    CIMREP_MARK(answer_waited_for_content);
    std::optional<failure> failed = std::exchange(unanswered_, std::nullopt);
    if (error && !failed)
        failed = in_words(error, [&] {
            return cimrep::fail(error, "the new content could not be made durable",
                                "repair the repository, then try again");
        });
    finish_request(std::move(failed));
}

void relationship_core::leg_returned()
{
    if (state_.copy_state == copy_state::broken) apply(event::leg_back);
    // The loss of the source leaves a copy running: who waits for a client is not copied to.
    if (!is_apart(state_.kind, state_.copy_state) || target_->role != leg_role::syncing) return;
    volume_->leave(*target_);
    volume_->stop_copy(*target_);
}

bool relationship_core::idle() const noexcept
{
    return op_ == nullptr && !commit_running_ && !cutting_ && !looking_ &&
           verification_ == nullptr && front_->in_flight() == 0;
}

void relationship_core::begin_closing()
{
    closing_ = true;
    front_->allow(nullptr, host_access::none);
    if (verification_) verification_->stop(errc::closed);
    volume_->stop_copy(*target_);
}

void relationship_core::bury() noexcept
{
    if (!target_->quiet()) return;
    volume_->remove(*target_);
    host_->dropped(*this);
}

void relationship_core::stamp(const relationship_state& before) noexcept
{
    using enum copy_state;
    if (before.copy_state == state_.copy_state) return;
    // Who has been lost since, or waits for a client, is copied to when that is asked for anew.
    if (state_.copy_state != unsynchronized) copy_again_ = false;
    const wall_time now = volume_->loop().wall_now();
    if (state_.copy_state == unsynchronized) instance_.when_activated = now;
    if (state_.copy_state == synchronized) instance_.when_synchronized = now;
    if (state_.copy_state == suspended) instance_.when_suspended = now;
    if (state_.copy_state == inactive) instance_.when_deactivated = now;
}

// A leg has failed, and the event of it is on its way. Nothing is parted any more: neither may a
// host be let in to what the volume is served from, nor does the target hold a point in time.
bool relationship_core::ended_by_a_failure() noexcept
{
    if (target_->role == leg_role::tracking && target_->failed_with)
        return try_to_apply(event::leg_lost, target_->failed_with);
    if (left_alone()) return true;
    const leg& source = volume_->source();
    const bool alone = target_->role == leg_role::current && volume_->current_count() == 1;
    if (!alone || restoring() || source.role != leg_role::tracking) return false;
    const fact before = state_.facts;
    state_.facts = before | fact::source_behind | fact::target_whole;
    if (try_to_apply(event::source_lost, source.failed_with)) return true;
    state_.facts = before;
    return false;
}

// A request that parts the target has settled, and before it is answered the pair breaks.
bool relationship_core::parted_in_vain(const relationship_state& now) const noexcept
{
    const bool unanswered =
        op_ != nullptr && !abandoned_ && state_.pending == cimrep::request::none;
    return parts_ && unanswered && state_.copy_state != copy_state::broken &&
           now.copy_state == copy_state::broken;
}

// A request that is not answered has taken the target out of the set: whoever has what the source
// lacks, it is a sibling.
bool relationship_core::parted_before(event what) const noexcept
{
    const bool parting = parts_ && state_.pending != cimrep::request::none;
    if (what != event::source_lost || !parting || target_->role != leg_role::tracking) return false;
    CIMREP_MARK(source_lost_behind_a_separation);
    return true;
}

bool relationship_core::parted_target_failed() noexcept
{
    if (!parts_ || op_ == nullptr || abandoned_ || !target_->failed_with) return false;
    if (target_->role != leg_role::tracking || state_.pending != cimrep::request::none)
        return false;
    CIMREP_MARK(parted_target_failed_before_the_answer);
    return try_to_apply(event::leg_lost, target_->failed_with);
}

relationship_info relationship_core::info_if_possible() const noexcept
{
    try {
        return info();
    } catch (const std::bad_alloc&) {
        return {};
    }
}

relationship_info relationship_core::info() const
{
    relationship_info all = instance_;
    all.sync_type = shown_.kind.sync;
    all.mode = shown_.kind.mode;
    all.copy_state = shown_.copy_state;
    all.requested_copy_state = shown_.requested;
    all.progress_status = shown_.progress;
    all.copy_type = project_copy_type(shown_.kind);
    all.sync_state = project_sync_state(shown_);
    const bool in_sync = shown_.copy_state == copy_state::synchronized;
    all.sync_maintained = in_sync;
    const leg& source = *volume_->legs_[0];
    const leg& behind = has(shown_.facts, fact::source_behind) ? source : *target_;
    all.copies_to_source = &behind == &source;
    const std::uint64_t size = volume_->shape().size_bytes;
    all.different_bytes = behind.map.different().marked_bytes();
    const std::uint64_t percent = size == 0 ? 100 : (size - all.different_bytes) * 100 / size;
    all.percent_synced = shown_.copy_state == copy_state::unsynchronized
                             ? static_cast<std::uint16_t>(std::min<std::uint64_t>(percent, 99))
                             : static_cast<std::uint16_t>(percent);
    if (const leg_copy* copy = volume_->copy_of(behind)) {
        all.copied_bytes = copy->copied_bytes();
        all.copy_total_bytes = copy->total_bytes();
        all.copy_took = volume_->loop().now() - copy->began_at();
    } else {
        const leg& last = restored_last_ ? source : *target_;
        all.copied_bytes = last.copy_done_bytes;
        all.copy_total_bytes = last.copy_total_bytes;
        all.copy_took = last.copy_took;
    }
    return all;
}

}  // namespace cimrep::inline v0
