// service/method_run.cpp -- how a method ends: at once, later, or in a job.
// SPDX-License-Identifier: BSL-1.0
#include "method_run.hpp"

#include <cimrep/base/assert.hpp>
#include <cimrep/service/return_code_of.hpp>

#include "../base/out_of_memory.hpp"
#include "service_core.hpp"

namespace cimrep::inline v0 {

method_run::method_run(service_core& core, method_id method, method_call& call) noexcept
    : core_(core), method_(method), call_(call)
{
    static_cast<method_answer&>(call_) = {};
    control_.owner = this;
    control_.done = [](control_op& op) noexcept {
        auto error = std::move(op.error);
        method_run& self = *static_cast<owned_control&>(op).owner;
        self.end_at_least([&] { self.settled(std::move(error)); });
    };
    later_.owner = this;
    later_.run = [](loop_task& task) noexcept {
        auto& self = *static_cast<owned_task&>(task).owner;
        self.end(self.code_, std::move(self.why_));
    };
}

void method_run::answer_later(std::optional<failure> why)
{
    code_ = why.has_value() ? return_code_of(method_, why->code) : return_code::completed;
    why_ = std::move(why);
    core_.loop().defer(later_);
}

void method_run::answer_later(return_code code, failure why)
{
    code_ = code;
    why_ = std::move(why);
    core_.loop().defer(later_);
}

control_op& method_run::control() noexcept
{
    control_.error.reset();
    return control_;
}

void method_run::settled(std::optional<failure> error)
{
    if (error.has_value()) return end(*std::move(error));
    end(return_code::completed);
}

void method_run::end(return_code code, std::optional<failure> why)
{
    CIMREP_ASSERT(succeeded(code) != why.has_value());
    call_.return_code = code;
    call_.error = std::move(why);
    core_.finish(*this, call_);
}

void method_run::end(failure why)
{
    const auto code = return_code_of(method_, why.code);
    end(code, std::move(why));
}

void method_run::conclude(const std::vector<object_path>& paths, std::optional<copy_state> wanted,
                          std::vector<affected_job_element> affected)
{
    if (!wanted.has_value()) return end(return_code::completed);
    std::vector<object_path> waiting;
    for (const auto& path : paths) {
        auto found = find_relationship(core_, "Synchronization", path);
        if (found.has_error()) return end(std::move(found).error());
        const auto& state = found.value()->state();
        const auto ahead = look_ahead(state, *wanted);
        if (ahead == outlook::out_of_reach) return end(out_of_reach(path, state, *wanted));
        if (ahead != outlook::reached) waiting.push_back(path);
    }
    if (waiting.empty()) return end(return_code::completed);
    job_birth birth;
    birth.instance_id = core_.mint();
    birth.path = core_.make_path("ConcreteJob", {{"InstanceID", birth.instance_id}});
    birth.name = std::string{to_name(method_)};
    birth.method = method_;
    birth.affected = std::move(affected);
    birth.time_before_removal = core_.options().job_time_before_removal;
    const auto path = birth.path;
    core_.jobs().add(std::move(birth), core_.last_minted(), *wanted, std::move(waiting),
                     [this, path](error_code error) { job_recorded(path, error); });
}

// Whoever is told of a job finds it after a crash.
void method_run::job_recorded(const object_path& path, error_code error)
{
    end_at_least([&] {
        if (error)
            return end(fail(error, "the job " + to_text(path) + " could not be recorded",
                            "what it would have waited for goes on: look at the relationships"));
        call_.job = path;
        end(return_code::job_started);
    });
}

// What has been carried out stays so: the answer alone has no room.
void method_run::carried_out_without_answer() noexcept
{
    call_.job.reset();
    end(carried_out());
}

failure method_run::carried_out() noexcept
{
    try {
        return fail(no_memory(), "it is carried out, and there is no memory for its whole answer",
                    "look at the relationships before it is asked for again");
    } catch (const std::bad_alloc&) {
        // As short as out_of_memory().
        return {no_memory(), "is carried out", "look at it"};
    }
}

}  // namespace cimrep::inline v0
