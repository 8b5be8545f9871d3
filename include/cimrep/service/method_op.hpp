// service/method_op.hpp -- one call of a CIM method, in its caller's memory.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/cim/method.hpp>
#include <cimrep/cim/object_path.hpp>
#include <cimrep/cim/return_code.hpp>

#include <optional>

namespace cimrep::inline v0 {

/// What a method answers besides its outputs.
///
/// Invariant:  `job` is set exactly if `return_code` is 4096, `error` exactly if it is neither 0
///             nor 4096.
struct method_answer {
    cimrep::return_code return_code = cimrep::return_code::unspecified_error;
    std::optional<object_path> job;  ///< of the CIM_ConcreteJob that goes on
    std::optional<failure> error;    ///< what was wrong, and what to do

    bool succeeded() const noexcept { return cimrep::succeeded(return_code); }
};

/// What the calls of all methods have in common.
///
/// Invariant:  `done` is called exactly once for each start, from the loop, never inside start().
/// Lifetime:   stays valid until `done`; from there on it may be started again or destroyed.
struct method_call : method_answer {
    method_call() noexcept = default;
    method_call(const method_call&) = delete;
    method_call& operator=(const method_call&) = delete;

    void (*done)(method_call& call) noexcept = nullptr;

    method_call* next = nullptr;  // the service's, until `done`
};

/// A call of `Method`: what goes in and what comes out, under the names of the schema.
///
/// The inputs stay unchanged until `done`. A required input without a value is refused by name.
template <class Method>
struct method_op : method_call {
    typename Method::inputs in{};
    typename Method::outputs out{};
};

/// All that a finished call of `Method` says, for callers who keep no record of their own.
template <class Method>
struct method_result : method_answer {
    typename Method::outputs out{};
};

}  // namespace cimrep::inline v0
