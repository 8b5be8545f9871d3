// lib/runtime/volume_recognition.cpp -- which of the legs that answer are those that were left.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>

#include "../base/out_of_memory.hpp"
#include "absent_device.hpp"
#include "leg_examination.hpp"
#include "point_keeper.hpp"
#include "volume_core.hpp"
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace cimrep::inline v0 {

/// What is known of the legs while they are looked at, by slot.
struct volume_core::recognition {
    explicit recognition(std::size_t legs) : found(legs) {}

    void note(const leg& which, const examination_result& result) noexcept
    {
        found[which.index] = {result.verdict, result.places, result.unreadable, {}};
    }

    std::function<void()> over;
    std::size_t out = 1;  ///< examinations under way, and whoever starts them
    leg* reference = nullptr;
    std::vector<examination_result> found;  ///< without words: the legs have them
};

void volume_core::prepare_recognition()
{
    recognition_ = std::make_shared<recognition>(legs_.size());
}

// The lambdas are so small that no memory is needed for them.
void volume_core::recognize(std::function<void()> over) noexcept
{
    recognizing_ = true;
    if (CIMREP_MUTANT(recovery_erases_marks_first)) erase_old_marks();
    recognition_->over = std::move(over);
    for (const auto& each : legs_) {
        if (!each || each->failed_with) continue;
        ++recognition_->out;
        examine(*this, *each, nullptr, [this, which = each.get()](const auto& result) {
            recognition_->note(*which, result);
            if (--recognition_->out == 0) compare_unknown(*recognition_);
        });
    }
    if (--recognition_->out == 0) compare_unknown(*recognition_);
}

// A member of the set of which nothing is on record is compared with one that is known, or else
// with the first.
void volume_core::compare_unknown(recognition& all) noexcept
{
    leg*& reference = all.reference;
    const auto believed = [&](const leg& which) {
        const examination_result& result = all.found[which.index];
        return saved_roles_[which.index] == leg_role::current && !which.failed_with &&
               !result.unreadable && result.verdict == leg_verdict::recognized;
    };
    for (const bool known : {true, false})
        for (const auto& each : legs_)
            if (reference == nullptr && each && believed(*each) &&
                (!known || all.found[each->index].places != 0))
                reference = each.get();
    all.out = 1;
    for (const auto& each : legs_) {
        if (!each || each.get() == reference || reference == nullptr || each->failed_with) continue;
        const examination_result& first = all.found[each->index];
        if (first.places != 0 || first.unreadable || first.verdict != leg_verdict::recognized)
            continue;
        ++all.out;
        examine(*this, *each, reference, [this, which = each.get()](const auto& result) {
            compared(*recognition_, *which, result);
        });
    }
    if (--all.out == 0) recognized(all);
}

void volume_core::compared(recognition& all, leg& which, const examination_result& result) noexcept
{
    all.note(which, result);
    examination_result& other = all.found[all.reference->index];
    // Two members that differ, and nothing tells which of them is right.
    if (result.verdict != leg_verdict::recognized && other.places == 0 &&
        saved_roles_[which.index] == leg_role::current) {
        other.verdict = leg_verdict::not_recognized;
        remark(*all.reference,
               {"it differs from ", which.element_text, ", and nothing is on record of either"});
    }
    if (--all.out == 0) recognized(all);
}

// Where there is no memory for the words the leg has none.
void volume_core::remark(leg& which, std::initializer_list<std::string_view> words) noexcept
{
    which.remark.clear();
    try {
        for (const std::string_view each : words) which.remark += each;
    } catch (const std::bad_alloc&) {
        which.remark.clear();
    }
}

// Who is not what it was is neither believed nor overwritten: its identity says which disk it is,
// and not that what it holds now is worth nothing.
void volume_core::recognized(recognition& all) noexcept
{
    bool older = false, holder = false;
    for (const auto& each : legs_) {
        if (!each || each->failed_with) continue;
        const examination_result& result = all.found[each->index];
        older |= result.verdict == leg_verdict::repository_older;
        holder |= saved_roles_[each->index] == leg_role::current && !result.unreadable &&
                  result.verdict == leg_verdict::recognized;
    }
    for (const auto& each : legs_) {
        if (!each || each->failed_with) continue;
        const examination_result& result = all.found[each->index];
        const bool member = saved_roles_[each->index] == leg_role::current;
        if (result.unreadable) {
            turn_away(*each, result.unreadable);
        } else if (older) {
            if (each->remark.empty())
                remark(*each, {"another leg has seen a later state than the repository"});
            turn_away(*each, errc::leg_not_recognized);
        } else if (result.verdict != leg_verdict::recognized) {
            // What tells it from what it was goes with the first writes; where nobody serves it
            // stays, and the leg may come back as it was.
            const bool may_hold = member && !holder;
            if (!may_hold) disown(*each);
            if (each->index == 0 && CIMREP_MUTANT(strange_source_serves)) continue;
            turn_away(*each, errc::leg_not_recognized);
        }
    }
    repository_is_older_ = older;
    assign_roles();
    recognizing_ = false;
    const auto over = std::move(all.over);
    recognition_.reset();  // `all` is gone
    over();
    pump_waiting();
}

void volume_core::disbelieve(leg& which) noexcept
{
    if (CIMREP_MUTANT(strange_leg_keeps_its_map)) return;
    which.map.differs_everywhere();
    which.map.written({0, which.map.different().size_bytes()});
}

// What tells it from what it was goes with the first writes: that it is strange is on record.
void volume_core::disown(leg& which) noexcept
{
    disbelieve(which);
    evidence_.call_strange(which.index);
    if (!recognizing_) commit_membership();
}

void volume_core::turn_away(leg& which, error_code why) noexcept
{
    which.failed_with = why;
    if (which.role == leg_role::current) unserved_ = why;
    if (!which.quiet()) return;
    const geometry shape = which.device->shape();
    try {
        which.adopt(std::make_unique<absent_device>(*loop_, shape, why));
    } catch (const std::bad_alloc&) {  // it keeps its device, which nobody uses any more
    }
}

// While it is looked at nothing is read from it, although it alone may hold the content.
void volume_core::examine_returned(leg& which, examination_over over)
{
    const bool holder = which.role == leg_role::current;
    leg* reference = nullptr;
    for (const auto& each : legs_)
        if (!holder && reference == nullptr && each && each->role == leg_role::current &&
            !each->failed_with)
            reference = each.get();
    if (!holder) return examine(*this, which, reference, std::move(over));
    examination_over ended;
    try {
        ended = [this, over](const examination_result& result) {
            over(result);
            recognizing_ = false;
            commit_membership();
            pump_waiting();
        };
    } catch (const std::bad_alloc&) {
        examination_result unread;
        unread.unreadable = no_memory();
        return over(unread);
    }
    recognizing_ = true;
    examine(*this, which, reference, std::move(ended));
}

void volume_core::believe(leg& which) noexcept
{
    which.failed_with = {};
    if (which.role != leg_role::current) return;
    unserved_ = {};
    // Now that somebody serves, the others may be overwritten and are behind.
    for (const auto& each : legs_)
        if (each && each->failed_with == errc::leg_not_recognized) disown(*each);
}

void volume_core::accept_content(leg& which) noexcept
{
    repository_is_older_ = false;
    believe(which);
    which.remark.clear();
    for (const auto& each : legs_)
        if (each && (each.get() != &which || which.role != leg_role::current)) disbelieve(*each);
    if (points_ != nullptr) points_->content_replaced(errc::element_not_accessible);
    evidence_.drop_samples();
    replacing_ = true;
    ++generation_;
    ++content_;
    commit_membership();
}

}  // namespace cimrep::inline v0
