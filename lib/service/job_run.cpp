// service/job_run.cpp -- RequestStateChange of a job.
// SPDX-License-Identifier: BSL-1.0
#include "job_run.hpp"

#include <cimrep/cim/return_code_tables.hpp>

#include "../base/out_of_memory.hpp"
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
    if (kills()) core().jobs().kill(kept);
    if (*op_.in.requested_state == requested_job_state::terminate &&
        kept.job.state() == job_state::suspended) {
        // Its copies have been stopped already; there is nothing left to abort.
        core().jobs().terminate(kept);
        return core().jobs().when_recorded(
            *op_.in.job, [this](error_code recorded) { answer_later(verdict(recorded)); });
    }
    if (ask_rest())
        core().jobs().when_recorded(
            *op_.in.job, [this](error_code recorded) { answer_later(verdict(recorded)); });
}

outcome<> job_run::ask(relationship& which)
{
    const auto what = operation_for(*op_.in.requested_state);
    CIMREP_TRY(admit(which, what, kills()));
    return which.request(what, kills(), control());
}

bool job_run::ask_rest()
{
    const bool aborts = operation_for(*op_.in.requested_state) == operation::abort;
    while (next_ < paths_.size()) {
        auto* which = core().over().find(paths_[next_++]);
        if (which == nullptr) continue;
        auto asked = within_memory([&] { return ask(*which); });
        if (asked.has_value()) {
            auto* kept = core().jobs().find(*op_.in.job);
            if (kept != nullptr && aborts) core().jobs().begin_termination(*kept);
            return false;
        }
        missed(std::move(asked).error());
    }
    return true;
}

void job_run::missed(failure why)
{
    if (first_error_.has_value()) return;
    if (!kills()) {
        first_error_ = std::move(why);
        return;
    }
    // Kill has ended the job already: what cannot be aborted goes on without it.
    if (!ran_out(why.code)) return;
    first_error_ = in_words(why.code, [&] {
        return fail(
            why.code,
            "the job is killed, and there was no memory to abort " + to_text(paths_[next_ - 1]),
            "abort it with ModifyReplicaSynchronization, or let its copy go on");
    });
}

void job_run::settled(std::optional<failure> error)
{
    stopped_ = stopped_ || !error.has_value();
    if (error.has_value()) missed(*std::move(error));
    if (!ask_rest()) return;
    auto* kept = core().jobs().find(*op_.in.job);
    const bool terminates = *op_.in.requested_state == requested_job_state::terminate;
    if (terminates && !stopped_ && kept != nullptr)
        core().jobs().take_termination_back(*kept, std::move(paths_));
    core().jobs().when_recorded(*op_.in.job, [this](error_code recorded) {
        if (auto why = verdict(recorded)) return end(*std::move(why));
        end(return_code::completed);
    });
}

std::optional<failure> job_run::verdict(error_code recorded)
{
    if (first_error_.has_value() || !ran_out(recorded)) return std::move(first_error_);
    return carried_out();
}

}  // namespace cimrep::inline v0
