// lib/runtime/volume_core.cpp -- how a volume begins and ends, and what it tells of itself.
// SPDX-License-Identifier: BSL-1.0
#include "volume_core.hpp"

#include <cimrep/base/mutant.hpp>

#include "point_keeper.hpp"
#include "recovery.hpp"
#include <algorithm>
#include <utility>

namespace cimrep::inline v0 {

volume_settings volume_settings::of(const shard_options& options)
{
    return {.requests_max = options.requests_max,
            .bounce_buffers = options.bounce_buffers,
            .legs_max = options.legs_max,
            .hot_extents_max = options.hot_extents_max,
            .windows_max = options.windows_max,
            .windows_busy = options.windows_busy,
            .region_bytes = options.region_bytes,
            .window_bytes = options.window_bytes,
            .leg_deadline = options.leg_deadline,
            .slow_after = options.slow_after,
            .guard_host_buffers = options.guard_volatile_host_buffers};
}

std::uint64_t volume_settings::memory_bytes(std::uint64_t) const noexcept
{
    return request_pool::memory_bytes(2 * requests_max + 1, legs_max) +
           bounce_buffers * bounce_pool::buffer_bytes + windows_max * window_bytes +
           hot_extents_max * (2 * 32 + 4 + sizeof(record_change) + 8);
}

std::uint64_t volume_settings::leg_memory_bytes(std::uint64_t size_bytes) const noexcept
{
    return 3 * region_bitmap::memory_bytes(size_bytes, region_bytes);
}

volume_core::volume_core(event_loop& loop, volume_events& events, repository& store,
                         observer* watcher, const volume_settings& settings,
                         std::unique_ptr<block_device> source, object_path element,
                         std::pmr::memory_resource* memory)
    : loop_(&loop),
      events_(&events),
      store_(&store),
      watcher_(watcher),
      settings_(settings),
      shape_(source->shape()),
      element_(std::move(element)),
      element_text_(to_text(element_)),
      memory_(memory),
      windows_(std::make_unique<copy_windows>(settings.windows_max, settings.window_bytes, memory)),
      ranges_(
          settings.requests_max + 1 + settings.windows_max + settings.legs_max * verify_lanes_max,
          memory),
      hot_(settings.hot_extents_max, memory),
      pages_(*this, store),
      evidence_(*this, store.durable() && store.features().has_leg_evidence(), settings.legs_max),
      requests_(*this, 2 * settings.requests_max + 1, settings.legs_max, memory),
      bounces_(settings.bounce_buffers, memory),
      mark_changes_(memory),
      mark_values_(memory)
{
    make_room();
    mark_commit_.self = member_commit_.self = room_flush_.self = this;
    mark_pages_.self = member_pages_.self = this;
    mark_pages_.saved = [](page_saver::waiter& which, error_code error) noexcept {
        static_cast<page_wait&>(which).self->pages_are_saved(error);
    };
    close_pages_.self = progress_pages_.self = this;
    close_pages_.saved = [](page_saver::waiter& which, error_code error) noexcept {
        volume_core& self = *static_cast<page_wait&>(which).self;
        self.closing_records_ = false;
        if (!error) self.erase_all_marks();
    };
    // What is not saved is copied again after a crash: no reason to stop the copy.
    progress_pages_.saved = [](page_saver::waiter& which, error_code) noexcept {
        static_cast<page_wait&>(which).self->saving_progress_ = false;
    };
    member_pages_.saved = [](page_saver::waiter& which, error_code error) noexcept {
        volume_core& self = *static_cast<page_wait&>(which).self;
        if (error) return self.membership_committed(error);
        // What changed meanwhile would be recorded with this, and its maps later.
        if (std::exchange(self.maps_are_behind_, false))
            return self.pages_.save_then(self.member_pages_);
        self.commit_members();
    };
    mark_commit_.done = [](commit_op& op, error_code error) noexcept {
        static_cast<volume_commit&>(op).self->marks_are_durable(error);
    };
    member_commit_.done = [](commit_op& op, error_code error) noexcept {
        static_cast<volume_commit&>(op).self->members_are_durable(error);
    };
    room_flush_.done = &volume_core::flush_for_room_done;
    room_retry_.self = this;
    room_retry_.run = [](loop_task& task) noexcept {
        volume_core& volume = *static_cast<room_retry&>(task).self;
        if (!volume.full_waiters_.empty()) volume.retry_full();
    };
    members_again_.self = no_copy_.self = this;
    members_again_.fired = [](timer& t) noexcept {
        volume_core& self = *static_cast<members_timer&>(t).self;
        self.pages_.save_then(self.member_pages_);
    };
    no_copy_.run = [](loop_task& task) noexcept {
        static_cast<copy_refusal&>(task).self->tell_uncopied();
    };
    take_back_.self = wait_limit_.self = gather_limit_.self = this;
    take_back_.run = [](loop_task& task) noexcept {
        static_cast<take_back_task&>(task).self->answer_taken_back();
    };
    wait_limit_.fired = [](timer& t) noexcept {
        static_cast<deadline_timer&>(t).self->end_overdue();
    };
    gather_limit_.fired = [](timer& t) noexcept {
        static_cast<gather_timer&>(t).self->gather_marks();
    };
    auto first = std::make_unique<leg>(*this, std::move(source), element_, shape_.size_bytes,
                                       settings.region_bytes, memory);
    first->element_text = element_text_;
    first->role = leg_role::current;
    first->deadline = settings.leg_deadline;
    legs_.push_back(std::move(first));
    copies_.emplace_back();
}

// What must not fail for want of memory has its own.
void volume_core::make_room()
{
    legs_.reserve(settings_.legs_max);
    copies_.reserve(settings_.legs_max);
    events_due_.reserve(settings_.legs_max * 4);
    events_committing_.reserve(settings_.legs_max * 4);
    events_happened_.reserve(settings_.legs_max * 4);
    mark_changes_.reserve(settings_.hot_extents_max + samples_max);
    member_changes_.reserve(2 + samples_max + settings_.legs_max);
    member_texts_.reserve(settings_.legs_max);
    mark_values_.reserve(settings_.hot_extents_max);
    members_.roles.reserve(settings_.legs_max);
    member_record_.reserve((settings_.legs_max + 1) * 8);
}

volume_core::~volume_core()
{
    CIMREP_ASSERT(quiet() && "close the shard before destroying it");
    if (wait_limit_.is_linked()) loop_->disarm(wait_limit_);
}

void volume_core::pump_copies() noexcept
{
    for (const auto& each : copies_)
        if (each) each->pump();
}

bool volume_core::holds_copy_to(const leg& which) const noexcept
{
    if (CIMREP_MUTANT(held_copy_goes_on)) return false;
    if (which.index != 0) return which.copy_held;
    const auto goes_on = [](const auto& each) {
        return each && each->index != 0 && !each->copy_held && !each->detaching;
    };
    return std::ranges::none_of(legs_, goes_on);
}

volume_statistics volume_core::statistics() const
{
    volume_statistics all = counters_;
    all.requests_in_use = static_cast<std::uint32_t>(requests_.in_use());
    all.tracking_memory_bytes = hot_.memory_bytes();
    for (const auto& each : legs_)
        if (each) all.tracking_memory_bytes += each->map.memory_bytes();
    return all;
}

}  // namespace cimrep::inline v0
