// lib/runtime/relationship_core.hpp -- a relationship from the inside: carries out the table.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/runtime/relationship.hpp>
#include <cimrep/state/relationship.hpp>

#include "replacement.hpp"
#include "target_front.hpp"
#include "verifier.hpp"
#include "volume_core.hpp"
#include <array>
#include <memory>
#include <string>
#include <vector>

namespace cimrep::inline v0 {

struct relationship_core;

/// What parts a target from its volume.
inline constexpr effect separating =
    effect::hold_and_drain | effect::drain_target | effect::flush_target | effect::start_tracking;

/// What a relationship wants of its shard.
class relationship_host {
public:
    virtual void announce(relationship_core& which, relationship_event event,
                          const relationship_info& previous) noexcept = 0;
    /// The association is gone; `which` is destroyed in there.
    virtual void dropped(relationship_core& which) noexcept = 0;
    /// Gives a leg that failed a new handle of its element; it stays failed.
    virtual outcome<> open_again(volume_core& of, leg& which) = 0;
    virtual observer* watcher() const noexcept = 0;

protected:
    ~relationship_host() = default;
};

/// Carries out what the table commands for one mirror.
///
/// A request goes: step; the effects that come before the new state; settle and commit; then it is
/// visible; then the copy that the new state means. An event takes effect at once and is committed.
///
/// Invariant:  state_ is durable or being committed; shown_ is what clients see, always durable
///             or, just opened, what follows from what is.
struct relationship_core {
    relationship_core(relationship_host& host, volume_core& volume, leg& target, object_path path,
                      replication_kind kind, replication_setting_data settings, repository& store);
    ~relationship_core();

    // Requests (relationship.cpp).
    outcome<> request(operation what, bool force, control_op& op);
    outcome<copy_plan> dry_run(operation what) const;
    outcome<> verify(verify_op& op);
    relationship_info info() const;

    // Creation: ends in `op`, then in the table's state for `what`.
    void create(cimrep::request what, control_op& op);
    void create_identical(identity_check check, control_op& op);

    /// As it was when the last process ended; begin_again() follows.
    void revive(const relationship_record& saved);
    /// Until it is known what the legs hold: what was in sync may be so no longer.
    void await_recognition();
    /// What was interrupted goes on; what is absent is told.
    void begin_again();

    // Facts from the volume.
    void leg_left(leg& which, error_code why);
    void leg_joined(leg& which);
    void copy_ended(leg& which, error_code why, bool had_failed);
    void content_replaced();
    void leg_returned();
    /// Opens the element of a leg that failed; it stays failed until it has been looked at.
    outcome<> open_again(leg& which);
    void add_owed_state(std::vector<record_change>& to, std::vector<std::string>& texts) noexcept;
    void set_recorded(error_code error) noexcept;

    /// Removes the target once nothing is in flight there, and with it the relationship.
    void bury() noexcept;

    /// True while a record of its state is on its way.
    bool committing() const noexcept { return commit_running_; }
    /// Why the state that is shown is not on record.
    error_code unrecorded() const noexcept { return unrecorded_; }
    /// Not beside a request, which records it with its own end.
    void record_again() noexcept
    {
        const bool settled = state_.pending == request::none && op_ == nullptr;
        if (unrecorded_ && !commit_running_ && settled && !gone_) commit();
    }
    bool idle() const noexcept;
    /// No request is accepted any more; copies stop. idle() follows.
    void begin_closing();

