// lib/runtime/relationship_request.cpp -- what clients ask of a relationship, and the refusals.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>
#include <cimrep/cim/format.hpp>
#include <cimrep/state/refusal.hpp>

#include <fmt/format.h>

#include "relationship_core.hpp"
#include <memory>

namespace cimrep::inline v0 {

namespace {

// Effects that a mirror on one shard can carry out. The others are legal, and not built.
constexpr effect built = effect::stop_copy | effect::hold_and_drain | effect::drain_target |
                         effect::flush_target | effect::start_tracking | effect::track_target |
                         effect::mark_all_different | effect::discard_target_changes |
                         effect::start_copy | effect::restore_source | effect::create_aspect |
                         effect::drop_association;

constexpr bool is_built(effect does) noexcept
{
    return (static_cast<std::uint32_t>(does) & ~static_cast<std::uint32_t>(built)) == 0;
}

bool is_built_for(const relationship_state& state, request what)
{
    const request_row* row = find_request(state.kind, state.copy_state, what, state.facts);
    return row != nullptr && is_built(row->does);
}

}  // namespace

// Everything that could fail before the first effect is tried here, so that a refusal changes
// nothing.
outcome<> relationship_core::check_ready(cimrep::request what, effect does)
{
    const std::string name(find_property(what)->name);
    to_look_at_.clear();
    if (!is_built(does))
        return cimrep::fail(errc::not_supported,
                            fmt::format("{} of a {} mirror in CopyState {} is legal but not built",
                                        name, state_.kind.mode, state_.copy_state),
                            "see docs/conformance.md for what is");
    if (target_->fenced() &&
        has(does, effect::start_copy | effect::restore_source | effect::drop_association))
        return cimrep::fail(
            errc::element_in_use,
            fmt::format("target {} has {} requests outstanding from before it failed",
                        target_->element_text, target_->stuck),
            "wait until they have returned");
    if (has(does, effect::drop_association) && target_->role == leg_role::tracking &&
        !target_->quiet())
        return cimrep::fail(errc::element_in_use,
                            fmt::format("target {} has {} requests in flight",
                                        target_->element_text, target_->outstanding()),
                            "wait until they have returned");
    const bool takes_source = has(does, effect::drop_association) &&
                              target_->role == leg_role::current && volume_->current_count() == 1;
    if (!takes_source && !has(does, effect::start_copy | effect::restore_source)) return success();
    leg& source = volume_->source();
    // As in replaces_content(): what follows what another leg holds replaces nothing.
    const bool takes_over = what == cimrep::request::restore_from_replica &&
                            has(does, effect::restore_source) &&
                            target_->role == leg_role::tracking;
    const bool discards =
        restoring() && has(does, effect::start_copy) && source.role == leg_role::tracking;
    const bool replaces = takes_source || takes_over || discards;
    if (replaces && !CIMREP_MUTANT(points_of_replaced_content) && volume_->keeps_points())
        return cimrep::fail(
            errc::not_supported,
            fmt::format("{} would replace what {} holds; what its points in time need of that "
                        "would not be kept",
                        name, volume_->element_text_),
            "drop the points in time first");
    if (source.fenced())
        return cimrep::fail(
            errc::element_in_use,
            fmt::format("source {} has {} requests outstanding from before it failed",
                        source.element_text, source.stuck),
            "wait until they have returned");
    CIMREP_TRY(open_again(*target_));
    CIMREP_TRY(open_again(source));
    // Both are there: only now either may count as back.
    for (leg* each : {&source, target_})
        if (each->failed_with && each->role != leg_role::syncing) to_look_at_.push_back(each);
    return success();
}

outcome<> relationship_core::open_again(leg& which)
{
    // The one that holds the content may be away too, since a crash.
    if (!which.failed_with || which.role == leg_role::syncing) return success();
    return host_->open_again(*volume_, which);
}

// All that takes memory comes before anything has changed.
outcome<> relationship_core::request(operation what, bool force, control_op& op)
{
    const cimrep::request wanted = request_of(what);
    if (closing_ || gone_)
        return cimrep::fail(errc::closed, "relationship " + to_text(instance_.path),
                            "open the shard again");
    if (state_.pending == cimrep::request::none) left_alone();
    const step_result next = step(state_, wanted, {.force = force});
    if (next.verdict != verdict::accepted)
        return refusal(state_, wanted, next.verdict, &is_built_for);
    if (verification_ != nullptr || cutting_ || commit_running_ || looking_ || waits_for_content_)
        return cimrep::fail(errc::element_in_use, "an earlier operation is still being ended",
                            "wait until it has ended");
    if (volume_->recognizing())
        return cimrep::fail(errc::element_in_use,
                            "the legs of " + volume_->element_text_ + " are being looked at",
                            "wait for shard::await_recovery()");
    auto ready = check_ready(wanted, next.does);
    if (!ready && CIMREP_MUTANT(refused_request_is_shown)) shown_.requested = next.state.requested;
    CIMREP_TRY(std::move(ready));
    const bool was_behind = restoring();
    const relationship_info previous = info();
    state_ = next.state;
    shown_.progress = state_.progress;
    shown_.requested = state_.requested;
    shown_.pending = state_.pending;
    op_ = &op;
    forced_ = force;
    parts_ = has(next.does, separating);
    op.error.reset();
    takes_over_ = wanted == cimrep::request::restore_from_replica;
    discards_target_ = was_behind && has(next.does, effect::start_copy);
    constexpr effect later = effect::start_copy | effect::restore_source | effect::drop_association;
    const auto bits = static_cast<std::uint32_t>(next.does);
    to_do_ = static_cast<effect>(bits & ~static_cast<std::uint32_t>(later));
    to_launch_ = static_cast<effect>(bits & static_cast<std::uint32_t>(later));
    update_access();
    host_->announce(*this, relationship_event::modified, previous);
    look_at_legs();
    return success();
}

outcome<copy_plan> relationship_core::dry_run(operation what) const
{
    const request_row* row =
        find_request(state_.kind, state_.copy_state, request_of(what), state_.facts);
    if (row == nullptr) return refusal(state_, request_of(what), verdict::illegal, &is_built_for);
    copy_plan plan{instance_.system_element, instance_.synced_element, 0};
    const region_map& target = target_->map;
    const leg& source = *volume_->legs_[0];
    const bool source_is_behind = source.role != leg_role::current;
    plan.overwritten_bytes = source_is_behind ? source.map.different().marked_bytes()
                                              : target.different().marked_bytes();
    if (has(row->does, effect::restore_source)) std::swap(plan.from, plan.to);
    if (!has(row->does, effect::start_copy | effect::restore_source)) plan.overwritten_bytes = 0;
    if (has(row->does, effect::mark_all_different))
        plan.overwritten_bytes = volume_->shape().size_bytes;
    return plan;
}

outcome<> relationship_core::verify(verify_op& op)
{
    const std::uint64_t size = volume_->shape().size_bytes;
    if (op.range.empty()) op.range = {0, size};
    const std::uint64_t block = volume_->shape().logical_block_bytes;
    if (!within(op.range.offset_bytes, op.range.length_bytes, size) ||
        op.range.offset_bytes % block != 0 || op.range.length_bytes % block != 0)
        return cimrep::fail(errc::out_of_bounds,
                            fmt::format("range [{}, {}) of a volume of {} bytes in blocks of {}",
                                        op.range.offset_bytes, op.range.end_bytes(), size, block),
                            "give whole blocks within the volume");
    if (target_->role != leg_role::current || volume_->current_count() < 2)
        return cimrep::fail(errc::element_not_accessible,
                            fmt::format("the target in CopyState {} is not in sync and may differ",
                                        state_.copy_state),
                            "verify when it is Synchronized");
    if (verification_ != nullptr || op_ != nullptr)
        return cimrep::fail(errc::element_in_use, "another operation of this relationship runs",
                            "wait until it has ended");
    op.differences.reserve(verify_op::differences_max);
    verification_ =
        std::make_unique<verification>(*volume_, *target_, op, verification::all_of(op.range));
    op.error.reset();
    verify_ = &op;
    verification_->start([this] { verified(); });
    return success();
}

// Who was told of a difference need not find it again after a crash: this time, or when the record
// of an earlier one failed. It may be the source that differs by now, if the target was left alone.
void relationship_core::verified() noexcept
{
    const bool found = verify_->different_bytes != 0 || !target_->map.different().none();
    if (!found || CIMREP_MUTANT(found_difference_not_saved)) return found_on_record({});
    volume_->pages_.save_then(found_pages_);
}

void relationship_core::found_on_record(error_code error) noexcept
{
    verification_.reset();
    verify_op& done = *std::exchange(verify_, nullptr);
    if (error && !done.error)
        done.error = in_words(error, [this, error] {
            return cimrep::fail(
                error, "the record of what was found to differ on " + target_->element_text,
                "repair the repository, then verify again");
        });
    done.done(done);
}

}  // namespace cimrep::inline v0
