// cim/job_state.hpp -- the life of a job: CIM_ConcreteJob.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// Where a job is in its life.
///
/// Source:  CIM_ConcreteJob.JobState, schema 2.49.0.
enum class job_state : std::uint16_t {
    new_ = 2,
    starting = 3,
    running = 4,
    suspended = 5,
    shutting_down = 6,
    completed = 7,
    terminated = 8,
    killed = 9,
    exception = 10,
    service = 11,
    query_pending = 12,
};

/// The exact names of `job_state`, in order.
// clang-format off
inline constexpr auto job_state_names = std::to_array<value_name<job_state>>({
    {job_state::new_, "New"},
    {job_state::starting, "Starting"},
    {job_state::running, "Running"},
    {job_state::suspended, "Suspended"},
    {job_state::shutting_down, "Shutting Down"},
    {job_state::completed, "Completed"},
    {job_state::terminated, "Terminated"},
    {job_state::killed, "Killed"},
    {job_state::exception, "Exception"},
    {job_state::service, "Service"},
    {job_state::query_pending, "Query Pending"},
});
// clang-format on

template <>
inline constexpr value_map<job_state> value_map_of<job_state>{job_state_names,
                                                              vendor_reserved_from_0x8000};
static_assert(in_order(value_map_of<job_state>));

/// What a client can ask of a job.
///
/// Source:  CIM_ConcreteJob.RequestStateChange.RequestedState, schema 2.49.0.
enum class requested_job_state : std::uint16_t {
    start = 2,
    suspend = 3,
    terminate = 4,
    kill = 5,
    service = 6,
};

/// The exact names of `requested_job_state`, in order.
// clang-format off
inline constexpr auto requested_job_state_names = std::to_array<value_name<requested_job_state>>({
    {requested_job_state::start, "Start"},
    {requested_job_state::suspend, "Suspend"},
    {requested_job_state::terminate, "Terminate"},
    {requested_job_state::kill, "Kill"},
    {requested_job_state::service, "Service"},
});
// clang-format on

template <>
inline constexpr value_map<requested_job_state> value_map_of<requested_job_state>{
    requested_job_state_names, vendor_reserved_from_0x8000};
static_assert(in_order(value_map_of<requested_job_state>));

}  // namespace cimrep::inline v0
