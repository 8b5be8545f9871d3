// service/job_run.hpp -- a client's request to a job.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/operation.hpp>
#include <cimrep/service/job_methods.hpp>

#include "method_run.hpp"

namespace cimrep::inline v0 {

/// RequestStateChange: carried to the relationships that the job waits for, one after the other.
class job_run final : public method_run {
public:
    job_run(service_core& core, method_op<request_state_change>& op) noexcept
        : method_run(core, request_state_change::id, op), op_(op)
    {
    }
    void begin();

private:
    std::optional<failure> check() const;
    bool kills() const noexcept { return *op_.in.requested_state == requested_job_state::kill; }
    outcome<> ask(relationship& which);
    /// Asks on from next_; true at the end of the list.
    bool ask_rest();
    void missed(failure why);
    /// What to answer; `recorded` tells how the job's record fared.
    std::optional<failure> verdict(error_code recorded);
    void settled(std::optional<failure> error) override;

    method_op<request_state_change>& op_;
    std::vector<object_path> paths_;
    std::size_t next_ = 0;
    bool stopped_ = false;  ///< a relationship has done what it was asked for
    std::optional<failure> first_error_;
};

}  // namespace cimrep::inline v0
