// lib/testing/disk_core.cpp -- a request from submit() to its end, or to the kill of its process.
// SPDX-License-Identifier: BSL-1.0
#include "disk_core.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace cimrep::inline v0 {

namespace {

// What nobody may rely on: in a read's memory before its end, and in a discarded block.
constexpr std::byte poison{0xdb};
constexpr std::byte garbage{0xd5};

error_code gone() noexcept
{
    return std::make_error_code(std::errc::no_such_device);
}

}  // namespace

disk_request::disk_request(disk_core& disk) : core(disk)
{
    happen = [](simulated_event& which) noexcept {
        auto& self = static_cast<disk_request&>(which);
        self.core.happen(self);
    };
    deadline.of = this;
    deadline.fired = [](timer& which) noexcept {
        disk_request& self = *static_cast<deadline_timer&>(which).of;
        self.core.end_early(self, errc::deadline_exceeded, true);
    };
}

disk_core::disk_core(const simulated_disk_options& wanted)
    : options(wanted),
      medium(wanted.size_bytes, wanted.logical_block_bytes, wanted.volatile_cache,
             wanted.cache_blocks_max),
      random(seed_of_part(wanted.seed, 5)),
      zeros_(wanted.logical_block_bytes),
      garbage_(wanted.logical_block_bytes, garbage)
{
    CIMREP_ASSERT(std::has_single_bit(wanted.logical_block_bytes));
    if (options.identity.empty()) options.identity = options.name;
}

disk_core::~disk_core()
{
    CIMREP_ASSERT(devices_.empty());
    for (disk_request* r : active_) CIMREP_ASSERT(!r->is_linked());
}

void disk_core::use(const fault_plan& wanted)
{
    plan = wanted;
    rated_.clear();
    for (std::size_t i = 0; i < disk_fault_count; ++i)
        if (plan.rates[i] > 0.0) rated_.push_back(static_cast<disk_fault>(i));
    if (plan.rate(disk_fault::stale_read) > 0.0) medium.keep_previous();
}

geometry disk_core::shape() const noexcept
{
    geometry shape;
    shape.size_bytes = medium.current().size_bytes();
    shape.logical_block_bytes = options.logical_block_bytes;
    shape.physical_block_bytes = options.logical_block_bytes;
    shape.maximum_transfer_bytes = options.maximum_transfer_bytes;
    shape.discard_granularity_bytes = discard_lost_ ? 0 : options.discard_granularity_bytes;
    shape.discard_reads_zeros = options.discard_reads_zeros && shape.discard_granularity_bytes != 0;
    shape.volatile_cache = options.volatile_cache;
    return shape;
}

std::unique_ptr<simulated_device> disk_core::open(simulated_loop& loop)
{
    std::unique_ptr<simulated_device> device(new simulated_device(*this, loop));
    devices_.push_back(device.get());
    for (disk_request* r : active_) {
        if (r->where != disk_request::phase::parked) continue;
        r->where = disk_request::phase::waiting;
        r->loop = &loop;
        loop.schedule(*r, loop.now() + r->delay);
    }
    return device;
}

void disk_core::closed(simulated_device& device)
{
    std::erase(devices_, &device);
    const auto same_loop = [&](const simulated_device* other) {
        return other->alive_ && &other->loop_ == &device.loop_;
    };
    if (std::ranges::none_of(devices_, same_loop)) park_zombies(device.loop_);
}

/// The loop may end: its zombies wait for another one.
void disk_core::park_zombies(const simulated_loop& loop)
{
    for (disk_request* r : active_) {
        if (!r->zombie() || r->loop != &loop) continue;
        r->loop->unschedule(*r);
        r->where = disk_request::phase::parked;
        r->delay = std::max(r->due - loop.now(), duration{});
        r->loop = nullptr;
    }
}

