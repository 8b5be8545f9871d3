// service/return_code_of.hpp -- which return code a method answers for which error.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/error.hpp>
#include <cimrep/cim/return_codes.hpp>

namespace cimrep::inline v0 {

/// What the methods answer when an error ends them.
struct return_code_row {
    errc error;
    return_code method;     ///< of a method that changes or lists relationships
    return_code no_in_use;  ///< of a method whose value map has no In Use
    return_code job;        ///< of CIM_ConcreteJob.RequestStateChange
};

/// One row for each `errc`, in the order of the enumerators.
// clang-format off
inline constexpr auto return_code_table = [] {
    using r = return_code;
    constexpr auto invalid = r::invalid_parameter;
    constexpr auto transition = method_code::invalid_state_transition;
    constexpr auto busy = method_code::busy;
    return std::to_array<return_code_row>({
        // error                         method            no In Use         job
        {errc::invalid_state_transition, r::failed,        r::failed,        transition},
        {errc::unknown_value,            invalid,          invalid,          invalid},
        {errc::not_supported,            r::not_supported, r::not_supported, r::not_supported},
        {errc::invalid_argument,         invalid,          invalid,          invalid},
        {errc::out_of_bounds,            invalid,          invalid,          invalid},
        {errc::misaligned,               invalid,          invalid,          invalid},
        {errc::geometry_mismatch,        invalid,          invalid,          r::failed},
        {errc::element_in_use,           r::in_use,        r::failed,        busy},
        {errc::element_not_accessible,   r::failed,        r::failed,        r::failed},
        {errc::foreign_signature,        r::in_use,        r::failed,        r::failed},
        {errc::stale_reference,          invalid,          invalid,          invalid},
        {errc::not_identical,            r::failed,        r::failed,        r::failed},
        {errc::short_transfer,           r::failed,        r::failed,        r::failed},
        {errc::leg_failed,               r::failed,        r::failed,        r::failed},
        {errc::volume_read_only,         r::failed,        r::failed,        r::failed},
        {errc::deadline_exceeded,        r::timeout,       r::timeout,       r::timeout},
        {errc::compare_mismatch,         r::failed,        r::failed,        r::failed},
        {errc::over_budget,              r::failed,        r::failed,        r::failed},
        {errc::closed,                   r::failed,        r::failed,        r::failed},
        {errc::job_stopped,              r::failed,        r::failed,        r::failed},
        {errc::injected,                 r::failed,        r::failed,        r::failed},
        {errc::repository_absent,        r::failed,        r::failed,        r::failed},
        {errc::repository_damaged,       r::failed,        r::failed,        r::failed},
        {errc::repository_version,       r::failed,        r::failed,        r::failed},
        {errc::repository_incomplete,    r::failed,        r::failed,        r::failed},
        {errc::repository_diverged,      r::failed,        r::failed,        r::failed},
        {errc::repository_lost,          r::failed,        r::failed,        r::failed},
        {errc::leg_not_recognized,       r::failed,        r::failed,        r::failed},
    });
}();
// clang-format on

static_assert([] {
    for (std::size_t i = 0; i < return_code_table.size(); ++i)
        if (static_cast<std::size_t>(return_code_table[i].error) != i + 1) return false;
    return return_code_table.size() == static_cast<std::size_t>(errc_last);
}());

/// The return code of `method` for `error`. Total: what the system reports is Failed, In Use where
/// it says busy, and Timeout where it says so.
///
/// @pre  `error` is set.
CIMREP_API return_code return_code_of(method_id method, const error_code& error) noexcept;

}  // namespace cimrep::inline v0
