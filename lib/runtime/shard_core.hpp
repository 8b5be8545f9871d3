// lib/runtime/shard_core.hpp -- the inside of a shard: who owns volumes and relationships.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/intrusive_queue.hpp>
#include <cimrep/runtime/shard.hpp>

#include <boost/intrusive/list.hpp>

#include "point_keeper.hpp"
#include "record_note.hpp"
#include "relationship_core.hpp"
#include "volume_core.hpp"
#include <memory>
#include <string>
#include <vector>

namespace cimrep::inline v0 {

struct closing_flush : io_op {
    shard::implementation* self = nullptr;
};

struct volume::implementation final : volume_events {
    implementation(shard::implementation& owner, std::unique_ptr<block_device> source,
                   const element_description& description, const volume_settings& settings);

    void leg_left(leg& which, error_code why) noexcept override;
    void leg_joined(leg& which) noexcept override;
    void copy_ended(leg& which, error_code why, bool had_failed) noexcept override;
    void content_replaced(leg& which) noexcept override;
    void add_states(std::vector<record_change>& to,
                    std::vector<std::string>& texts) noexcept override;
    void set_recorded(error_code error) noexcept override;
    bool states_are_durable() const noexcept override;
    void record_states_again() noexcept override;
    error_code unrecorded_state() const noexcept override;
    void detached_quiet(leg& which) noexcept override;

    shard::implementation* shard_;
    volume_core core;
    closing_flush last_flush;
};

struct relationship::implementation final : relationship_core {
    using relationship_core::relationship_core;
};

struct shard::implementation final : relationship_host {
    implementation(event_loop& loop, shard_options options);
    ~implementation();

    // relationship_host
    void announce(relationship_core& which, relationship_event event,
                  const relationship_info& previous) noexcept override;
    void dropped(relationship_core& which) noexcept override;
    outcome<> open_again(volume_core& of, leg& which) override;
    observer* watcher() const noexcept override { return options_.watcher; }

    outcome<class volume*> open_volume(const object_path& element);
    void close_volume(const class volume& which);  ///< at once: nothing was ever in flight
    class volume* find_volume(const object_path& element) const noexcept;
    outcome<relationship*> create(const mirror_request& request, control_op& op);
    outcome<> check_new(const mirror_request& request, const element_description& source,
                        const element_description& target) const;
    outcome<> charge(std::uint64_t bytes, const std::string& what);
    /// Gives back what was charged, unless it is kept.
    class charged {
    public:
        charged(implementation& by, std::uint64_t bytes) noexcept : by_(&by), bytes_(bytes) {}
        charged(const charged&) = delete;
        charged& operator=(const charged&) = delete;
        ~charged() { by_->charged_bytes_ -= bytes_; }
        void keep() noexcept { bytes_ = 0; }

    private:
        implementation* by_;
        std::uint64_t bytes_;
    };
    outcome<object_path> path_of(const object_path& source, const object_path& target) const;
    void for_each_of(const volume_core& of, auto&& visit)
    {
        for (std::size_t i = 0; i < relationships_.size(); ++i)
            if (relationships_[i]->parts().volume_ == &of) visit(relationships_[i]->parts());
    }
    /// Those that are dropped need no memory then.
    void keep_room_for_burials(std::size_t more)
    {
        buried_.reserve(buried_.size() + relationships_.size() + more);
    }
    void mark_unknown(leg& which, const volume_core& volume);
    struct beginning;
    // What outlives the process (revival.cpp).
    struct opened_leg;
    outcome<> recover();
    outcome<> revive(const saved_volume& saved);
    outcome<opened_leg> open_saved(const saved_volume& saved, const leg_record& known);
    void forget(const saved_volume& saved) noexcept;
    void begin_again(volume_core& core);
    void tell_recovered() noexcept;
    outcome<std::unique_ptr<block_device>> reopen(const leg& which, open_purpose purpose);
    outcome<> element_returned(const object_path& element);
    void returned(volume_core& core, leg& which, const examination_result& found);

    // Points in time (shard_points.cpp).
    outcome<> take_point(const point_request& request, point_op& op);
    outcome<> check_pool(const point_request& request, const element_description& pool,
                         const volume_core& of) const;
    outcome<> check_no_pool(const element_description& element) const;
    outcome<preservation_pool*> open_pool(const point_request& request, const volume_core& of);
    outcome<> revive_points(const saved_volume& saved, volume_core& core);
    outcome<preservation_pool*> revive_pool(std::uint64_t number);
    volume_core* core_of(const object_path& source) const noexcept;

    outcome<> check_open() const;
    outcome<> check_recovered(const volume_core& which) const;
    void close(control_op& op);
    void try_to_close() noexcept;
    void flush_for_the_last_time() noexcept;
    void write_last_records() noexcept;

    event_loop* loop_;
    shard_options options_;
    volatile_repository forgetful_;
    repository* store_;
    std::pmr::memory_resource* memory_;
    volume_settings settings_;
    std::vector<std::unique_ptr<preservation_pool>> pools_;
    std::vector<std::unique_ptr<class volume>> volumes_;
    std::vector<std::unique_ptr<relationship>> relationships_;
    std::vector<std::unique_ptr<relationship>> buried_;  ///< dropped, destroyed in a later turn
    boost::intrusive::list<relationship_listener, boost::intrusive::constant_time_size<false>>
        listeners_;
    std::uint64_t charged_bytes_ = 0;
    std::uint64_t pool_numbers_ = 0;
    std::uint64_t record_owners_ = 0;  ///< volumes that got a number for their records
    control_op* closing_ = nullptr;
    bool closed_ = false;
    bool flushed_ = false;
    bool recorded_ = false;
    std::size_t recognizing_ = 0;  ///< volumes whose legs are looked at since the shard was opened
    intrusive_queue<control_op, &control_op::next> recovery_waiters_;
    struct recovery_end : loop_task {
        implementation* self = nullptr;
    } recovered_;
    std::size_t notes_out_ = 0;  ///< erasures of records under way
    std::size_t flushes_out_ = 0;
    struct pulse : timer {
        implementation* self = nullptr;
    } close_pulse_;
    struct burial : loop_task {
        implementation* self = nullptr;
    } burial_;
};

}  // namespace cimrep::inline v0
