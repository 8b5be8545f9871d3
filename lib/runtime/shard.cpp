// lib/runtime/shard.cpp -- opens volumes, keeps relationships, and lets go of both.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>
#include <cimrep/cim/format.hpp>
#include <cimrep/cim/object_path_parse.hpp>

#include <fmt/format.h>

#include "../base/out_of_memory.hpp"
#include "shard_core.hpp"
#include <algorithm>
#include <bit>

namespace cimrep::inline v0 {

namespace {

constexpr duration close_poll = milliseconds(1);

outcome<> check_options(const shard_options& o)
{
    const auto refuse = [](const char* name, auto value, const char* bounds) {
        return fail(errc::invalid_argument, fmt::format("shard_options::{} is {}", name, value),
                    fmt::format("give {}", bounds));
    };
    if (o.elements == nullptr) return refuse("elements", "null", "an element_provider");
    if (o.requests_max < 1 || o.requests_max > 65536)
        return refuse("requests_max", o.requests_max, "1 to 65536");
    if (o.bounce_buffers < 1 || o.bounce_buffers > 1024)
        return refuse("bounce_buffers", o.bounce_buffers, "1 to 1024");
    if (o.legs_max < 2 || o.legs_max > 16) return refuse("legs_max", o.legs_max, "2 to 16");
    if (o.hot_extents_max < 4) return refuse("hot_extents_max", o.hot_extents_max, "4 or more");
    if (!std::has_single_bit(o.region_bytes) || o.region_bytes < 4 * kib || o.region_bytes > mib)
        return refuse("region_bytes", o.region_bytes, "a power of two from 4 KiB to 1 MiB");
    if (!std::has_single_bit(o.window_bytes) || o.window_bytes < o.region_bytes ||
        o.window_bytes > mib)
        return refuse("window_bytes", o.window_bytes, "a power of two from region_bytes to 1 MiB");
    if (o.windows_max < 1 || o.windows_max > 256)
        return refuse("windows_max", o.windows_max, "1 to 256");
    if (o.windows_busy < 1 || o.windows_busy > o.windows_max)
        return refuse("windows_busy", o.windows_busy, "1 to windows_max");
    if (!std::has_single_bit(o.chunk_bytes) || o.chunk_bytes < 16 * kib || o.chunk_bytes > mib)
        return refuse("chunk_bytes", o.chunk_bytes, "a power of two from 16 KiB to 1 MiB");
    if (o.exceptions_max < 64) return refuse("exceptions_max", o.exceptions_max, "64 or more");
    if (o.preservations_max < 1 || o.preservations_max > 256)
        return refuse("preservations_max", o.preservations_max, "1 to 256");
    if (o.points_max < 1 || o.points_max > 128)
        return refuse("points_max", o.points_max, "1 to 128");
    if (o.leg_deadline < duration{} || o.slow_after < duration{})
        return refuse("leg_deadline or slow_after", "negative", "0 or more nanoseconds");
    if (const auto path = make_object_path({.name_space = o.name_space,
                                            .class_name = o.class_prefix + "_StorageSynchronized",
                                            .keys = {{"SystemElement", std::string("x")}}});
        !path)
        return fail(
            errc::invalid_argument,
            fmt::format("shard_options: class_prefix '{}', name_space '{}' make no path ({})",
                        o.class_prefix, o.name_space, path.error().wrong),
            "give a prefix like CIM and a namespace like root/cimv2");
    return success();
}

outcome<> check_repository_bears(const repository* store)
{
    if (store == nullptr || !store->durable()) return success();
    if (store->commit_bytes_max() >= page_saver::commit_bytes_min) return success();
    return fail(errc::over_budget,
                fmt::format("the repository bears commits of {} bytes, a page of a map needs {}",
                            store->commit_bytes_max(), page_saver::commit_bytes_min),
                "format a repository of at least 256 KiB, or with log_bytes of at least 32 KiB");
}

}  // namespace

volume::implementation::implementation(shard::implementation& owner,
                                       std::unique_ptr<block_device> source,
                                       const element_description& description,
                                       const volume_settings& settings)
    : shard_(&owner),
      core(*owner.loop_, *this, *owner.store_, owner.options_.watcher, settings, std::move(source),
           description.path, owner.memory_)
{
    core.source().identity = description.identity;
}

void volume::implementation::leg_left(leg& which, error_code why) noexcept
{
    shard_->for_each_of(core, [&](relationship_core& r) { r.leg_left(which, why); });
}
void volume::implementation::leg_joined(leg& which) noexcept
{
    shard_->for_each_of(core, [&](relationship_core& r) { r.leg_joined(which); });
}
void volume::implementation::copy_ended(leg& which, error_code why, bool had_failed) noexcept
{
    shard_->for_each_of(core, [&](relationship_core& r) { r.copy_ended(which, why, had_failed); });
}
void volume::implementation::content_replaced(leg& which) noexcept
{
    shard_->for_each_of(core, [&](relationship_core& r) {
        if (r.target_ == &which) r.content_replaced();
    });
}

void volume::implementation::add_states(std::vector<record_change>& to,
                                        std::vector<std::string>& texts) noexcept
{
    shard_->for_each_of(core, [&](relationship_core& r) { r.add_owed_state(to, texts); });
}

void volume::implementation::set_recorded(error_code error) noexcept
{
    shard_->for_each_of(core, [&](relationship_core& r) { r.set_recorded(error); });
}

bool volume::implementation::states_are_durable() const noexcept
{
    bool durable = true;
    shard_->for_each_of(
        core, [&](const relationship_core& r) { durable &= !r.committing() && !r.unrecorded(); });
    return durable;
}

void volume::implementation::record_states_again() noexcept
{
    shard_->for_each_of(core, [](relationship_core& r) { r.record_again(); });
}

error_code volume::implementation::unrecorded_state() const noexcept
{
    error_code why;
    shard_->for_each_of(core, [&](const relationship_core& r) {
        if (!r.committing() && r.unrecorded()) why = r.unrecorded();
    });
    return why;
}

void volume::implementation::detached_quiet(leg& which) noexcept
{
    for (const auto& each : shard_->relationships_)
        if (each->parts().target_ == &which) return each->parts().bury();
}

shard::implementation::implementation(event_loop& loop, shard_options options)
    : loop_(&loop),
      options_(std::move(options)),
      forgetful_(loop),
      store_(options_.repository != nullptr ? options_.repository : &forgetful_),
      memory_(options_.memory != nullptr ? options_.memory : std::pmr::get_default_resource()),
      settings_(volume_settings::of(options_))
{
    close_pulse_.self = burial_.self = recovered_.self = this;
    recovered_.run = [](loop_task& task) noexcept {
        auto waiters = std::move(static_cast<recovery_end&>(task).self->recovery_waiters_);
        while (control_op* each = waiters.pop()) each->done(*each);
    };
    close_pulse_.fired = [](timer& t) noexcept { static_cast<pulse&>(t).self->try_to_close(); };
    burial_.run = [](loop_task& task) noexcept {
        static_cast<burial&>(task).self->buried_.clear();
    };
}

shard::implementation::~implementation()
{
    CIMREP_ASSERT(closed_ && "close the shard before destroying it");
}

outcome<> shard::implementation::charge(std::uint64_t bytes, const std::string& what)
{
    if (charged_bytes_ + bytes > options_.memory_budget_bytes)
        return fail(errc::over_budget,
                    fmt::format("{} needs {} bytes of memory; {} of {} are in use", what, bytes,
                                charged_bytes_, options_.memory_budget_bytes),
                    "open the shard with a larger memory_budget_bytes or larger regions");
    charged_bytes_ += bytes;
    return success();
}

class volume* shard::implementation::find_volume(const object_path& element) const noexcept
{
    for (const auto& each : volumes_)
        if (each->element() == element) return each.get();
    return nullptr;
}

outcome<class volume*> shard::implementation::open_volume(const object_path& element)
{
    if (class volume* known = find_volume(element)) return known;
    for (const auto& each : relationships_)
        if (each->parts().instance_.synced_element == element)
            return fail(errc::element_in_use, to_text(element) + " is the target of a relationship",
                        "open it with shard::front(), or detach it first");
    CIMREP_TRY(const auto description, options_.elements->describe(element));
    CIMREP_TRY(check_no_pool(description));
    CIMREP_TRY(auto device, options_.elements->open(*loop_, element,
                                                    {.purpose = open_purpose::source,
                                                     .identity = description.identity}));
    const std::uint64_t size = device->shape().size_bytes;
    const std::uint64_t memory = settings_.memory_bytes(size) + settings_.leg_memory_bytes(size);
    CIMREP_TRY(charge(memory, "volume " + to_text(element)));
    charged taken(*this, memory);
    volumes_.push_back(std::make_unique<class volume>(std::make_unique<volume::implementation>(
        *this, std::move(device), description, settings_)));
    taken.keep();
    volume_core& core = volumes_.back()->parts().core;
    core.record_owner_ = ++record_owners_;
    core.log(log_level::info, log_event::volume_opened, nullptr, {}, {{"bytes", size}});
    return volumes_.back().get();
}

void shard::implementation::close_volume(const class volume& which)
{
    const auto found = std::find_if(volumes_.begin(), volumes_.end(),
                                    [&](const auto& each) { return each.get() == &which; });
    const std::uint64_t size = (*found)->parts().core.shape().size_bytes;
    charged_bytes_ -= settings_.memory_bytes(size) + settings_.leg_memory_bytes(size);
    volumes_.erase(found);
}

void shard::implementation::announce(relationship_core& which, relationship_event event,
                                     const relationship_info& previous) noexcept
{
    for (auto at = listeners_.begin(); at != listeners_.end();) {
        relationship_listener& listener = *at++;
        listener.changed(listener, event, *which.self, previous);
    }
    tell_recovered();
}

void shard::implementation::dropped(relationship_core& which) noexcept
{
    const auto found = std::find_if(relationships_.begin(), relationships_.end(),
                                    [&](const auto& each) { return &each->parts() == &which; });
    CIMREP_ASSERT(found != relationships_.end());
    charged_bytes_ -= settings_.leg_memory_bytes(which.volume_->shape().size_bytes);
    buried_.push_back(std::move(*found));
    relationships_.erase(found);
    if (!burial_.queued) loop_->defer(burial_);
    tell_recovered();
}

outcome<std::unique_ptr<block_device>> shard::implementation::reopen(const leg& which,
                                                                     open_purpose purpose)
{
    CIMREP_TRY(auto device,
               options_.elements->open(
                   *loop_, which.element,
                   {.purpose = purpose, .allow_overwrite = true, .identity = which.identity}));
    const std::uint64_t needed = which.map.different().size_bytes();
    if (device->shape().size_bytes < needed)
        return fail(errc::geometry_mismatch,
                    fmt::format("{} came back with {} bytes, {} are needed", which.element_text,
                                device->shape().size_bytes, needed),
                    "give it its size again, or detach it");
    const std::uint32_t block = which.block_bytes;
    if (device->shape().logical_block_bytes != block)
        return fail(errc::geometry_mismatch,
                    fmt::format("{} came back with blocks of {} bytes, it had blocks of {}",
                                which.element_text, device->shape().logical_block_bytes, block),
                    "give it its block size again, or detach it");
    return device;
}

outcome<> shard::implementation::check_recovered(const volume_core& which) const
{
    if (!which.recognizing()) return success();
    return fail(errc::element_in_use, "the legs of " + which.element_text_ + " are being looked at",
                "wait for shard::await_recovery()");
}

outcome<> shard::implementation::check_open() const
{
    if (closing_ == nullptr && !closed_) return success();
    return fail(errc::closed, "the shard", "open it again");
}

void shard::implementation::close(control_op& op)
{
    CIMREP_ASSERT(closing_ == nullptr && !closed_);
    closing_ = &op;
    op.error.reset();
    for (const auto& each : relationships_) each->parts().begin_closing();
    for (const auto& each : volumes_) {
        volume_core& core = each->parts().core;
        core.stop_copy(core.source());
        core.begin_closing();
        auto& flush = each->parts().last_flush;
        flush.self = this;
        flush.prepare_flush();
        flush.done = [](io_op& done, error_code error) noexcept {
            implementation& self = *static_cast<closing_flush&>(done).self;
            --self.flushes_out_;
            if (!error || self.closing_->error) return;
            self.closing_->error = in_words(error, [&] {
                return fail(error, "the last flush of a volume",
                            "what was not flushed before may be lost");
            });
        };
    }
    loop_->arm(close_pulse_, loop_->now());
}

// When nothing is left that could write: the last flush covers everything.
void shard::implementation::flush_for_the_last_time() noexcept
{
    flushed_ = true;
    for (std::size_t i = 0; i < volumes_.size(); ++i) {
        volume_core& core = volumes_[i]->parts().core;
        if (core.read_only_) {  // its last flush has failed and will not be tried again
            if (!closing_->error)
                closing_->error = in_words(errc::volume_read_only, [&] {
                    return fail(errc::volume_read_only,
                                "an earlier flush of volume " + core.element_text_,
                                "what was not flushed before it may be lost");
                });
            continue;
        }
        if (CIMREP_MUTANT(closed_without_a_flush)) continue;
        ++flushes_out_;
        core.flush_at_close(volumes_[i]->parts().last_flush);
    }
}

// A volume whose last flush has succeeded needs no marks any more.
void shard::implementation::write_last_records() noexcept
{
    for (const auto& each : volumes_)
        if (!each->parts().core.read_only_ && !closing_->error) each->parts().core.close_records();
}

// What is in flight ends by itself; nothing new is let in.
void shard::implementation::try_to_close() noexcept
{
    bool quiet = flushes_out_ == 0 && !burial_.queued && !recovered_.queued && notes_out_ == 0;
    for (const auto& each : relationships_) quiet &= each->parts().idle();
    for (const auto& each : volumes_) quiet &= each->parts().core.quiet();
    // One after the other, each to its end.
    if (quiet && !flushed_) {
        flush_for_the_last_time();
        quiet = false;
    } else if (quiet && !std::exchange(recorded_, true)) {
        write_last_records();
        quiet = false;
    }
    if (!quiet) return loop_->arm(close_pulse_, loop_->now() + close_poll);
    closed_ = true;
    auto waiters = std::move(recovery_waiters_);
    while (control_op* each = waiters.pop()) {
        each->error = in_words(errc::closed, [] {
            return fail(errc::closed, "the shard was closed before", "open it again");
        });
        each->done(*each);
    }
    for (const auto& each : volumes_)
        if (const error_code why = each->parts().core.closed_unseen_; why && !closing_->error)
            closing_->error = in_words(why, [&] {
                return fail(why,
                            "volume " + each->parts().core.element_text_ + " was closed unseen",
                            "it cannot be told from an older copy when it is opened again");
            });
    buried_.clear();
    relationships_.clear();
    for (const auto& each : volumes_)
        each->parts().core.log(log_level::info, log_event::volume_closed, nullptr, {});
    volumes_.clear();
    pools_.clear();
    control_op& op = *std::exchange(closing_, nullptr);
    op.done(op);
}

outcome<std::unique_ptr<shard>> shard::open(event_loop& loop, shard_options options)
{
    return within_memory([&]() -> outcome<std::unique_ptr<shard>> {
        CIMREP_TRY(check_options(options));
        CIMREP_TRY(check_repository_bears(options.repository));
        auto parts = std::make_unique<implementation>(loop, std::move(options));
        auto& opened = *parts;
        opened.closed_ = true;  // until there is something to close
        auto handle = std::make_unique<shard>(std::move(parts));
        CIMREP_TRY(opened.recover());
        opened.closed_ = false;
        return handle;
    });
}

shard::shard(std::unique_ptr<implementation> parts) noexcept : parts_(std::move(parts)) {}
shard::~shard() = default;

outcome<class volume*> shard::volume(const object_path& element)
{
    return within_memory([&]() -> outcome<class volume*> {
        CIMREP_TRY(parts_->check_open());
        return parts_->open_volume(element);
    });
}

outcome<relationship*> shard::create_mirror(const mirror_request& request, control_op& op)
{
    return within_memory([&] { return parts_->create(request, op); });
}

outcome<block_device*> shard::front(const object_path& element)
{
    return within_memory([&]() -> outcome<block_device*> {
        CIMREP_TRY(parts_->check_open());
        for (const auto& each : parts_->relationships_)
            if (each->parts().instance_.synced_element == element)
                return each->parts().front_.get();
        CIMREP_TRY(class volume * opened, parts_->open_volume(element));
        return &opened->front();
    });
}

relationship* shard::find(const object_path& path) const noexcept
{
    for (const auto& each : parts_->relationships_)
        if (each->path() == path && each->parts().published_) return each.get();
    return nullptr;
}

void shard::for_each_relationship(const std::function<void(relationship&)>& visit) const
{
    for (std::size_t i = 0; i < parts_->relationships_.size(); ++i)
        if (parts_->relationships_[i]->parts().published_) visit(*parts_->relationships_[i]);
}

void shard::for_each_volume(const std::function<void(class volume&)>& visit) const
{
    for (std::size_t i = 0; i < parts_->volumes_.size(); ++i) visit(*parts_->volumes_[i]);
}

void shard::listen(relationship_listener& listener) noexcept
{
    CIMREP_ASSERT(listener.changed != nullptr);
    parts_->listeners_.push_back(listener);
}

outcome<> shard::element_returned(const object_path& element)
{
    return within_memory([&] { return parts_->element_returned(element); });
}

void shard::await_recovery(control_op& op)
{
    op.error.reset();
    parts_->recovery_waiters_.push(op);
    parts_->tell_recovered();
}

shard_statistics shard::statistics() const noexcept
{
    return {static_cast<std::uint32_t>(parts_->volumes_.size()),
            static_cast<std::uint32_t>(parts_->relationships_.size()), parts_->charged_bytes_,
            parts_->options_.memory_budget_bytes};
}

void shard::close(control_op& op)
{
    parts_->close(op);
}
event_loop& shard::loop() const noexcept
{
    return *parts_->loop_;
}
const shard_options& shard::options() const noexcept
{
    return parts_->options_;
}

}  // namespace cimrep::inline v0
