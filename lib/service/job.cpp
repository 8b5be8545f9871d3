// service/job.cpp -- the rules of a job's life.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/assert.hpp>
#include <cimrep/base/mutant.hpp>
#include <cimrep/service/datetime.hpp>
#include <cimrep/service/job.hpp>
#include <cimrep/service/return_code_of.hpp>

#include <algorithm>

namespace cimrep::inline v0 {

concrete_job::concrete_job(job_birth birth, job_time now)
    : birth_(std::move(birth)), submitted_(now), changed_(now)
{
    CIMREP_ASSERT(birth_.instance_id.find(':') != std::string::npos);
}

concrete_job::concrete_job(job_memory memory, job_time now)
    : birth_(std::move(memory.birth)),
      state_(memory.state),
      percent_complete_(memory.percent_complete),
      delete_on_completion_(memory.delete_on_completion),
      code_(memory.code),
      error_(std::move(memory.error))
{
    CIMREP_ASSERT(birth_.instance_id.find(':') != std::string::npos);
    const auto at = [&](wall_time then) {
        const std::int64_t ago = std::max<std::int64_t>(now.wall.nanoseconds - then.nanoseconds, 0);
        return job_time{then, monotonic_time{now.steady.nanoseconds - ago}};
    };
    submitted_ = at(memory.submitted);
    changed_ = at(memory.changed);
}

job_memory concrete_job::memory() const
{
    return {
        birth_, state_, percent_complete_, delete_on_completion_, submitted_.wall, changed_.wall,
        code_,  error_};
}

duration concrete_job::elapsed_time(monotonic_time now) const noexcept
{
    return (finished() ? changed_.steady : now) - submitted_.steady;
}

std::vector<operational_status> concrete_job::operational_statuses() const
{
    using enum operational_status;
    if (state_ == job_state::completed) return {ok, completed};
    if (finished()) return {operational_status::error, completed};
    return {ok};
}

std::uint16_t concrete_job::error_code() const noexcept
{
    return error_.has_value() ? static_cast<std::uint16_t>(to_number(code_)) : std::uint16_t{0};
}

std::vector<cim_error> concrete_job::get_errors() const
{
    if (!error_.has_value()) return {};
    return {to_cim_error(*error_)};
}

std::optional<monotonic_time> concrete_job::removal_due() const noexcept
{
    if (!finished() || !delete_on_completion_) return std::nullopt;
    return changed_.steady + birth_.time_before_removal;
}

void concrete_job::progress(std::uint16_t percent) noexcept
{
    // Clients take 100 for the end, so a running job never says it.
    const auto shown = std::min<std::uint16_t>(percent, 99);
    if (finished()) return;
    if (shown > percent_complete_ || CIMREP_MUTANT(job_percentage_falls)) percent_complete_ = shown;
}

void concrete_job::enter(job_state next, job_time now) noexcept
{
    if (finished() || next == state_) return;
    state_ = next;
    changed_ = now;
}

void concrete_job::end(job_state last, std::optional<failure> why, job_time now)
{
    CIMREP_ASSERT(is_final(last));
    if (finished()) return;
    enter(last, now);
    percent_complete_ = 100;
    code_ = why.has_value() ? return_code_of(birth_.method, why->code) : return_code::completed;
    error_ = std::move(why);
}

void concrete_job::suspend(job_time now) noexcept
{
    enter(job_state::suspended, now);
}
void concrete_job::resume(job_time now) noexcept
{
    enter(job_state::running, now);
}
void concrete_job::shut_down(job_time now) noexcept
{
    enter(job_state::shutting_down, now);
}
void concrete_job::complete(job_time now) noexcept
{
    end(job_state::completed, {}, now);
}
void concrete_job::fail(failure why, job_time now)
{
    end(job_state::exception, std::move(why), now);
}
void concrete_job::terminate(failure why, job_time now)
{
    end(job_state::terminated, std::move(why), now);
}
void concrete_job::kill(failure why, job_time now)
{
    end(job_state::killed, std::move(why), now);
}

outcome<> concrete_job::check_request(requested_job_state wanted) const
{
    const auto asked = std::string{to_name(wanted)};
    const auto illegal = [&](const char* legal) {
        return cimrep::fail(errc::invalid_state_transition,
                            "job " + birth_.instance_id + " is " + std::string{to_name(state_)} +
                                " and was asked to " + asked,
                            legal);
    };
    if (finished())
        return illegal("a finished job takes no request; read its errors, or delete it");
    switch (wanted) {
    case requested_job_state::start:
        if (state_ == job_state::suspended) return success();
        return illegal("only a Suspended job can Start; Suspend, Terminate and Kill are legal");
    case requested_job_state::suspend:
        if (state_ == job_state::running) return success();
        return illegal("only a Running job can Suspend");
    case requested_job_state::terminate:
        if (state_ == job_state::running || state_ == job_state::suspended) return success();
        return illegal("wait until it has ended, or Kill it");
    case requested_job_state::kill: return success();
    case requested_job_state::service: break;
    }
    const auto number = std::to_string(to_number(wanted));
    if (classify<requested_job_state>(to_number(wanted)) == value_kind::reserved) {
        return cimrep::fail(errc::unknown_value, "parameter RequestedState is " + number,
                            "give 2 Start, 3 Suspend, 4 Terminate or 5 Kill");
    }
    return cimrep::fail(errc::not_supported, "parameter RequestedState is " + number,
                        "give 2 Start, 3 Suspend, 4 Terminate or 5 Kill");
}

instance instance_of(const concrete_job& job, monotonic_time now)
{
    instance it{job.path(), {}};
    const auto add = [&it](std::string_view name, property_value value,
                           std::string_view meaning = {}) {
        it.properties.push_back({name, std::move(value), meaning});
    };
    std::vector<std::uint64_t> statuses;
    for (const auto each : job.operational_statuses()) statuses.push_back(to_number(each));
    add("InstanceID", job.instance_id());
    add("Name", job.name());
    add("OperationalStatus", statuses);
    add("JobState", std::uint64_t{to_number(job.state())}, to_name(job.state()));
    add("PercentComplete", std::uint64_t{job.percent_complete()});
    add("TimeSubmitted", to_datetime(job.time_submitted()));
    add("StartTime", to_datetime(job.start_time()));
    add("ElapsedTime", to_interval(job.elapsed_time(now)));
    add("TimeOfLastStateChange", to_datetime(job.time_of_last_state_change()));
    add("TimeBeforeRemoval", to_interval(job.time_before_removal()));
    add("DeleteOnCompletion", job.delete_on_completion());
    add("ErrorCode", std::uint64_t{job.error_code()});
    if (job.error().has_value()) add("ErrorDescription", job.error()->sentence());
    return it;
}

}  // namespace cimrep::inline v0
