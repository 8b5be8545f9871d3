// lib/runtime/handles.cpp -- what products hold: thin doors to the parts.
// SPDX-License-Identifier: BSL-1.0
#include "../base/out_of_memory.hpp"
#include "shard_core.hpp"

namespace cimrep::inline v0 {

volume::volume(std::unique_ptr<implementation> parts) noexcept : parts_(std::move(parts)) {}
volume::~volume() = default;

block_device& volume::front() noexcept
{
    return parts_->core;
}
const object_path& volume::element() const noexcept
{
    return parts_->core.element_;
}
volume_statistics volume::statistics() const
{
    return parts_->core.statistics();
}

std::vector<leg_info> volume::legs() const
{
    std::vector<leg_info> all;
    for (const auto& each : parts_->core.legs_) {
        if (!each) continue;
        leg_statistics counters = each->counters;
        counters.different_bytes = each->map.different().marked_bytes();
        counters.outstanding = each->outstanding();
        counters.stuck = each->stuck;
        all.push_back({each->element, each->role, each->failed_with, counters, each->remark});
    }
    return all;
}

void volume::accept_after_failed_flush() noexcept
{
    parts_->core.read_only_ = false;
}
bool volume::read_only() const noexcept
{
    return parts_->core.read_only_;
}

relationship::relationship(std::unique_ptr<implementation> parts) noexcept
    : parts_(std::move(parts))
{
}
relationship::~relationship() = default;

const object_path& relationship::path() const noexcept
{
    return parts_->instance_.path;
}
relationship_info relationship::info() const
{
    return parts_->info();
}
const relationship_state& relationship::state() const noexcept
{
    return parts_->shown_;
}

outcome<> relationship::request(operation what, bool force, control_op& op)
{
    return within_memory([&] { return parts_->request(what, force, op); });
}
outcome<copy_plan> relationship::dry_run(operation what) const
{
    return within_memory([&] { return parts_->dry_run(what); });
}
void relationship::hold_copy(bool held) noexcept
{
    parts_->target_->copy_held = held;
    parts_->volume_->pump_copies();
}
outcome<> relationship::verify(verify_op& op)
{
    return within_memory([&] { return parts_->verify(op); });
}

}  // namespace cimrep::inline v0
