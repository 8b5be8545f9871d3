// service/method_run.hpp -- a method while it runs.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/event_loop.hpp>
#include <cimrep/runtime/control_op.hpp>
#include <cimrep/runtime/relationship.hpp>
#include <cimrep/service/job.hpp>
#include <cimrep/service/method_op.hpp>

#include <new>
#include <optional>
#include <vector>

namespace cimrep::inline v0 {

class service_core;

/// One running call. The service owns it, from start() until it has answered.
///
/// Whatever ends it (`end`, `conclude`) destroys it: return at once.
class method_run {
public:
    method_run(service_core& core, method_id method, method_call& call) noexcept;
    virtual ~method_run() = default;
    method_run(const method_run&) = delete;
    method_run& operator=(const method_run&) = delete;

    /// Answers in a later turn: nothing but failures and listings is known inside start().
    void answer_later(std::optional<failure> why = {});
    void answer_later(return_code code, failure why);

protected:
    service_core& core() const noexcept { return core_; }
    method_id method() const noexcept { return method_; }

    /// The record with which to ask the runtime; its end calls settled().
    control_op& control() noexcept;
    /// What control() was given to has ended. From the loop. Where memory runs out in there
    /// nothing may be under way any more: the call ends with that.
    virtual void settled(std::optional<failure> error);
    /// Runs `work`, which ends this; if there is no memory for that, ends it with this as error.
    template <class Work>
    void end_at_least(Work&& work) noexcept
    {
        try {
            work();
        } catch (const std::bad_alloc&) {
            carried_out_without_answer();
        }
    }

    /// Memory ran out after all that was asked for had been done.
    static failure carried_out() noexcept;

    void end(return_code code, std::optional<failure> why = {});
    void end(failure why);
    /// Done if all have reached `wanted`, or nothing is wanted; else a job goes on.
    void conclude(const std::vector<object_path>& paths, std::optional<copy_state> wanted,
                  std::vector<affected_job_element> affected);

private:
    void job_recorded(const object_path& path, error_code error);
    void carried_out_without_answer() noexcept;

    struct owned_control : control_op {
        method_run* owner = nullptr;
    };
    struct owned_task : loop_task {
        method_run* owner = nullptr;
    };

    service_core& core_;
    method_id method_;
    method_call& call_;
    owned_control control_;
    owned_task later_;
    return_code code_ = return_code::completed;
    std::optional<failure> why_;
};

}  // namespace cimrep::inline v0
