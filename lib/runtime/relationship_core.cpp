// lib/runtime/relationship_core.cpp -- carries out what the table commands, durably, step by step.
// SPDX-License-Identifier: BSL-1.0
#include "relationship_core.hpp"

#include <cimrep/base/mutant.hpp>

#include "../base/mark.hpp"
#include "../base/out_of_memory.hpp"
#include "state_records.hpp"
#include <string_view>
#include <utility>

namespace cimrep::inline v0 {

namespace {

constexpr std::size_t front_depth = 64;

constexpr effect without(effect all, effect some) noexcept
{
    return static_cast<effect>(static_cast<std::uint32_t>(all) & ~static_cast<std::uint32_t>(some));
}

failure not_durable(error_code why) noexcept
{
    return in_words(why, [&] {
        return cimrep::fail(why, "the new state could not be made durable",
                            ran_out(why) ? "free some memory, then try again"
                                         : "repair the repository, then try again");
    });
}

}  // namespace

relationship_core::relationship_core(relationship_host& host, volume_core& volume, leg& target,
                                     object_path path, replication_kind kind,
                                     replication_setting_data settings, repository& store)
    : host_(&host),
      volume_(&volume),
      target_(&target),
      front_(std::make_unique<target_front>(volume.loop(), volume.shape(), front_depth,
                                            volume.pages_)),
      store_(&store)
{
    state_.kind = kind;
    state_.copy_state = no_association;
    if (settings.copy_recovery_mode == desired_copy_recovery_mode::manual &&
        !CIMREP_MUTANT(recovers_without_its_operator))
        state_.facts = state_.facts | fact::manual_recovery;
    shown_ = state_;
    instance_.path = std::move(path);
    instance_.system_element = volume.element_;
    instance_.synced_element = target.element;
    instance_.settings = std::move(settings);
    front_->context = this;
    front_->quiet = [](void* context) noexcept {
        auto& core = *static_cast<relationship_core*>(context);
        if (std::exchange(core.waiting_for_front_, false)) core.carry_out();
    };
    front_->written = [](void* context) noexcept {
        static_cast<relationship_core*>(context)->apply(event::target_written);
    };
    front_->failed = [](void* context, error_code error) noexcept {
        auto& core = *static_cast<relationship_core*>(context);
        core.volume_->fail(*core.target_, error);
    };
    record_.self = this;
    record_.all[0].key = {record_kind::relationship_state, volume.record_owner_, target.index};
    record_.all[1].key = {record_kind::volume_state, volume.record_owner_, 0};
    record_.all[2].key = {record_kind::leg_evidence, volume.record_owner_, 0};
    evidence_.reserve(evidence_bytes(volume.settings_.legs_max));
    record_.done = [](commit_op& op, error_code error) noexcept {
        static_cast<state_record&>(op).self->committed(error);
    };
    unwritten_.self = record_again_.self = this;
    record_pages_.self = found_pages_.self = this;
    record_again_.fired = [](timer& which) noexcept {
        relationship_core& core = *static_cast<record_timer&>(which).self;
        core.commit_running_ = false;
        core.commit();
    };
    unwritten_.run = [](loop_task& task) noexcept {
        static_cast<unwritten_record&>(task).self->committed(no_memory());
    };
    record_pages_.saved = [](page_saver::waiter& which, error_code error) noexcept {
        relationship_core& core = *static_cast<page_wait&>(which).self;
        error ? core.committed(error) : core.commit_state();
    };
    found_pages_.saved = [](page_saver::waiter& which, error_code error) noexcept {
        static_cast<page_wait&>(which).self->found_on_record(error);
    };
}

relationship_core::~relationship_core()
{
    CIMREP_ASSERT(op_ == nullptr && !commit_running_ && !cutting_);
}

void relationship_core::create(cimrep::request what, control_op& op)
{
    const step_result next = step(state_, what);
    CIMREP_ASSERT(next.verdict == verdict::accepted);
    op_ = &op;
    op.error.reset();
    state_ = next.state;
    // What differs is known from the elements: the whole only where nothing better is.
    to_do_ = effect::none;
    to_launch_ = has(next.does, effect::start_copy) ? effect::start_copy : effect::none;
    instance_.when_established = volume_->loop().wall_now();
    settle_request();
}

void relationship_core::revive(const relationship_record& saved)
{
    state_ = shown_ = saved.state;
    if (saved.undone) replacement_.overtake_the_record();
    instance_.settings = saved.settings;
    instance_.when_established = saved.when_established;
    instance_.when_activated = saved.when_activated;
    instance_.when_synchronized = saved.when_synchronized;
    instance_.when_suspended = saved.when_suspended;
    instance_.when_deactivated = saved.when_deactivated;
    published_ = true;
}

void relationship_core::begin_again()
{
    forget_a_restore_that_never_was();
    learn_of_a_lost_source();
    const leg& source = volume_->source();
    const bool in_sync = target_->role == leg_role::current && source.role == leg_role::current;
    const bool broken = state_.copy_state == copy_state::broken;
    if (target_->failed_with || source.failed_with)
        apply(target_->failed_with ? event::leg_lost : event::source_lost,
              target_->failed_with ? target_->failed_with : source.failed_with);
    else if ((broken || state_.copy_state != copy_state::synchronized || !in_sync) &&
             !CIMREP_MUTANT(interrupted_copy_forgotten))
        apply(broken ? event::leg_back : event::restart);
    // Whoever opens again finds the same marks and the same elements: this need not be durable to
    // be true, and Synchronized is true no longer.
    if (shown_.copy_state == copy_state::synchronized) shown_ = state_;
    if (!commit_running_ && shown_.copy_state != state_.copy_state) {
        const relationship_info previous = info_if_possible();
        shown_ = state_;
        host_->announce(*this, relationship_event::modified, previous);
    }
    if (replacement_.overtaken() && !commit_running_) commit();
    update_access();
}

void relationship_core::create_identical(identity_check check, control_op& op)
{
    identity_check_.differences.reserve(verify_op::differences_max);
    verification_ = std::make_unique<verification>(*volume_, *target_, identity_check_,
                                                   verification::chosen_by(check, *volume_));
    op_ = &op;
    op.error.reset();
    identifying_ = true;
    content_checked_ = volume_->content_;
    verification_->start([this] { identity_checked(); });
}

void relationship_core::identity_checked() noexcept
{
    verification_.reset();
    if (identity_check_.error) return refuse_creation(*std::move(identity_check_.error));
    if (identity_check_.different_bytes != 0)
        return refuse_creation(in_words(errc::not_identical, [&] {
            const byte_extent first = identity_check_.differences.front();
            return cimrep::fail(errc::not_identical,
                                target_->element_text + " differs from " + volume_->element_text_ +
                                    " at byte " + std::to_string(first.offset_bytes) + " and in " +
                                    std::to_string(identity_check_.different_bytes) +
                                    " bytes of what was compared",
                                "create the mirror with a copy");
        }));
    if (content_checked_ != volume_->content_)
        return refuse_creation(in_words(errc::leg_failed, [&] {
            return cimrep::fail(errc::leg_failed,
                                "a leg of " + volume_->element_text_ +
                                    " failed while it was compared with " + target_->element_text,
                                "see the state of its relationships, then try again or create the "
                                "mirror with a copy");
        }));
    // What the host wrote during the check follows; then the leg joins.
    volume_->start_copy(*target_, true);
}

void relationship_core::refuse_creation(failure why) noexcept
{
    identifying_ = false;
    gone_ = true;
    control_op& op = *std::exchange(op_, nullptr);
    op.error = std::move(why);
    drop();
    op.done(op);
}

void relationship_core::carry_out() noexcept
{
    while (to_do_ != effect::none)
        if (!carry_out_one()) return;
    if (to_launch_ != effect::none && front_->in_flight() != 0) {
        CIMREP_MARK(request_waits_for_target_host);
        waiting_for_front_ = true;
        return;
    }
    if (const char* why = not_now()) {
        volume_->record_content();
        return give_up_request(in_words(errc::element_in_use, [&] {
            return cimrep::fail(errc::element_in_use, why, "try again when that has ended");
        }));
    }
    if (replaces_content() && !holding_) return separate(true);
    settle_request();
}

// What would have no leg current, or two contents of which neither is on record.
const char* relationship_core::not_now() const noexcept
{
    const bool drops = has(to_launch_, effect::drop_association);
    const bool last = target_->role == leg_role::current && volume_->current_count() == 1;
    if (drops && last && volume_->source().role == leg_role::syncing)
        return "the source is being copied to from the last leg of the volume";
    if (!drops && replacement_.begun() && replaces_content())
        return "what an earlier request has made the volume's content is not on record yet";
    return nullptr;
}

// A write that is in flight would end on a leg that is not the volume any more.
bool relationship_core::replaces_content() const noexcept
{
    const leg_role source = volume_->source().role;
    if (has(to_launch_, effect::restore_source))
        return takes_over_ && target_->role == leg_role::tracking;
    if (has(to_launch_, effect::start_copy))
        return discards_target_ && source == leg_role::tracking;
    return has(to_launch_, effect::drop_association) && target_->role == leg_role::current &&
           volume_->current_count() == 1;
}

// Does the first thing that is left to do. False: it takes time, and calls carry_out() at its end.
bool relationship_core::carry_out_one() noexcept
{
    if (has(to_do_, effect::stop_copy)) {
        to_do_ = without(to_do_, effect::stop_copy);
        leg& copied_to = volume_->copying(*target_) ? *target_ : volume_->source();
        const bool ours = &copied_to == target_ || restoring();
        if (!ours || !volume_->copying(copied_to)) return true;
        waiting_for_copy_ = true;
        volume_->stop_copy(copied_to);
        return false;
    }
    if (has(to_do_, separating)) {
        const bool hold = has(to_do_, effect::hold_and_drain);
        to_do_ = without(to_do_, separating);
        // A target that alone holds the volume's content goes on serving it.
        const bool alone = target_->role == leg_role::current && volume_->current_count() == 1;
        // One that is apart already may still have writes of the volume on their way.
        const bool apart =
            target_->role == leg_role::tracking && (target_->failed_with || target_->quiet());
        if ((alone || apart) && ended_by_a_failure()) return false;
        if (alone || apart) return true;
        separate(hold);
        return false;
    }
    if (has(to_do_, effect::mark_all_different)) target_->map.differs_everywhere();
    to_do_ = effect::none;
    return true;
}

void relationship_core::separate(bool hold) noexcept
{
    cutting_ = true;
    cut_.hold_writes = hold;
    cut_.only_drains = to_do_ == effect::none && replaces_content();
    promise_source(cut_.only_drains && has(to_launch_, effect::drop_association));
    cut_.context = this;
    cut_.done = [](separation& done, error_code error) noexcept {
        static_cast<relationship_core*>(done.context)->cut_done(error);
    };
    volume_->separate(cut_, *target_);
}

void relationship_core::cut_done(error_code error) noexcept
{
    cutting_ = false;
    const bool drained = cut_.only_drains && !error;
    if (op_ == nullptr || state_.pending == cimrep::request::none) {
        promise_source(false);
        if (drained) volume_->release();
        return;
    }
    holding_ |= drained;
    if (!error) return carry_out();
    CIMREP_MARK(cut_failed);
    const std::string_view name = find_property(state_.pending)->name;
    // Held writes that could not be drained in time: nothing has happened. A leg that failed has
    // reported itself, or does so now; where that changes nothing, the request goes on without it.
    if (!cut_.only_drains && target_->role == leg_role::tracking) {
        if (!try_to_apply(event::leg_lost, error)) carry_out();
        return;
    }
    give_up_request(in_words(error, [&] {
        return cimrep::fail(error, std::string(name) + " of " + target_->element_text,
                            "the host's writes did not end in time: try again");
    }));
}

// The copy that the state speaks of, which a request that came to nothing may have stopped.
effect relationship_core::copy_of_state() const noexcept
{
    if (state_.copy_state != copy_state::unsynchronized) return effect::none;
    return restoring() ? effect::restore_source : effect::start_copy;
}

void relationship_core::settle_request() noexcept
{
    before_settling_ = state_;
    std::optional<unreplaced_record> without;
    if (replaces_content() && !has(to_launch_, effect::drop_association))
        without = {cimrep::fail(state_), takes_over_ ? target_->index : volume_->source().index};
    replacement_.settle(without);
    state_ = settle(state_);
    stamp(before_settling_);
    commit();
}

bool relationship_core::try_to_apply(event what, error_code why) noexcept
{
    if (gone_ || identifying_) return false;
    const relationship_state before = state_;
    step_result next = step(state_, parted_before(what) ? event::leg_lost : what);
    if (next.verdict != verdict::accepted) return false;
    const bool ended = before.pending != cimrep::request::none;
    // What it would have made the content keeps what it holds, and its name.
    const bool unbegun = replacement_.settled() &&
                         next.state.copy_state != copy_state::synchronized &&
                         !CIMREP_MUTANT(unbegun_replacement_stands);
    if (unbegun) next = step(cimrep::fail(before_settling_), what);
    if (ended || unbegun || parted_in_vain(next.state)) {
        // Whoever hears that a target was parted finds it parted.
        const cimrep::request what_ended = ended ? before.pending : before_settling_.pending;
        // A relationship that is created in another state than was hoped for is created.
        const error_code code = why ? why : make_error_code(errc::leg_failed);
        if (published_)
            abandoned_ = in_words(code, [&] {
                return cimrep::fail(code,
                                    std::string(find_property(what_ended)->name) +
                                        " was ended by the event '" + std::string(to_name(what)) +
                                        "'",
                                    "see the state of the relationship");
            });
        CIMREP_MARK(request_ended_by_an_event);
        to_do_ = effect::none;
        waiting_for_copy_ = waiting_for_front_ = false;
    }
    state_ = next.state;
    constexpr effect later = effect::start_copy | effect::restore_source;
    replace_nothing();
    to_launch_ = without(next.does, without(static_cast<effect>(~0u), later));
    stamp(before);
    commit();
    if (ended && cutting_ && !CIMREP_MUTANT(cut_outlives_its_request)) volume_->call_off(cut_);
    return true;
}

void relationship_core::commit() noexcept
{
    settling_ = true;
    if (commit_running_) {
        commit_again_ = true;
        return;
    }
    commit_running_ = true;
    if (CIMREP_MUTANT(state_before_the_maps)) return commit_state();
    // What a state says of the data rests on the maps.
    volume_->pages_.save_then(record_pages_);
}

std::string relationship_core::encode_state(
    const relationship_state& now, const std::optional<unreplaced_record>& unreplaced) const
{
    const relationship_info& i = instance_;
    return encode(relationship_record{now, unreplaced, false, i.settings, i.when_established,
                                      i.when_activated, i.when_synchronized, i.when_suspended,
                                      i.when_deactivated});
}

void relationship_core::commit_state() noexcept
{
    replacement_.untold();
    record_.all[0].erase = state_.copy_state == no_association && !CIMREP_MUTANT(detached_stays);
    try {
        record_text_ = encode_state(state_, replacement_.unreplaced());
        volume_text_ = encode(volume_->record());
    } catch (const std::bad_alloc&) {
        // Later, as it would be with a repository that refuses it.
        return volume_->loop().defer(unwritten_);
    }
    const bool is_new = !published_ && volume_->evidence_.needed();
    if (is_new) volume_->evidence_.encode_without_set(evidence_);
    record_.all[2].value = evidence_;
    record_.changes = {record_.all.data(), is_new ? 3u : 2u};
    if (CIMREP_MUTANT(relationship_before_its_volume)) record_.changes = {record_.all.data(), 1};
    record_.all[0].value = std::as_bytes(std::span(record_text_));
    record_.all[1].value = std::as_bytes(std::span(volume_text_));
    if (CIMREP_MUTANT(state_not_recorded) && published_) return committed({});
    store_->commit(record_);
}

// From here on the state is true for clients; what it means for the data follows.
void relationship_core::committed(error_code error) noexcept
{
    commit_running_ = false;
    if (std::exchange(commit_again_, false)) return commit();
    settling_ = false;
    // No request depends on this record: it may as well be written when there is memory again.
    const bool event_only = op_ == nullptr || abandoned_;
    if (ran_out(error) && event_only && unwritten_count_++ < retries_max) return record_later();
    unwritten_count_ = 0;
    if (error && op_ != nullptr && !abandoned_ && !waits_for_content_ && !replacement_.moot() &&
        state_.pending == cimrep::request::none)
        return take_back(error);
    unrecorded_ = error;
    if (!error) replacement_.state_recorded();
    // The event of it waits for a record of the set: what it changes is told instead.
    if (!error && parted_target_failed()) return;
    if (replacement_is_moot()) return commit();
    const relationship_info previous = info_if_possible();
    const relationship_state before = std::exchange(shown_, state_);
    update_access();
    if (observer* watcher = host_->watcher(); watcher != nullptr && self != nullptr)
        watcher->state_changed(
            *self, {before.copy_state, shown_.copy_state, before.progress, shown_.progress});
    gone_ = published_ && state_.copy_state == no_association;
    const auto what = gone_         ? relationship_event::deleted
                      : !published_ ? relationship_event::created
                                    : relationship_event::modified;
    published_ = true;
    host_->announce(*this, what, previous);
    launch();
    // A copy to the source may have waited for one that is not held.
    if (what == relationship_event::created) volume_->pump_copies();
    std::optional<failure> failed = std::exchange(abandoned_, std::nullopt);
    if (!failed) failed = std::exchange(unanswered_, std::nullopt);
    if (error && !failed) failed = not_durable(error);
    if (state_.pending != cimrep::request::none) return;
    // What has become the volume's content must not be undone by a crash once this is answered.
    waits_for_content_ = op_ != nullptr && volume_->replacing() && !gone_;
    if (waits_for_content_)
        unanswered_ = std::move(failed);
    else
        finish_request(std::move(failed));
}

void relationship_core::record_later() noexcept
{
    commit_running_ = settling_ = true;
    volume_->loop().arm(record_again_, volume_->loop().now() + retry_after);
}

// The state that a request has led to is not durable, so it is not the state.
void relationship_core::take_back(error_code why) noexcept
{
    CIMREP_MARK(state_taken_back);
    failure reason = not_durable(why);
    promise_source(false);
    if (std::exchange(holding_, false)) volume_->release();
    to_launch_ = effect::none;
    replace_nothing();
    if (!published_) return refuse_creation(std::move(reason));
    // A copy may have ended meanwhile: the target has what the source lacks.
    const fact learnt = state_.facts & (fact::source_behind | fact::target_whole);
    state_ = cimrep::fail(before_settling_);
    if (target_->role == leg_role::current && volume_->source().role != leg_role::current)
        state_.facts = state_.facts | learnt;
    abandoned_ = std::move(reason);
    // What the request had done to the legs already is true all the same.
    if (state_.copy_state == copy_state::synchronized && target_->role == leg_role::tracking)
        return apply(event::leg_lost, why);
    to_launch_ = copy_of_state();
    // Of what an event has made of it meanwhile only the first record may be durable.
    commit();
}

void relationship_core::finish_request(std::optional<failure> error) noexcept
{
    control_op* op = std::exchange(op_, nullptr);
    if (op == nullptr) return;
    op->error = std::move(error);
    op->done(*op);
}

}  // namespace cimrep::inline v0