disk_request& disk_core::take()
{
    if (idle_.empty()) {
        requests_.push_back(std::make_unique<disk_request>(*this));
        idle_.push_back(requests_.back().get());
    }
    disk_request& r = *idle_.back();
    idle_.pop_back();
    r.index = active_.size();
    active_.push_back(&r);
    r.struck.reset();
    r.outcome = {};
    r.ending = {};
    r.transferred = 0;
    r.sequence = 0;
    return r;
}

disk_request& disk_core::take(simulated_device& device, io_op& op)
{
    disk_request& r = take();
    r.device = &device;
    r.loop = &device.loop_;
    r.op = &op;
    r.where = disk_request::phase::waiting;
    r.kind = op.kind;
    r.extent = op.kind == io_kind::flush ? byte_extent{} : op.extent();
    r.fua = op.fua;
    op.scratch[0] = reinterpret_cast<std::uintptr_t>(&r);
    ++device.in_flight_;
    return r;
}

void disk_core::retire(disk_request& r)
{
    r.where = disk_request::phase::idle;
    r.op = nullptr;
    r.device = nullptr;
    active_[r.index] = active_.back();
    active_[r.index]->index = r.index;
    active_.pop_back();
    idle_.push_back(&r);
}

/// Why the op is not even begun; nothing if it is.
error_code disk_core::refusal(const simulated_device& device, const io_op& op)
{
    if (!device.alive_) return gone();
    if (const error_code error = check_bounds(op, device.shape_)) return error;
    if (op.deadline.nanoseconds != 0 && op.deadline <= device.loop_.now())
        return errc::deadline_exceeded;
    if (op.kind == io_kind::compare_and_write) return errc::not_supported;
    if (op.kind == io_kind::discard && device.shape_.discard_granularity_bytes == 0)
        return errc::not_supported;
    if (op.kind == io_kind::write_zeroes && zeroes_lost_) return errc::not_supported;
    if (before_io != nullptr) before_io(before_io_context);
    return device.alive_ ? error_code{} : gone();
}

void disk_core::submit(simulated_device& device, io_op& op)
{
    CIMREP_ASSERT(op.done != nullptr);
    op.device = &device;
    op.transferred_bytes = 0;
    op.scratch[0] = 0;
    if (const error_code error = refusal(device, op)) {
        device.loop_.complete(op, error);
        return;
    }
    ++statistics.submitted;
    disk_request& r = take(device, op);
    r.loop->trace().add({trace_kind::submitted,
                         r.loop->now(),
                         options.number,
                         static_cast<std::uint64_t>(r.kind),
                         r.extent.offset_bytes,
                         r.extent.length_bytes,
                         {}});
    if (r.kind == io_kind::write) {
        r.data.clear();
        for (const const_io_segment& from : op.write_segments())
            r.data.insert(r.data.end(), from.data, from.data + from.size_bytes);
    } else if (r.kind == io_kind::read && options.poison_reads) {
        for (const io_segment& to : op.read_segments()) std::fill_n(to.data, to.size_bytes, poison);
    } else if (r.kind == io_kind::flush) {
        r.covers = acknowledged_sequence_;
    }
    choose_fault(r);
    if (op.deadline.nanoseconds != 0) r.loop->arm(r.deadline, op.deadline);
    if (r.is(disk_fault::stuck)) {
        count_struck(r);
        r.where = disk_request::phase::stuck;
        return;
    }
    duration wait = latency();
    if (r.is(disk_fault::slow)) {
        count_struck(r);
        wait.nanoseconds += static_cast<std::int64_t>(
            random.below(static_cast<std::uint64_t>(plan.slow_latency.nanoseconds) + 1));
    }
    r.loop->schedule(r, r.loop->now() + wait);
}

duration disk_core::latency()
{
    const std::int64_t spread = plan.latency_greatest.nanoseconds - plan.latency_least.nanoseconds;
    if (spread <= 0) return plan.latency_least;
    return {plan.latency_least.nanoseconds +
            static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(spread)))};
}

