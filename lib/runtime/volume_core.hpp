// lib/runtime/volume_core.hpp -- the inside of a volume: where host I/O, copies and failures meet.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/runtime/control_op.hpp>
#include <cimrep/runtime/shard.hpp>

#include "copier.hpp"
#include "evidence_keeper.hpp"
#include "host_request.hpp"
#include "leg.hpp"
#include "leg_examination.hpp"
#include "page_saver.hpp"
#include "state_records.hpp"
#include <array>
#include <memory>
#include <vector>

namespace cimrep::inline v0 {

struct saved_points;
struct saved_volume;
class point_keeper;

/// What a volume tells the shard. Each is called from the loop, after the change is durable.
class volume_events {
public:
    /// `which` left the in-sync set, or stopped being copied to, because of `why`.
    virtual void leg_left(leg& which, error_code why) noexcept = 0;
    /// `which` holds the volume's content now.
    virtual void leg_joined(leg& which) noexcept = 0;
    /// The copy to `which` has ended early: stopped, without a source, or the leg `had_failed`,
    /// of which leg_left() tells.
    virtual void copy_ended(leg& which, error_code why, bool had_failed) noexcept = 0;
    /// The whole content of the volume became that of another leg; `which` must follow.
    virtual void content_replaced(leg& which) noexcept = 0;
    /// The states that must not be on record later than the set, into its record; `texts`, with
    /// room for one of each leg, keep them until that is durable.
    virtual void add_states(std::vector<record_change>& to,
                            std::vector<std::string>& texts) noexcept = 0;
    /// A set is on record, with the content that it names, or could not be recorded.
    virtual void set_recorded(error_code error) noexcept = 0;
    /// False while a state that follows from what was told here is not durable yet.
    virtual bool states_are_durable() const noexcept = 0;
    /// Those whose record has failed are tried again.
    virtual void record_states_again() noexcept = 0;
    /// Why a state that is shown is not on record, and nothing is under way for that.
    virtual error_code unrecorded_state() const noexcept = 0;
    /// Nothing is in flight any more on a leg that is being detached; it may be removed in there.
    virtual void detached_quiet(leg& which) noexcept = 0;

protected:
    ~volume_events() = default;
};

/// How a leg is taken out of the set on request.
struct separation {
    bool hold_writes = false;  ///< the cut: no write is between the legs at that instant
    /// Nothing is separated: after `done` without error writes are held until release().
    bool only_drains = false;
    duration deadline = seconds(30);
    void (*done)(separation& self, error_code error) noexcept = nullptr;
    void* context = nullptr;  ///< the caller's

    // The volume's, until `done`.
    struct volume_core* volume = nullptr;
    leg* which = nullptr;
    enum class stage : std::uint8_t { draining, flushing, quieting } at = stage::draining;
    bool holding = false;
    bool called_off = false;
    separation* next = nullptr;
    leg_op flush;
    error_code outcome{};
    struct timeout : timer {
        separation* self = nullptr;
    } timer_;
};

struct volume_settings {
    std::size_t requests_max, bounce_buffers, legs_max, hot_extents_max, windows_max, windows_busy;
    std::uint64_t region_bytes, window_bytes;
    duration leg_deadline, slow_after;
    bool guard_host_buffers;
    static volume_settings of(const shard_options& options);
    std::uint64_t memory_bytes(
        std::uint64_t size_bytes) const noexcept;  ///< without the legs' maps
    std::uint64_t leg_memory_bytes(std::uint64_t size_bytes) const noexcept;
};

/// A volume from the inside. Host I/O enters by submit(); everything else commands it.
///
/// Invariant:  at least one leg is current; reads are served by current legs only; a write is
///             acknowledged when every leg that is current then has it, and after the record of
///             every leg that left meanwhile is durable.
struct volume_core final : block_device, leg_owner {
    /// Chunks that a verification of one leg compares at a time.
    static constexpr std::size_t verify_lanes_max = 4;

