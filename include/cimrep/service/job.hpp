// service/job.hpp -- work that goes on after a method has answered: CIM_ConcreteJob.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/base/units.hpp>
#include <cimrep/cim/job_state.hpp>
#include <cimrep/cim/method.hpp>
#include <cimrep/cim/object_path.hpp>
#include <cimrep/cim/return_code.hpp>
#include <cimrep/cim/status.hpp>
#include <cimrep/service/cim_error.hpp>
#include <cimrep/service/instance.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cimrep::inline v0 {

/// An instant on both clocks: one for people, one that never jumps.
struct job_time {
    wall_time wall{};
    monotonic_time steady{};
};

/// An element that a job works on or has made.
///
/// Source:  CIM_AffectedJobElement, schema 2.49.0.
struct affected_job_element {
    object_path element;
    element_effect effect = element_effect::unknown;

    friend bool operator==(const affected_job_element&, const affected_job_element&) = default;
};

/// What the method that started a job answered in the end.
///
/// Source:  CIM_MethodResult, schema 2.49.0.
struct job_method_result {
    method_id method{};
    return_code code = return_code::job_started;  ///< 4096 until the job has ended
};

/// True for Completed, Terminated, Killed and Exception: a job never leaves these.
constexpr bool is_final(job_state state) noexcept
{
    return state == job_state::completed || state == job_state::terminated ||
           state == job_state::killed || state == job_state::exception;
}

/// How a job is made.
struct job_birth {
    std::string instance_id;  ///< "<OrgID>:<LocalID>", never used before
    object_path path;
    std::string name;
    method_id method{};
    std::vector<affected_job_element> affected;
    duration time_before_removal = seconds(300);
};

/// A job as another process can take it up again: what it is, without a clock that never jumps.
struct job_memory {
    job_birth birth;
    job_state state = job_state::running;
    std::uint16_t percent_complete = 0;
    bool delete_on_completion = true;
    wall_time submitted{};
    wall_time changed{};
    return_code code = return_code::job_started;
    std::optional<failure> error;
};

/// One job. Pure: it is told the time and what happened, and keeps the rules of the class.
///
/// Invariant:  percent_complete() never falls, and is 100 exactly in a final state.
/// Source:     CIM_Job, CIM_ConcreteJob, schema 2.49.0.
class CIMREP_API concrete_job {
public:
    /// In Running: this library submits and starts at once.
    concrete_job(job_birth birth, job_time now);
    /// As it was: the time that has passed since is taken from the clock for people.
    concrete_job(job_memory memory, job_time now);

    job_memory memory() const;
    const object_path& path() const noexcept { return birth_.path; }
    const std::string& instance_id() const noexcept { return birth_.instance_id; }
    const std::string& name() const noexcept { return birth_.name; }
    job_state state() const noexcept { return state_; }
    bool finished() const noexcept { return is_final(state_); }
    std::uint16_t percent_complete() const noexcept { return percent_complete_; }
    wall_time time_submitted() const noexcept { return submitted_.wall; }
    wall_time start_time() const noexcept { return submitted_.wall; }
    wall_time time_of_last_state_change() const noexcept { return changed_.wall; }
    /// Since the start; once finished, what it took.
    duration elapsed_time(monotonic_time now) const noexcept;
    duration time_before_removal() const noexcept { return birth_.time_before_removal; }
    bool delete_on_completion() const noexcept { return delete_on_completion_; }
    const std::vector<affected_job_element>& affected() const noexcept { return birth_.affected; }
    job_method_result method_result() const noexcept { return {birth_.method, code_}; }
    /// Why it did not complete; none for a job that runs or has completed.
    const std::optional<failure>& error() const noexcept { return error_; }

    /// {2} while running, {2, 17} when done, {6, 17} when failed.
    std::vector<operational_status> operational_statuses() const;
    /// 0 when fine; else the return code that the method would have had.
    std::uint16_t error_code() const noexcept;
    /// One CIM_Error for a job that failed or was stopped; none otherwise.
    std::vector<cim_error> get_errors() const;
    /// When the service may remove it, or never while it runs or DeleteOnCompletion is false.
    std::optional<monotonic_time> removal_due() const noexcept;

    /// Raises percent_complete to `percent`, at most to 99; a smaller value is ignored.
    void progress(std::uint16_t percent) noexcept;
    void suspend(job_time now) noexcept;
    void resume(job_time now) noexcept;
    void shut_down(job_time now) noexcept;
    void complete(job_time now) noexcept;
    void fail(failure why, job_time now);
    void terminate(failure why, job_time now);
    void kill(failure why, job_time now);
    void affect(affected_job_element element) { birth_.affected.push_back(std::move(element)); }

    void set_delete_on_completion(bool wanted) noexcept { delete_on_completion_ = wanted; }
    void set_time_before_removal(duration wanted) noexcept { birth_.time_before_removal = wanted; }

    /// Whether a client may ask for `wanted` now.
    ///
    /// @errors  errc::invalid_state_transition naming the state and what is legal;
    ///          errc::not_supported for Service and vendors' values; errc::unknown_value.
    outcome<> check_request(requested_job_state wanted) const;

private:
    void enter(job_state next, job_time now) noexcept;
    void end(job_state last, std::optional<failure> why, job_time now);

    job_birth birth_;
    job_state state_ = job_state::running;
    std::uint16_t percent_complete_ = 0;
    bool delete_on_completion_ = true;
    job_time submitted_;
    job_time changed_;
    return_code code_ = return_code::job_started;
    std::optional<failure> error_;
};

/// An instance of CIM_ConcreteJob.
///
/// Allocates:  the instance.
CIMREP_API instance instance_of(const concrete_job& job, monotonic_time now);

}  // namespace cimrep::inline v0