/// Its moment has come: the effect, the end, or that its memory is free.
void disk_core::happen(disk_request& r)
{
    if (r.where == disk_request::phase::releasing) {
        io_op& op = *r.op;
        retire(r);
        op.released(op);
        return;
    }
    if (r.where == disk_request::phase::applied) {
        finish(r, r.ending ? r.ending : r.outcome);
        return;
    }
    CIMREP_ASSERT(r.where == disk_request::phase::waiting);
    if (r.zombie()) {
        land(r);
        ++statistics.zombies_landed;
        return;
    }
    r.outcome = apply(r);
    if (r.ending) r.outcome = r.ending;
    // A read must not show that a flush has lost the cache before the host is told.
    const bool lost = r.kind == io_kind::flush && r.outcome;
    if (lost || !random.chance(plan.late_completion)) {
        finish(r, r.outcome);
        return;
    }
    r.where = disk_request::phase::applied;
    r.loop->schedule(r, r.loop->now() + latency());
}

void disk_core::finish(disk_request& r, error_code error)
{
    ++statistics.completed;
    acknowledged_sequence_ = std::max(acknowledged_sequence_, r.sequence);
    r.op->transferred_bytes = r.transferred;
    io_op& op = *r.op;
    simulated_loop& loop = *r.loop;
    const bool releases = op.stable_until_released && op.released != nullptr;
    op.releases_later = releases;
    answer(r, error);
    retire(r);
    if (releases) release_later(loop, op);
}

/// Reports the end of the op, which the request may outlive.
void disk_core::answer(disk_request& r, error_code error)
{
    r.loop->trace().add({trace_kind::completed, r.loop->now(), options.number,
                         static_cast<std::uint64_t>(r.kind), r.extent.offset_bytes,
                         r.extent.length_bytes, error});
    r.loop->disarm(r.deadline);
    r.loop->unschedule(r);
    r.op->scratch[0] = 0;
    --r.device->in_flight_;
    r.loop->complete(*r.op, error);
}

void disk_core::cancel(io_op& op)
{
    if (op.scratch[0] == 0) return;  // complete already, and on its way
    end_early(*reinterpret_cast<disk_request*>(op.scratch[0]),
              std::make_error_code(std::errc::operation_canceled), false);
}

void disk_core::end_early(disk_request& r, error_code error, bool certainly)
{
    const bool stuck = r.where == disk_request::phase::stuck;
    if (stuck && !options.cancel_stuck) {
        if (certainly) r.ending = error;
        return;
    }
    if (!certainly && r.where == disk_request::phase::applied) return;
    if (!certainly && !stuck && random.chance(0.5)) return;
    if (r.changes() && r.where != disk_request::phase::applied) {
        take_changed_memory(r);
        write_some(r, block_count(r), r.extent.offset_bytes, true);
    }
    finish(r, error);
}

std::size_t disk_core::release_stuck()
{
    std::size_t count = 0;
    for (disk_request* r : active_) {
        if (r->where != disk_request::phase::stuck) continue;
        r->where = disk_request::phase::waiting;
        r->loop->schedule(*r, r->loop->now());
        ++count;
    }
    return count;
}

std::size_t disk_core::count(disk_request::phase where) const noexcept
{
    return static_cast<std::size_t>(
        std::ranges::count_if(active_, [&](const disk_request* r) { return r->where == where; }));
}

std::size_t disk_core::zombies() const noexcept
{
    return static_cast<std::size_t>(
        std::ranges::count_if(active_, [](const disk_request* r) { return r->zombie(); }));
}

void disk_core::land_zombies()
{
    for (std::size_t i = active_.size(); i > 0; --i) {
        disk_request& r = *active_[i - 1];
        if (!r.zombie()) continue;
        if (r.loop != nullptr) r.loop->unschedule(r);
        land(r);
        ++statistics.zombies_landed;
    }
}

