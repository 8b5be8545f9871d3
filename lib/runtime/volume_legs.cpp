// lib/runtime/volume_legs.cpp -- who is in the set: joining, failing, leaving, taking over.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>

#include <fmt/format.h>

#include "../base/mark.hpp"
#include "../base/out_of_memory.hpp"
#include "point_keeper.hpp"
#include "state_records.hpp"
#include "volume_core.hpp"
#include <algorithm>
#include <cstring>

namespace cimrep::inline v0 {

std::size_t volume_core::leg_count() const noexcept
{
    return static_cast<std::size_t>(std::count_if(
        legs_.begin(), legs_.end(), [](const auto& each) { return each != nullptr; }));
}

std::size_t volume_core::current_count() const noexcept
{
    return static_cast<std::size_t>(std::count_if(legs_.begin(), legs_.end(), [](const auto& each) {
        return each && each->role == leg_role::current;
    }));
}

outcome<leg*> volume_core::attach(std::unique_ptr<block_device> device, object_path element,
                                  std::string identity)
{
    // The answers of requests in flight name legs by their slots: none of these is used again yet.
    std::uint32_t named = 0;
    requests_.for_each([&](const host_request& r) { named |= r.failed | r.succeeded; });
    std::size_t slot = 0;
    while (slot < legs_.size() && (legs_[slot] || (named >> slot & 1) != 0)) ++slot;
    if (slot >= settings_.legs_max)
        return cimrep::fail(errc::over_budget,
                            fmt::format("the volume has {} legs already", settings_.legs_max),
                            "detach one, or open the shard with a larger legs_max");
    leg& attached = attach_at(slot, std::move(device), std::move(element), std::move(identity));
    attached.map.all_pages_changed();
    evidence_.forget_label(slot);
    // What is on its way to the others will not come here.
    requests_.for_each([&](const host_request& r) {
        if (CIMREP_MUTANT(new_leg_misses_writes_under_way)) return;
        if (r.host->changes()) attached.map.differs(r.host->extent());
    });
    return &attached;
}

leg& volume_core::attach_at(std::size_t slot, std::unique_ptr<block_device> device,
                            object_path element, std::string identity)
{
    auto made = std::make_unique<leg>(*this, std::move(device), std::move(element),
                                      shape_.size_bytes, settings_.region_bytes, memory_);
    made->identity = std::move(identity);
    made->element_text = to_text(made->element);
    made->deadline = settings_.leg_deadline;
    made->index = static_cast<std::uint8_t>(slot);
    evidence_.make_room(*made);
    while (legs_.size() <= slot) {
        legs_.emplace_back();
        copies_.emplace_back();
    }
    legs_[slot] = std::move(made);
    leg& attached = *legs_[slot];
    // What a host need not flush must be durable on every leg.
    shape_.volatile_cache |= attached.device->shape().volatile_cache;
    log(log_level::info, log_event::leg_attached, &attached, {});
    return attached;
}

void volume_core::remove(leg& which) noexcept
{
    CIMREP_ASSERT(which.quiet() && which.role == leg_role::tracking && !copying(which));
    for (const auto& each : copies_)
        if (each) each->source_gone(which);
    log(log_level::info, log_event::leg_detached, &which, {});
    // Events of a leg that is gone name nobody.
    const auto of_leg = [&](const pending_event& e) { return e.which == &which; };
    std::erase_if(events_due_, of_leg);
    std::erase_if(events_committing_, of_leg);
    evidence_.forget_label(which.index);
    legs_[which.index].reset();
}

bool volume_core::fail(leg& which, error_code why) noexcept
{
    // Whoever looks at it hears of it, and decides what it is.
    if (recognizing_ || which.examined) {
        which.failed_with = why;
        return true;
    }
    // A leg that is apart can fail too; a second error tells nothing new.
    if (which.role == leg_role::tracking && (which.failed_with || which.detaching)) return true;
    if (which.role == leg_role::current && current_count() == 1) return false;
    doubt_reads(which);
    which.role = leg_role::tracking;
    which.failed_with = why;
    // What it acknowledged since its last flush may be gone with its cache.
    which.map.flush_failed();
    if (!CIMREP_MUTANT(failed_leg_keeps_its_cache))
        hot_.for_each_uncovered([&](byte_extent extent) { which.map.differs(extent); });
    log(log_level::error, log_event::leg_failed, &which, why);
    if (auto& copy = copies_[which.index]) copy->stop(why);
    settle_differences();
    ++generation_;
    events_due_.push_back({&which, why, pending_event::kind::left});
    which.loss_untold = true;
    commit_membership();
    return true;
}

// A leg in the set may have been found to differ. What it holds there is the content where nobody
// else is left in the set, and whoever is not in it lacks that.
void volume_core::settle_differences() noexcept
{
    for (const auto& each : legs_) {
        if (!each || each->role != leg_role::current || each->map.different().none()) continue;
        CIMREP_MARK(found_to_differ_and_left);
        if (CIMREP_MUTANT(found_difference_left_behind)) continue;
        for (const auto& other : legs_)
            if (other && other->role != leg_role::current) other->map.differs_where(each->map);
        if (current_count() != 1) continue;
        evidence_.drop_samples(each->map);
        each->map.became_current();
        left_alone_ = true;
    }
}

// One that holds the content alone by now was sampled as those that have left were.
void volume_core::found_to_differ() noexcept
{
    settle_differences();
    if (evidence_.drops_samples()) commit_membership();
}

// No later flush of `which` can vouch for what has been read from it.
void volume_core::doubt_reads(leg& which) noexcept
{
    ++content_;
    for (const auto& each : copies_)
        if (each && !CIMREP_MUTANT(lost_reads_believed)) each->doubt(which);
}

bool volume_core::leg_missed_deadline(leg& which) noexcept
{
    log(log_level::warning, log_event::leg_stuck, &which, errc::deadline_exceeded,
        {{"outstanding", which.outstanding()}});
    if (!fail(which, errc::deadline_exceeded)) return false;
    CIMREP_MARK(leg_missed_its_deadline);
    which.give_up_all();
    replace_pinned();
    return true;
}

// What a stuck leg keeps is out of the pools until it comes back, which may be never: the host gets
// as many requests and buffers as before.
void volume_core::replace_pinned() noexcept
{
    requests_.for_each_pinned([&](host_request& r) {
        if (std::exchange(r.pinned, true)) return;
        ++pinned_;
        if (r.bounce != nullptr) bounces_.kept();
    });
    serve_bounce_waiters();
    pump_waiting();
}

void volume_core::leg_is_quiet(leg& which) noexcept
{
    if (which.failed_with == errc::deadline_exceeded) {
        CIMREP_MARK(stuck_leg_released);
        log(log_level::info, log_event::leg_released, &which, {});
    }
    for (separation* how = separations_.front(); how != nullptr;) {
        separation* following = how->next;
        if (how->which == &which) advance(*how);
        how = following;
    }
    if (which.detaching) events_->detached_quiet(which);
}

void volume_core::join(leg& which) noexcept
{
    events_due_.push_back({&which, {}, pending_event::kind::joined});
    commit_membership();
}

// The target becomes what the host reads at once; the others, the source first of all, follow.
// There is no moment in which a read could see the old content after the new.
void volume_core::replace_content(leg& which) noexcept
{
    CIMREP_ASSERT(which.role == leg_role::tracking && !which.fenced());
    for (const auto& each : legs_) {
        if (!each || each.get() == &which) continue;
        if (!CIMREP_MUTANT(maps_not_united)) each->map.differs_where(which.map);
        if (each->role != leg_role::current) continue;
        each->role = leg_role::syncing;
        events_due_.push_back({each.get(), {}, pending_event::kind::replaced});
    }
    CIMREP_MARK(content_replaced);
    if (points_ != nullptr) points_->content_replaced(errc::element_not_accessible);
    which.map.became_current();
    which.role = leg_role::current;
    which.failed_with = unserved_ = {};
    evidence_.drop_samples();
    replacing_ = true;
    ++generation_;
    ++content_;
    commit_membership();
}

// A leg that joins by this record is current in it, unless the content has become another one, or
// it has missed something, since its copy ended.
leg_role volume_core::recorded_role(const leg& which) const noexcept
{
    const bool equal = which.map.different().none() || CIMREP_MUTANT(join_of_another_content);
    const bool joins = std::any_of(
        events_committing_.begin(), events_committing_.end(), [&](const pending_event& event) {
            return event.which == &which && event.what == pending_event::kind::joined;
        });
    if (CIMREP_MUTANT(lost_leg_recorded_current)) return leg_role::current;
    return joins && equal && which.role == leg_role::syncing ? leg_role::current : which.role;
}

// One record at a time says who is in the set; nothing that depends on it is acknowledged before.
void volume_core::commit_membership() noexcept
{
    // Before it is known what each leg holds nobody has a role, and no record may say so.
    CIMREP_ASSERT(recognition_ == nullptr);
    if (member_committing_) {
        CIMREP_MARK(membership_changed_while_recorded);
        member_changed_again_ = true;
        maps_are_behind_ = true;
        return;
    }
    member_committing_ = true;
    events_->record_states_again();
    maps_are_behind_ = false;
    std::swap(events_committing_, events_due_);
    events_due_.clear();
    if (CIMREP_MUTANT(membership_before_the_maps)) return commit_members();
    // A role says what the map is worth: that is durable first.
    pages_.save_then(member_pages_);
}

void volume_core::commit_members() noexcept
{
    // In room that there is since the volume was opened: nothing may be in the way of this.
    member_record& record = members_;
    record.generation = generation_;
    record.roles.clear();
    for (const auto& each : legs_)
        record.roles.push_back(each ? recorded_role(*each) : leg_role::tracking);
    encode(record, member_record_);
    member_changes_.clear();
    member_changes_.push_back({{record_kind::leg_state, record_owner_, 0}, member_record_});
    evidence_.add_record(member_changes_);
    member_texts_.clear();
    events_->add_states(member_changes_, member_texts_);
    member_commit_.changes = member_changes_;
    store_->commit(member_commit_);
}

// Whoever is left out must be older than the others by what stands on them, not only by what stands
// in the repository, which may be lost.
void volume_core::members_are_durable(error_code error) noexcept
{
    const bool labels = evidence_.needed() && !CIMREP_MUTANT(legs_not_labelled);
    evidence_.recorded(!error);
    if (error || !labels) return membership_committed(error);
    evidence_.write_labels();
}

void volume_core::labels_are_durable(error_code error) noexcept
{
    membership_committed(error);
}

void volume_core::membership_committed(error_code error) noexcept
{
    // What depends on it waits meanwhile.
    if (ran_out(error) && unrecorded_count_++ < retries_max)
        return loop_->arm(members_again_, loop_->now() + retry_after);
    unrecorded_count_ = 0;
    member_committing_ = false;
    unrecorded_ = error;
    // Handlers may change the set again: they work on a list of their own.
    std::swap(events_happened_, events_committing_);
    events_committing_.clear();
    for (const pending_event& event : events_happened_) {
        leg& which = *event.which;
        switch (event.what) {
        case pending_event::kind::left:
            which.loss_untold = false;
            events_->leg_left(which, event.why);
            break;
        case pending_event::kind::replaced: events_->content_replaced(which); break;
        case pending_event::kind::joined:
            if (which.role != leg_role::syncing) break;
            // It was asked to follow anew meanwhile: the end of that copy joins it.
            if (copying(which)) {
                CIMREP_MARK(copied_anew_before_it_joined);
                member_changed_again_ = true;
                break;
            }
            if (error) {
                CIMREP_MARK(left_between_copy_and_join);
                leave(which);
                events_->copy_ended(which, error, false);
                break;
            }
            // A write that failed everywhere meanwhile, or a flush of the last one in the set, may
            // have left it with something else: the record that says it is current is wrong.
            if (!which.map.different().none() && !CIMREP_MUTANT(leg_joins_though_it_differs)) {
                CIMREP_MARK(written_between_copy_and_join);
                start_copy(which);
                member_changed_again_ |= !CIMREP_MUTANT(false_join_stays_on_record);
                break;
            }
            which.role = leg_role::current;
            which.failed_with = unserved_ = {};
            events_->leg_joined(which);
            break;
        }
    }
    // A host that is told of a write without a leg must find that leg's relationship Broken: the
    // states that follow are durable before the next record is. Whoever comes to be answered later
    // asks again.
    const bool again = std::exchange(member_changed_again_, false) || !events_due_.empty();
    untold_ = !events_->states_are_durable() && (again || !CIMREP_MUTANT(answer_before_broken));
    const error_code unwritten = events_->unrecorded_state();
    if (again || (untold_ && !unwritten && !parked_.empty())) return commit_membership();
    const error_code unanswerable = error ? error : unwritten;
    unrecorded_ = unanswerable;
    if (!error) erase_old_marks();
    auto waiting = std::move(parked_);
    unparking_ = true;
    const bool replaced = replacing_;
    if (!error) replacing_ = left_alone_ = false;
    // A repository that cannot be written does not make a volume unreadable.
    choosing_ = false;
    while (host_request* r = waiting.pop()) {
        const error_code owed = !r->host->reads() ? unanswerable : replaced ? error : error_code{};
        answer(*r, owed ? owed : r->error);
    }
    unparking_ = false;
    events_->set_recorded(error);
    if (replaced) pump_copies();
    replace_pinned();
}

void volume_core::start_copy(leg& which, bool judged) noexcept
{
    CIMREP_ASSERT(!which.fenced() && !copying(which));
    // It may have left after a copy whose end is not on record yet: this one has not ended.
    const auto joins = [&](const pending_event& event) {
        return event.which == &which && event.what == pending_event::kind::joined;
    };
    std::erase_if(events_due_, joins);
    const bool joined_on_record = std::erase_if(events_committing_, joins) != 0;
    which.role = leg_role::syncing;
    which.failed_with = {};
    if (joined_on_record) commit_membership();
    log(log_level::info, log_event::copy_started, &which, {},
        {{"bytes", which.map.different().marked_bytes()}});
    try {
        copies_[which.index] = std::make_unique<leg_copy>(*this, which);
    } catch (const std::bad_alloc&) {
        // Told like the end of a copy, which comes from the loop.
        return refuse_copy(which);
    }
    copies_[which.index]->start(judged);
}

void volume_core::refuse_copy(leg& which) noexcept
{
    uncopied_ |= 1u << which.index;
    if (!no_copy_.queued) loop_->defer(no_copy_);
}

void volume_core::tell_uncopied() noexcept
{
    const std::uint32_t all = std::exchange(uncopied_, 0u);
    for (std::size_t i = 0; i < legs_.size(); ++i) {
        if ((all >> i & 1) == 0 || !legs_[i]) continue;
        leg& which = *legs_[i];
        log(log_level::error, log_event::copy_stopped, &which, no_memory());
        const bool failed = which.role != leg_role::syncing;
        if (!failed) leave(which);
        events_->copy_ended(which, no_memory(), failed);
    }
}

void volume_core::stop_copy(leg& which) noexcept
{
    if (auto& copy = copies_[which.index]) copy->stop({});
}

bool volume_core::copying(const leg& which) const noexcept
{
    return copies_[which.index] != nullptr || (uncopied_ >> which.index & 1) != 0;
}

const leg_copy* volume_core::copy_of(const leg& which) const noexcept
{
    return copies_[which.index].get();
}

}  // namespace cimrep::inline v0
