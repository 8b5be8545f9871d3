// lib/testing/simulated_machine.cpp -- one power supply, one process at a time.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/testing/simulated_machine.hpp>

#include "disk_core.hpp"
#include <utility>

namespace cimrep::inline v0 {

namespace {

std::unique_ptr<simulated_loop> loop_of(const simulated_machine_options& options,
                                        std::uint64_t process)
{
    simulated_loop_options wanted = options.loop;
    wanted.seed = seed_of_part(options.seed, 1000 + process);
    return std::make_unique<simulated_loop>(wanted);
}

}  // namespace

simulated_machine::simulated_machine(const simulated_machine_options& options)
    : options_(options), loop_(loop_of(options, 0))
{
}

simulated_machine::~simulated_machine() = default;

simulated_disk& simulated_machine::add(simulated_disk_options options)
{
    options.number = disks_.size();
    options.seed = seed_of_part(options_.seed, options.number);
    disks_.push_back(std::make_unique<simulated_disk>(options));
    disk_core& core = *disks_.back()->core_;
    core.before_io = &simulated_machine::before_io;
    core.before_io_context = this;
    return *disks_.back();
}

void simulated_machine::use(const fault_plan& plan)
{
    for (const auto& disk : disks_) disk->use(plan);
}

void simulated_machine::crash_at(std::uint64_t nth, crash_kind kind) noexcept
{
    CIMREP_ASSERT(nth > 0);
    crash_at_ = io_count_ + nth;
    crash_kind_ = kind;
}

void simulated_machine::before_io(void* machine) noexcept
{
    auto& self = *static_cast<simulated_machine*>(machine);
    if (++self.io_count_ == self.crash_at_) self.crash(self.crash_kind_);
}

void simulated_machine::crash(crash_kind kind)
{
    crash_at_ = 0;
    crashed_ = true;
    crash_time_ = loop_->now();
    loop_->trace().add(
        {.kind = kind == crash_kind::power_loss ? trace_kind::power_loss : trace_kind::process_kill,
         .time = crash_time_,
         .what = io_count_});
    for (const auto& disk : disks_) {
        if (!disk->present()) continue;
        if (kind == crash_kind::power_loss)
            disk->power_loss(disk->plan().power_loss);
        else
            disk->process_kill(disk->plan().process_kill);
    }
    loop_->halt();
}

simulated_loop& simulated_machine::restart()
{
    // Taking the dead process apart took time that nobody else has seen pass.
    const monotonic_time start = crashed_ ? crash_time_ : loop_->now();
    const duration wall_gap = {loop_->wall_now().nanoseconds - loop_->now().nanoseconds};
    const simulation_trace trace = loop_->trace();
    options_.loop.start = start;
    options_.loop.wall_start = {start.nanoseconds + wall_gap.nanoseconds};
    loop_ = loop_of(options_, ++processes_);
    loop_->trace() = trace;
    crashed_ = false;
    return *loop_;
}

}  // namespace cimrep::inline v0