/// Ends all devices: their requests have no op any more, and are where they were.
void disk_core::end_devices(error_code error)
{
    // First those of earlier processes, which are zombies already.
    for (simulated_device* device : devices_) {
        device->alive_ = false;
        park_zombies(device->loop_);
    }
    std::vector<std::pair<simulated_loop*, io_op*>> released;
    for (disk_request* r : active_) {
        if (r->op == nullptr || r->where == disk_request::phase::releasing) continue;
        r->op->releases_later = r->op->stable_until_released && r->op->released != nullptr;
        if (r->op->releases_later) released.emplace_back(r->loop, r->op);
        answer(*r, error);
        r->op = nullptr;
        r->device = nullptr;
    }
    for (const auto& [loop, op] : released) release_later(*loop, *op);
}

/// Says, after op.done, that its memory is free again.
void disk_core::release_later(simulated_loop& loop, io_op& op)
{
    disk_request& r = take();
    r.where = disk_request::phase::releasing;
    r.loop = &loop;
    r.op = &op;
    // Not at this instant, at which `done` has not been called yet.
    loop.schedule(r, loop.now() + std::max(latency(), duration{1}));
}

void disk_core::trace_event_of_disk(std::uint64_t what)
{
    for (simulated_device* device : devices_) {
        simulated_loop& loop = device->loop_;
        loop.trace().add({trace_kind::device_event, loop.now(), options.number, what, 0, 0, {}});
        return;
    }
}

void disk_core::process_kill(const process_kill_options& options_of_kill)
{
    trace_event_of_disk(static_cast<std::uint64_t>(trace_kind::process_kill));
    end_devices(gone());
    for (std::size_t i = active_.size(); i > 0; --i)
        if (active_[i - 1]->zombie() && active_[i - 1]->where != disk_request::phase::parked)
            bury(*active_[i - 1], options_of_kill);
}

/// Decides what becomes of a request whose process is dead.
void disk_core::bury(disk_request& r, const process_kill_options& how)
{
    if (!r.changes() || r.where == disk_request::phase::applied) {
        done_unheard(r);
    } else if (random.chance(how.zombie_probability)) {
        r.where = disk_request::phase::parked;
        r.loop = nullptr;
        r.delay = {static_cast<std::int64_t>(
            random.below(static_cast<std::uint64_t>(how.zombie_delay_greatest.nanoseconds) + 1))};
        ++statistics.zombies_made;
    } else {
        if (random.chance(how.never_probability))
            retire(r);
        else
            land(r);
    }
}

/// The effect of a request whose process is dead.
void disk_core::land(disk_request& r)
{
    apply(r);
    done_unheard(r);
}

/// Nobody is told of its end. For the disk it is one like any other: the next flush covers it.
void disk_core::done_unheard(disk_request& r)
{
    acknowledged_sequence_ = std::max(acknowledged_sequence_, r.sequence);
    retire(r);
}

void disk_core::power_loss(const power_loss_options& how)
{
    trace_event_of_disk(static_cast<std::uint64_t>(trace_kind::power_loss));
    end_devices(gone());
    statistics.blocks_lost += medium.lose_power(how, random);
    for (std::size_t i = active_.size(); i > 0; --i) {
        disk_request& r = *active_[i - 1];
        if (!r.zombie()) continue;
        if (r.changes() && r.where != disk_request::phase::applied) tear(r, how);
        retire(r);
    }
    acknowledged_sequence_ = medium.sequence();
    write_back_failed_ = lost_early_ = false;
}

std::string disk_core::describe_waiting(const simulated_device& device) const
{
    std::string text;
    for (const disk_request* r : active_) {
        if (r->device != &device) continue;
        constexpr const char* names[] = {"read",         "write",   "flush",
                                         "write_zeroes", "discard", "compare_and_write"};
        text += fmt::format("{} {} at {} of {} bytes{}", text.empty() ? options.name + ":" : ",",
                            names[static_cast<std::size_t>(r->kind)], r->extent.offset_bytes,
                            r->extent.length_bytes,
                            r->where == disk_request::phase::stuck ? " (stuck)" : "");
        if (text.size() > 1000) return text + " ...";
    }
    return text;
}

}  // namespace cimrep::inline v0