    volume_core(event_loop& loop, volume_events& events, repository& store, observer* watcher,
                const volume_settings& settings, std::unique_ptr<block_device> source,
                object_path element, std::pmr::memory_resource* memory);
    ~volume_core() override;

    // The host's door.
    const geometry& shape() const noexcept override { return shape_; }
    event_loop& loop() const noexcept override { return *loop_; }
    void submit(io_op& op) noexcept override;
    /// A read of a point in time.
    void submit_to_point(io_op& op, std::uint64_t point) noexcept;
    void cancel(io_op& op) noexcept override;
    result<> data_extents(const std::function<void(byte_extent)>& report) const override;

    // Legs.
    leg& source() noexcept { return *legs_[0]; }
    outcome<leg*> attach(std::unique_ptr<block_device> device, object_path element,
                         std::string identity);
    /// The same, into a slot; everything else of the leg is set by revive().
    leg& attach_at(std::size_t slot, std::unique_ptr<block_device> device, object_path element,
                   std::string identity);
    /// Takes a leg that was never in the set, or is quiet and tracking, out for good.
    void remove(leg& which) noexcept;
    std::size_t current_count() const noexcept;
    leg* read_leg(std::uint32_t tried, byte_extent extent) noexcept;
    /// How much of `extent`, from its beginning, one leg can be asked for: all of it, unless legs
    /// in the set were found to differ there.
    std::uint64_t readable_in_one(byte_extent extent) const noexcept;
    /// The leg failed: out of the set, its possible losses marked. False if it is the last current.
    bool fail(leg& which, error_code why) noexcept;
    /// More differs on a leg in the set: whoever is not in it lacks that.
    void found_to_differ() noexcept;
    void separate(separation& how, leg& which) noexcept;
    /// Nobody wants it any more: a leg that has not left yet stays. `done` comes all the same, now
    /// or when the flush is back.
    void call_off(separation& how) noexcept;
    /// `judged`: where `which` is not marked it was found equal by reading from current legs.
    void start_copy(leg& which, bool judged = false) noexcept;
    void stop_copy(leg& which) noexcept;  ///< copy_ended() follows, unless no copy runs
    void drop_copy(leg& which) noexcept { copies_[which.index].reset(); }
    void pump_copies() noexcept;
    /// The source is copied to for whichever relationship needs it: it waits if all are held.
    bool holds_copy_to(const leg& which) const noexcept;
    void leave(leg& which) noexcept;  ///< out of the set now, on record before the next answer
    bool copying(const leg& which) const noexcept;
    const leg_copy* copy_of(const leg& which) const noexcept;
    /// The content of `which` becomes the volume's, at once; every other leg must follow.
    void replace_content(leg& which) noexcept;
    /// Once more, if no record of it is on its way and the last one has failed.
    void record_content() noexcept
    {
        if (replacing_ && !member_committing_) commit_membership();
    }
    /// Its record is on its way; or, unless `on_its_way`, there is none yet.
    bool replacing(bool on_its_way = true) const noexcept
    {
        return replacing_ && (member_committing_ || !on_its_way);
    }
    void join(leg& which) noexcept;  ///< now, because it is known to be equal

    // Holding changes: new ones wait, those in flight end.
    void hold() noexcept { ++holds_; }
    void release() noexcept;
    bool drained() const noexcept { return changes_in_flight_ == 0; }
    std::size_t changes_in_flight() const noexcept { return changes_in_flight_; }
    bool quiet() const noexcept;

    // What outlives the process (volume_revival.cpp).
    void revive(const saved_volume& saved);
    /// Looks at every leg that has not failed before any of it is used; `over` is called when it is
    /// known who holds the content: at once, if there is nothing to look at. Host I/O waits.
    void recognize(std::function<void()> over) noexcept;
    bool recognizing() const noexcept { return recognizing_; }
    /// A leg that was away is there again. `over` is told what it is; nothing was done about it.
    void examine_returned(leg& which, examination_over over);
    /// What `which` holds is the content, whatever the others hold: they differ everywhere.
    void accept_content(leg& which) noexcept;
    /// A leg that was away is what it was.
    void believe(leg& which) noexcept;
    /// Nothing that `which` holds is believed: it differs everywhere.
    void disbelieve(leg& which) noexcept;
    /// The same, and it stays strange until a client says what is to be done with it.
    void disown(leg& which) noexcept;
    /// The leg is none of ours: its device is let go of.
    void turn_away(leg& which, error_code why) noexcept;
    void begin_again() noexcept;
    void labels_are_durable(error_code error) noexcept;
    leg_role recorded_role(const leg& which) const noexcept;
    void close_records() noexcept;
    void save_progress() noexcept;
    volume_record record() const;

