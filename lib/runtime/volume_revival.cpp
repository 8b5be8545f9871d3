// lib/runtime/volume_revival.cpp -- a volume after a crash: who holds its content, who follows.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>

#include "../base/mark.hpp"
#include "record_note.hpp"
#include "recovery.hpp"
#include "volume_core.hpp"
#include <algorithm>
#include <utility>

namespace cimrep::inline v0 {

namespace {

/// A target that broke while it was parted, and is there, is apart again. One that has what the
/// source lacked, and waits for its client, was not parted, whoever has restored the source since.
constexpr bool will_be_apart(const relationship_state& saved) noexcept
{
    const relationship_state opened = step(saved, event::leg_back).state;
    const bool waits = opened.copy_state == copy_state::suspended;
    if (waits && has(opened.facts, fact::source_behind)) return false;
    return is_apart(opened.kind, opened.copy_state);
}

}  // namespace

// Whoever was in the set has every acknowledged write; where writes were in flight each leg may
// have others of them. One is the truth, the source if it can be, and the others follow it there.
void volume_core::revive(const saved_volume& saved)
{
    generation_ = saved.members.generation + 1;
    evidence_.revive(saved);
    evictions_saved_ = no_evictions;
    marks_are_old_ = true;
    for (const saved_volume::page& page : saved.pages)
        if (page.slot < legs_.size() && legs_[page.slot] && !CIMREP_MUTANT(maps_not_recovered))
            legs_[page.slot]->map.differs_as_saved(page.index, page.words);
    for (const auto& each : legs_)
        for (const std::uint64_t index : saved.hot) {
            if (!each) continue;
            if (CIMREP_MUTANT(half_the_marks_recovered) && index % 2 == 0) continue;
            CIMREP_MARK(revived_with_hot_extents);
            const std::uint64_t begin =
                std::min(shape_.size_bytes, index * hot_extents::extent_bytes);
            each->map.differs(
                {begin, std::min(hot_extents::extent_bytes, shape_.size_bytes - begin)});
        }
    for (const auto& each : legs_) {
        saved_roles_.push_back(each ? saved.role(each->index) : leg_role::tracking);
        if (each) each->role = leg_role::tracking;
    }
    // A state may be on record before the set that follows from it: who is apart gets no writes,
    // unless nobody else has the content.
    bool others = saved.role(0) == leg_role::current;
    for (const auto& [slot, pair] : saved.pairs)
        others |= saved.role(slot) == leg_role::current && !will_be_apart(pair.state);
    for (const auto& [slot, pair] : saved.pairs)
        if (others && will_be_apart(pair.state) && !CIMREP_MUTANT(parted_leg_keeps_its_role))
            saved_roles_[slot] = leg_role::tracking;
    prepare_recognition();
}

// The source if it can be, since a target is what was found to differ from it; else the target of
// which the least was found to. Marks of writes in flight all of them have alike.
leg* volume_core::choose_truth() const noexcept
{
    const auto differs = [](const leg& which) { return which.map.different().marked_regions(); };
    for (const bool absent : {false, true}) {
        leg* truth = nullptr;
        for (const auto& each : legs_) {
            const bool was_current = each && (saved_roles_[each->index] == leg_role::current ||
                                              CIMREP_MUTANT(stale_leg_becomes_the_truth));
            if (!was_current || static_cast<bool>(each->failed_with) != absent) continue;
            if (truth == nullptr || (truth->index != 0 && differs(*each) < differs(*truth)))
                truth = each.get();
        }
        if (truth != nullptr) return truth;
    }
    return nullptr;
}

// Nobody is in the set before it is known what each leg holds.
void volume_core::assign_roles() noexcept
{
    leg* truth = choose_truth();
    // The association of the one that was is gone, and a crash came before what the others had in
    // common with it was joined to their maps.
    const bool gone = truth == nullptr;
    if (gone) truth = &source();
    // A target in the set may have been found to differ: where it is the one that is left, all
    // others lack what it holds.
    if (gone || (truth != &source() && !CIMREP_MUTANT(found_difference_of_the_truth)))
        for (const auto& each : legs_)
            if (each && each.get() != truth) each->map.differs_where(truth->map);
    for (const auto& each : legs_) {
        if (!each) continue;
        const bool equal = saved_roles_[each->index] == leg_role::current && !each->failed_with &&
                           each->map.different().none();
        each->role = equal || each.get() == truth || CIMREP_MUTANT(recovery_trusts_every_leg)
                         ? leg_role::current
                         : leg_role::tracking;
    }
    if (truth != &source()) {
        CIMREP_MARK(revived_from_a_target);
        left_alone_ = true;
    }
    // Another one that was in the set may have other writes of those in flight, and be the truth of
    // the next opening, until this choice is on record: what is read before could be undone.
    const auto in_set = std::ranges::count(saved_roles_, leg_role::current);
    choosing_ = in_set > 1 && !truth->map.different().none() &&
                !CIMREP_MUTANT(read_before_the_truth_is_recorded);
    evidence_.drop_samples(truth->map);
    truth->map.became_current();
    unserved_ = truth->failed_with;
    log(log_level::info, log_event::volume_opened, truth, truth->failed_with,
        {{"different_bytes", truth->map.unflushed().marked_bytes()}});
}

// The maps, then the roles: the marks that they come from are erased after that.
void volume_core::begin_again() noexcept
{
    commit_membership();
}

void volume_core::erase_old_marks() noexcept
{
    if (!std::exchange(marks_are_old_, false)) return;
    try {
        // One that is in use again has been written again, or is about to be.
        std::vector<bool> unused(settings_.hot_extents_max);
        hot_.for_each_free_mark([&](std::uint32_t slot) { unused[slot] = true; });
        erase_marks([&](std::uint64_t slot) {
            return slot >= unused.size() || unused[slot] || CIMREP_MUTANT(marks_in_use_erased);
        });
    } catch (const std::bad_alloc&) {
        marks_are_old_ = true;  // until the next record of the set
    }
}

void volume_core::erase_marks(const std::function<bool(std::uint64_t)>& which)
{
    std::vector<record_key> keys;
    store_->for_each(record_kind::hot_extents, record_owner_,
                     [&](const record_key& key, std::span<const std::byte>) {
                         if (which(key.index)) keys.push_back(key);
                     });
    erase_records(*store_, std::move(keys), notes_out_);
}

// Those that stay say that more differs than does.
void volume_core::erase_all_marks() noexcept
{
    try {
        erase_marks([](std::uint64_t) { return true; });
    } catch (const std::bad_alloc&) {
    }
}

// After the last flush: all legs in sync are equal, the others differ where their maps say.
void volume_core::close_records() noexcept
{
    if (CIMREP_MUTANT(closed_without_the_maps)) return erase_all_marks();
    closing_records_ = true;
    evidence_.take_samples([this](error_code error) {
        closed_unseen_ = error;
        pages_.save_then(close_pages_);
    });
}

// A copy that a crash interrupts goes on from its last flush.
void volume_core::save_progress() noexcept
{
    if (!std::exchange(saving_progress_, true)) pages_.save_then(progress_pages_);
}

volume_record volume_core::record() const
{
    volume_record made{shape_.size_bytes, settings_.region_bytes, {}};
    for (const auto& each : legs_)
        if (each)
            made.legs.push_back(
                {each->index, each->element_text, each->identity, each->block_bytes});
    return made;
}

}  // namespace cimrep::inline v0