    relationship_host* host_;
    volume_core* volume_;
    leg* target_;
    relationship_state state_;
    relationship_state shown_;
    relationship* self = nullptr;
    std::unique_ptr<target_front> front_;
    relationship_info instance_;
    bool published_ = false;
    bool gone_ = false;

private:
    void carry_out() noexcept;
    bool carry_out_one() noexcept;
    bool ended_by_a_failure() noexcept;
    bool parted_in_vain(const relationship_state& now) const noexcept;
    bool parted_before(event what) const noexcept;
    bool parted_target_failed() noexcept;
    void separate(bool hold) noexcept;
    const char* not_now() const noexcept;
    bool replaces_content() const noexcept;
    /// Only what a client asked for may, and once: what follows from an event never does. True if
    /// something was settled.
    bool replace_nothing() noexcept;
    bool replacement_is_moot() noexcept;
    bool fits_into(const std::vector<record_change>& to, std::size_t bytes) const noexcept;
    void in_sync() noexcept;
    void whole_without_the_source(error_code why) noexcept;
    void lose_the_source(error_code why) noexcept;
    /// True if that has ended a request.
    bool left_alone() noexcept;
    void settle_request() noexcept;
    void take_back(error_code why) noexcept;
    effect copy_of_state() const noexcept;
    void commit() noexcept;
    void commit_state() noexcept;
    std::string encode_state(const relationship_state& now,
                             const std::optional<unreplaced_record>& unreplaced) const;
    void committed(error_code error) noexcept;
    void record_later() noexcept;
    /// Its path is empty where there is no memory for it.
    relationship_info info_if_possible() const noexcept;
    void launch() noexcept;
    void finish_request(std::optional<failure> error) noexcept;
    /// False: the table has no row for it, and nothing has changed.
    bool try_to_apply(event what, error_code why) noexcept;
    void apply(event what, error_code why = {}) noexcept { (void)try_to_apply(what, why); }
    void stamp(const relationship_state& before) noexcept;
    void update_access() noexcept;
    void close_before_launch() noexcept;
    void replace_content(leg& which) noexcept;
    void launch_copy(bool discards_target) noexcept;
    void launch_restore(bool takes_over) noexcept;
    bool copies_already(const leg& which) noexcept;
    void start_copy_to_source() noexcept;
    void promise_source(bool promised) noexcept;
    void forget_a_restore_that_never_was() noexcept;
    void learn_of_a_lost_source() noexcept;
    void drop() noexcept;
    outcome<> check_ready(cimrep::request what, effect does);
    void look_at_legs() noexcept;
    void looked_at(leg& which, const examination_result& found) noexcept;
    bool provides_content(const leg& which) const noexcept;
    void give_up_request(failure why) noexcept;
    void cut_done(error_code error) noexcept;
    void identity_checked() noexcept;
    void verified() noexcept;
    void found_on_record(error_code error) noexcept;
    void refuse_creation(failure why) noexcept;
    failure check_failed(error_code why) const noexcept;
    bool restoring() const noexcept { return has(state_.facts, fact::source_behind); }

    repository* store_;
    relationship_state before_settling_;
    replacement replacement_;
    control_op* op_ = nullptr;
    effect to_do_ = effect::none;
    effect to_launch_ = effect::none;
    separation cut_;
    bool cutting_ = false;
    bool waiting_for_copy_ = false;
    bool copy_again_ = false;  ///< when the copy that failed earlier has ended
    bool waiting_for_front_ = false;
    bool settling_ = false;
    bool looking_ = false;  ///< at legs that were opened again for a request
    bool forced_ = false;   ///< the request's
    bool parts_ = false;    ///< the request: the target from its volume
    bool commit_running_ = false;
    bool commit_again_ = false;
    bool takes_over_ = false;  ///< Restore from Replica: the target's content becomes the volume's
    bool holding_ = false;     ///< the volume's writes, until what replaces its content has begun
    bool closing_ = false;
    bool restored_last_ = false;    ///< the last copy went to the source
    bool discards_target_ = false;  ///< a forced resync: what only the target has is given up
    bool identifying_ = false;
    std::optional<failure> abandoned_;
    std::vector<leg*> to_look_at_;    ///< opened again for a request, before it is carried out
    bool waits_for_content_ = false;  ///< the end of a request: until its content is on record
    std::optional<failure> unanswered_;
    struct state_record : commit_op {
        state_record() noexcept { changes = all; }
        relationship_core* self = nullptr;
        std::array<record_change, 3> all;  ///< the state, the volume that it stands on, its labels
    } record_;
    std::string record_text_, volume_text_;
    std::vector<std::byte> evidence_;
    struct unwritten_record : loop_task {
        relationship_core* self = nullptr;
    } unwritten_;  ///< there was no memory for its words
    struct record_timer : timer {
        relationship_core* self = nullptr;
    } record_again_;
    unsigned unwritten_count_ = 0;
    error_code unrecorded_{};
    struct page_wait : page_saver::waiter {
        relationship_core* self = nullptr;
    } record_pages_, found_pages_;
    std::unique_ptr<verification> verification_;
    verify_op* verify_ = nullptr;
    verify_op identity_check_;
    std::uint64_t content_checked_ = 0;  ///< the volume's content_ when the check began
};

}  // namespace cimrep::inline v0