    void begin_closing() noexcept { closing_ = true; }
    void flush_at_close(io_op& op) noexcept { begin(op); }

    // leg_owner
    bool leg_missed_deadline(leg& which) noexcept override;
    void leg_is_quiet(leg& which) noexcept override;
    void leg_lost_cache(leg& which) noexcept override { doubt_reads(which); }

    void log(log_level level, log_event event, const leg* which, error_code error,
             std::initializer_list<log_field> fields = {}) noexcept;
    /// Something that is overwritten now has to be kept, or will have to be.
    bool keeps_points() const noexcept;
    bool host_busy() const noexcept { return requests_.in_use() != pinned_; }
    /// Gives a range back and starts those who waited for it.
    void unlock(range_lock::node& which) noexcept;
    volume_statistics statistics() const;
    /// Each host operation in flight, and what it waits for.
    void for_each_request(
        const std::function<void(const io_op& op, const char* waits)>& visit) const;

    event_loop* loop_;
    volume_events* events_;
    repository* store_;
    observer* watcher_;
    volume_settings settings_;
    geometry shape_;
    object_path element_;
    std::string element_text_;
    std::pmr::memory_resource* memory_;
    std::vector<std::unique_ptr<leg>>
        legs_;  ///< by slot; a slot may be empty, slot 0 is the source
    std::vector<std::unique_ptr<leg_copy>> copies_;
    std::unique_ptr<copy_windows> windows_;
    range_lock ranges_;
    hot_extents hot_;
    page_saver pages_;
    evidence_keeper evidence_;
    std::unique_ptr<point_keeper> points_;  ///< null, until a point in time is asked for
    /// What a process before this one has left of points that are all dropped: no number is used
    /// again. Null, once points_ knows it.
    std::unique_ptr<saved_points> past_points_;
    std::uint64_t record_owner_ = 1;  ///< of the volume's records; unique in its shard
    std::uint64_t generation_ = 1;
    std::uint64_t content_ = 1;  ///< changes when what was read before may not be it any more
    bool read_only_ = false;
    std::uint64_t losses_ = 0;  ///< flushes that the last leg has failed
    /// Why nobody serves: the leg that holds the content is away. What is on record of that content
    /// stays as it is meanwhile.
    error_code unserved_{};
    /// A leg has seen a later set than the repository: nothing that is on record is believed.
    bool repository_is_older_ = false;
    error_code closed_unseen_{};                ///< why no samples were taken at the close
    const void* source_promised_to_ = nullptr;  ///< who ends, and makes the source current again

    // The path of a request, in the order in which it goes (volume_submit.cpp and on).
    void begin(io_op& op) noexcept;
    void begin(host_request& r) noexcept;
    void locked(host_request& r) noexcept;
    void proceed(host_request& r) noexcept;
    void admit(host_request& r) noexcept;
    void send_read(host_request& r) noexcept;
    void preserve(host_request& r) noexcept;
    void preserved(host_request& r, error_code error) noexcept;
    void send_change(host_request& r) noexcept;
    void begin_beside_points(host_request& r) noexcept;
    void end_beside_points(host_request& r) noexcept;
    void send_point_read(host_request& r) noexcept;
    void pool_read_over(host_request& r, error_code error) noexcept;
    void piece_read(host_request& r) noexcept;
    void send_flush(host_request& r) noexcept;
    void start_compare(host_request& r) noexcept;
    void child_settled(host_request& r, leg& on, error_code error) noexcept;
    void child_returned(host_request& r, host_part& part) noexcept;
    void all_settled(host_request& r) noexcept;
    bool read_in_vain(host_request& r) noexcept;
    void finish_read(host_request& r) noexcept;
    void finish_change(host_request& r) noexcept;
    void finish_flush(host_request& r) noexcept;
    void flush_failed(leg& which, error_code why) noexcept;
    void finish_compare(host_request& r) noexcept;
    /// Now, or when what the answer depends on is on record.
    void answer(host_request& r, error_code error) noexcept;
    void end(host_request& r, error_code error) noexcept;
    void recycle(host_request& r) noexcept;

private:
    static constexpr std::uint64_t piece_bytes = 64 * mib;

