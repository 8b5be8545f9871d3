// service/job_run.cpp -- RequestStateChange of a job.
// SPDX-License-Identifier: BSL-1.0
#include "job_run.hpp"

#include <cimrep/cim/return_code_tables.hpp>

#include "modification.hpp"
#include "service_core.hpp"

namespace cimrep::inline v0 {

namespace {

// What a request to a job is to its relationships.
operation operation_for(requested_job_state wanted) noexcept
{
    switch (wanted) {
    case requested_job_state::start: return operation::resume;
    case requested_job_state::suspend: return operation::suspend;
    case requested_job_state::terminate:
    case requested_job_state::kill:
    case requested_job_state::service: break;
    }
    return operation::abort;
}

}  // namespace

std::optional<failure> job_run::check() const
{
    const auto& in = op_.in;
    parameter_check check;
    check.required("Job", in.job).required_value("RequestedState", in.requested_state);
    if (check.refused()) return check.verdict();
    const auto* kept = core().jobs().find(*in.job);
    if (kept == nullptr) {
        return fail(errc::stale_reference, "parameter Job is " + to_text(*in.job),
                    "list the jobs and give the path of one of them");
    }
    auto legal = kept->job.check_request(*in.requested_state);
    if (legal.has_error()) return std::move(legal).error();
    return std::nullopt;
}

void job_run::begin()
{
    if (auto refused = check()) return answer_later(std::move(refused));
    if (op_.in.timeout_period.has_value()) {
        return answer_later(
            method_code::use_of_timeout_parameter_not_supported,
            fail(errc::not_supported, "parameter TimeoutPeriod is given", "leave it out"));
    }
    auto& kept = *core().jobs().find(*op_.in.job);
    paths_ = kept.waiting;
    if (*op_.in.requested_state == requested_job_state::kill) core().jobs().kill(kept);
    if (*op_.in.requested_state == requested_job_state::terminate &&
        kept.job.state() == job_state::suspended) {
        // Its copies have been stopped already; there is nothing left to abort.
        core().jobs().terminate(kept);
        return core().jobs().when_recorded(*op_.in.job, [this](error_code) { answer_later(); });
    }
    if (ask_rest())
        core().jobs().when_recorded(*op_.in.job,
                                    [this](error_code) { answer_later(std::move(first_error_)); });
}

bool job_run::ask_rest()
{
    const bool kills = *op_.in.requested_state == requested_job_state::kill;
    const auto what = operation_for(*op_.in.requested_state);
    while (next_ < paths_.size()) {
        auto* which = core().over().find(paths_[next_++]);
        if (which == nullptr) continue;
        auto asked = admit(*which, what, kills);
        if (asked.has_value()) asked = which->request(what, kills, control());
        if (asked.has_value()) {
            auto* kept = core().jobs().find(*op_.in.job);
            if (kept != nullptr && what == operation::abort) core().jobs().begin_termination(*kept);
            return false;
        }
        // Kill has ended the job already: what cannot be aborted goes on without it.
        if (!kills && !first_error_.has_value()) first_error_ = std::move(asked).error();
    }
    return true;
}

void job_run::settled(std::optional<failure> error)
{
    const bool kills = *op_.in.requested_state == requested_job_state::kill;
    if (error.has_value() && !kills && !first_error_.has_value()) first_error_ = std::move(error);
    if (!ask_rest()) return;
    core().jobs().when_recorded(*op_.in.job, [this](error_code) {
        if (first_error_.has_value()) return end(*std::move(first_error_));
        end(return_code::completed);
    });
}

}  // namespace cimrep::inline v0
