// cim/return_code.hpp -- what a CIM method returns, as far as all methods agree.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// The return value of a CIM method: the codes that mean the same in nearly all methods.
///
/// Exact names, and the codes 7, 8, 4097, 4098 that differ, are per method: `return_codes_of`.
///
/// Source:  CIM_ReplicationService, return values of its methods, schema 2.49.0.
enum class return_code : std::uint32_t {
    completed = 0,          ///< done, no job was needed
    not_supported = 1,      ///< the method or its parameters are not supported
    unspecified_error = 2,  ///< called "Unknown" by the methods that create
    timeout = 3,            ///< not done in time
    failed = 4,             ///< refused or failed; the error says why
    invalid_parameter = 5,  ///< a parameter is missing, wrong or contradicts another
    in_use = 6,             ///< an element is in use
    job_started = 4096,     ///< the parameters are good, a job does the rest
};

/// The names that most methods use, in order.
// clang-format off
inline constexpr auto return_code_names = std::to_array<value_name<return_code>>({
    {return_code::completed, "Completed with No Error"},
    {return_code::not_supported, "Not Supported"},
    {return_code::unspecified_error, "Unspecified Error"},
    {return_code::timeout, "Timeout"},
    {return_code::failed, "Failed"},
    {return_code::invalid_parameter, "Invalid Parameter"},
    {return_code::in_use, "In Use"},
    {return_code::job_started, "Method Parameters Checked - Job Started"},
});

/// The runs above the names in a method that can start a job.
inline constexpr auto job_method_ranges = std::to_array<value_range>({
    {4097, 0x7FFF, value_kind::method_reserved, "Method Reserved"},
    {0x8000, 0xFFFFFFFF, value_kind::vendor, "Vendor Specific"},
});
// clang-format on

template <>
inline constexpr value_map<return_code> value_map_of<return_code>{return_code_names,
                                                                  job_method_ranges};
static_assert(in_order(value_map_of<return_code>));

/// True for the two codes that are no error: done, or a job was started.
constexpr bool succeeded(return_code code) noexcept
{
    return code == return_code::completed || code == return_code::job_started;
}

}  // namespace cimrep::inline v0