    void make_room();

    void refuse(io_op& op, error_code error) noexcept { loop_->complete(op, error); }
    bool needs_bounce(const io_op& op) const noexcept;
    void fill_bounce(host_request& r) noexcept;
    void submit_child(host_request& r, leg& on) noexcept;
    void prepare_change(host_request& r, leg_op& child) noexcept;
    bool marks_fit(byte_extent piece) const noexcept;
    void mark_soon(host_request& r) noexcept;
    void commit_marks() noexcept;
    void gather_marks() noexcept;
    bool more_marks_come() const noexcept;
    void end_piece(host_request& r) noexcept;
    std::size_t leg_count() const noexcept;
    std::uint64_t write_bytes_max() const noexcept
    {
        return settings_.hot_extents_max / 2 * hot_extents::extent_bytes;
    }
    void pages_are_saved(error_code error) noexcept;
    bool late_before_it_began(const host_request& r) const noexcept;
    void marks_are_durable(error_code error) noexcept;
    void retry_full() noexcept;
    void count(const host_request& r, error_code error) noexcept;
    void pump_waiting() noexcept;
    bool may_begin() const noexcept;
    void fail_readers(const host_request& r) noexcept;
    void leave_bounce(host_request& r) noexcept;
    void give_bounce(std::byte* buffer) noexcept;
    void serve_bounce_waiters() noexcept;
    void replace_pinned() noexcept;
    void changes_ended() noexcept;
    void erase_old_marks() noexcept;
    void erase_marks(const std::function<bool(std::uint64_t)>& which);
    void erase_all_marks() noexcept;
    void settle_differences() noexcept;
    void commit_membership() noexcept;
    void commit_members() noexcept;
    void refuse_copy(leg& which) noexcept;
    void tell_uncopied() noexcept;
    void membership_committed(error_code error) noexcept;
    void doubt_reads(leg& which) noexcept;
    void advance(separation& how) noexcept;
    void finish(separation& how, error_code error) noexcept;
    void complete(separation& how, error_code error) noexcept;
    void separation_failed(separation& how, error_code error) noexcept;
    bool owes_a_record() noexcept;
    bool must_park(const host_request& r) const noexcept;

    // Taking back what waits (volume_waiting.cpp).
    bool take_back(io_op& op, error_code why) noexcept;
    void end_later(host_request& r, error_code why) noexcept;
    void answer_taken_back() noexcept;
    void wait(host_request& r, host_request::waiting_for what) noexcept;
    void watch_deadline(const io_op& op) noexcept;
    io_op* overdue(monotonic_time now) noexcept;
    void end_overdue() noexcept;

    static void flush_for_room_done(io_op& op, error_code error) noexcept;

    request_pool requests_;
    bounce_pool bounces_;
    intrusive_queue<io_op, &io_op::next> waiting_;  ///< for a request
    intrusive_queue<io_op, &io_op::next> held_;     ///< for the end of a cut
    request_queue bounce_waiters_;
    request_queue full_waiters_;  ///< for room among the hot extents
    request_queue marking_;       ///< their marks are being committed
    request_queue to_mark_;       ///< their marks are next
    std::size_t to_mark_count_ = 0;
    std::size_t changes_on_legs_ = 0;
    request_queue parked_;  ///< answered when the membership is durable
    intrusive_queue<separation, &separation::next> separations_;

