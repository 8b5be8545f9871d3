// lib/testing/simulated_disk.cpp -- the disk as its users see it.
// SPDX-License-Identifier: BSL-1.0
#include "disk_core.hpp"
#include <utility>

namespace cimrep::inline v0 {

simulated_disk::simulated_disk(const simulated_disk_options& options)
    : core_(std::make_unique<disk_core>(options))
{
}

simulated_disk::~simulated_disk() = default;

const std::string& simulated_disk::name() const noexcept
{
    return core_->options.name;
}
const std::string& simulated_disk::identity() const noexcept
{
    return core_->options.identity;
}
std::uint64_t simulated_disk::size_bytes() const noexcept
{
    return core_->medium.current().size_bytes();
}

result<std::unique_ptr<simulated_device>> simulated_disk::open(simulated_loop& loop)
{
    if (!core_->present) return std::make_error_code(std::errc::no_such_device);
    return core_->open(loop);
}

void simulated_disk::use(const fault_plan& plan)
{
    core_->use(plan);
}
const fault_plan& simulated_disk::plan() const noexcept
{
    return core_->plan;
}
void simulated_disk::add(const disk_fault_rule& rule)
{
    // Its first read can only be stale if what was overwritten before is still known.
    if (rule.fault == disk_fault::stale_read) core_->medium.keep_previous();
    core_->add_rule(rule);
}
void simulated_disk::forget_faults()
{
    core_->forget_faults();
}
std::size_t simulated_disk::release_stuck()
{
    return core_->release_stuck();
}
std::size_t simulated_disk::stuck() const noexcept
{
    return core_->count(disk_request::phase::stuck);
}
bool simulated_disk::has_untold_loss() const noexcept
{
    return core_->has_untold_loss();
}

void simulated_disk::make_unreadable(std::uint64_t block)
{
    CIMREP_ASSERT(block < core_->medium.block_count());
    core_->medium.make_unreadable(block);
}
bool simulated_disk::is_unreadable(std::uint64_t block) const
{
    return core_->medium.is_unreadable(block);
}
void simulated_disk::rot(std::uint64_t offset_bytes, unsigned bit)
{
    core_->medium.flip_bit(offset_bytes, bit);
}
void simulated_disk::scribble(std::uint64_t offset_bytes, std::span<const std::byte> content)
{
    core_->medium.scribble(offset_bytes, content);
}

void simulated_disk::power_loss(const power_loss_options& options)
{
    core_->power_loss(options);
}
void simulated_disk::process_kill(const process_kill_options& options)
{
    core_->process_kill(options);
}
void simulated_disk::vanish(const power_loss_options& options)
{
    core_->power_loss(options);
    core_->present = false;
}
void simulated_disk::come_back()
{
    core_->present = true;
}
bool simulated_disk::present() const noexcept
{
    return core_->present;
}
void simulated_disk::come_back_as(const sparse_image& image)
{
    core_->power_loss({});
    core_->medium.replace(image);
    core_->present = true;
}
void simulated_disk::come_back_blank(const std::string& identity)
{
    come_back_as(sparse_image(size_bytes(), core_->options.logical_block_bytes));
    core_->options.identity = identity;
}
void simulated_disk::resize(std::uint64_t size_bytes)
{
    core_->power_loss({.survival = cache_survival::all});
    core_->medium.resize(size_bytes);
}

void swap_media(simulated_disk& a, simulated_disk& b)
{
    CIMREP_ASSERT(a.core_->options.logical_block_bytes == b.core_->options.logical_block_bytes);
    a.core_->power_loss({});
    b.core_->power_loss({});
    std::swap(a.core_->medium, b.core_->medium);
    std::swap(a.core_->options.identity, b.core_->options.identity);
    a.core_->medium_changed();
    b.core_->medium_changed();
}

sparse_image simulated_disk::image() const
{
    return core_->medium.current();
}
sparse_image simulated_disk::durable_image() const
{
    return core_->medium.durable();
}
std::size_t simulated_disk::cached_blocks() const noexcept
{
    return core_->medium.cached();
}
std::size_t simulated_disk::in_flight() const noexcept
{
    return core_->count(disk_request::phase::waiting) + core_->count(disk_request::phase::stuck) +
           core_->count(disk_request::phase::applied) + core_->count(disk_request::phase::parked);
}
std::size_t simulated_disk::zombies() const noexcept
{
    return core_->zombies();
}
void simulated_disk::land_zombies()
{
    core_->land_zombies();
}
const disk_statistics& simulated_disk::statistics() const noexcept
{
    return core_->statistics;
}
const std::vector<std::string>& simulated_disk::violations() const noexcept
{
    return core_->violations;
}

simulated_device::simulated_device(disk_core& core, simulated_loop& loop)
    : core_(core), loop_(loop), shape_(core.shape())
{
    loop_.enter(*this);
}

simulated_device::~simulated_device()
{
    CIMREP_ASSERT(in_flight_ == 0);
    loop_.leave(*this);
    core_.closed(*this);
}

void simulated_device::submit(io_op& op) noexcept
{
    core_.submit(*this, op);
}

void simulated_device::cancel(io_op& op) noexcept
{
    CIMREP_ASSERT(op.device == this);
    core_.cancel(op);
}

result<> simulated_device::data_extents(const std::function<void(byte_extent)>& report) const
{
    if (!alive_) return std::make_error_code(std::errc::no_such_device);
    core_.medium.current().data_extents(report);
    return success();
}

std::string simulated_device::describe_waiting() const
{
    return core_.describe_waiting(*this);
}

}  // namespace cimrep::inline v0
