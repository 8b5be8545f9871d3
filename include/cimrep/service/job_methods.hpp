// service/job_methods.hpp -- what a client can ask of a job.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/units.hpp>
#include <cimrep/cim/job_state.hpp>
#include <cimrep/cim/method.hpp>
#include <cimrep/cim/object_path.hpp>
#include <cimrep/service/cim_error.hpp>

#include <optional>
#include <vector>

namespace cimrep::inline v0 {

/// Suspends, goes on with, or ends a job; the copy behind it follows.
///
/// Suspend and Start are Suspend and Resume of the relationships. Terminate aborts their copies and
/// ends the job once they are Aborted. Kill ends the job at once and aborts what can be aborted.
///
/// Source:  CIM_ConcreteJob.RequestStateChange, schema 2.49.0.
struct request_state_change {
    static constexpr method_id id = method_id::request_state_change;
    struct inputs {
        std::optional<object_path> job;                      ///< required: the job that is asked
        std::optional<requested_job_state> requested_state;  ///< required
        std::optional<duration> timeout_period;              ///< not supported: answers 4098
    };
    struct outputs {};
};

/// Tells why a job failed or was stopped.
///
/// Source:  CIM_ConcreteJob.GetErrors, schema 2.49.0.
struct get_errors {
    static constexpr method_id id = method_id::get_errors;
    struct inputs {
        std::optional<object_path> job;  ///< required: the job that is asked
    };
    struct outputs {
        std::vector<cim_error> errors;
    };
};

}  // namespace cimrep::inline v0