    struct recognition;
    std::shared_ptr<recognition> recognition_;  ///< from revive() to the end of recognize()
    void prepare_recognition();
    void compare_unknown(recognition& all) noexcept;
    void compared(recognition& all, leg& which, const examination_result& result) noexcept;
    void recognized(recognition& all) noexcept;
    static void remark(leg& which, std::initializer_list<std::string_view> words) noexcept;
    leg* choose_truth() const noexcept;
    void assign_roles() noexcept;
    void members_are_durable(error_code error) noexcept;

    struct volume_commit : commit_op {
        volume_core* self = nullptr;
    };
    static constexpr std::uint64_t no_evictions = UINT64_MAX;

    volume_commit mark_commit_, member_commit_;
    std::vector<record_change> member_changes_;
    std::vector<std::string> member_texts_;  ///< of states in the same record
    std::pmr::vector<record_change> mark_changes_;
    std::pmr::vector<std::array<std::byte, 8>>
        mark_values_;                    ///< room for every slot: they do not move
    std::uint64_t evictions_saved_ = 0;  ///< of the hot set, when the maps were last saved for it
    struct page_wait : page_saver::waiter {
        volume_core* self = nullptr;
    } mark_pages_, member_pages_, close_pages_, progress_pages_;
    bool saving_progress_ = false;
    std::vector<leg_role> saved_roles_;  ///< by slot, as the last process left them
    bool recognizing_ = false;           ///< host I/O waits until it is known what the legs hold
    bool closing_records_ = false;
    bool marks_are_old_ = false;  ///< those on record are of the process before
    std::size_t notes_out_ = 0;   ///< erasures under way
    member_record members_;
    std::vector<std::byte> member_record_;
    bool marking_now_ = false;
    bool member_committing_ = false;
    bool untold_ = false;  ///< of a leg that left; its relationship does not say so on record yet
    struct members_timer : timer {
        volume_core* self = nullptr;
    } members_again_;  ///< memory had run out
    unsigned unrecorded_count_ = 0;
    bool unparking_ = false;
    error_code unrecorded_{};  ///< why the last record of the set is not durable
    bool member_changed_again_ = false;
    bool maps_are_behind_ = false;  ///< the set has changed since they were saved for its record
    bool replacing_ = false;        ///< the content was replaced, and no record says so yet
    /// What a leg was found to differ in is the content by now, and no record of the set says so.
    bool left_alone_ = false;
    bool choosing_ = false;  ///< the first record after a crash is to say who is the truth
    struct pending_event {
        leg* which;
        error_code why;
        enum class kind : std::uint8_t { left, joined, replaced } what;
    };
    std::vector<pending_event> events_due_, events_committing_, events_happened_;

    struct room_flush : io_op {
        volume_core* self = nullptr;
    } room_flush_;
    struct room_retry : loop_task {
        volume_core* self = nullptr;
    } room_retry_;
    bool room_flush_running_ = false;
    request_queue taken_back_;  ///< are answered in the next turn
    struct take_back_task : loop_task {
        volume_core* self = nullptr;
    } take_back_;
    std::uint32_t uncopied_ = 0;  ///< legs, by slot, for whose copies there was no memory
    struct copy_refusal : loop_task {
        volume_core* self = nullptr;
    } no_copy_;
    struct deadline_timer : timer {
        volume_core* self = nullptr;
    } wait_limit_;  ///< the first deadline of what waits
    struct gather_timer : timer {
        volume_core* self = nullptr;
    } gather_limit_;  ///< until then marks may wait for others to share their commit
    monotonic_time marks_begun_at_{};
    duration marks_took_{};  ///< the last commit of marks
    unsigned holds_ = 0;
    std::size_t changes_in_flight_ = 0;
    std::size_t pinned_ = 0;  ///< requests that a stuck leg keeps
    bool closing_ = false;
    volume_statistics counters_{};

    friend class leg_copy;
};

}  // namespace cimrep::inline v0
