// cim/return_codes.hpp -- the return codes of each method: 7, 8, 4097 and 4098 differ.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/return_code_tables.hpp>

namespace cimrep::inline v0 {

/// The return codes of `method`.
///
/// @pre  `method` is an enumerator.
constexpr const value_map<return_code>& return_codes_of(method_id method) noexcept
{
    return detail::return_codes::rows[static_cast<std::size_t>(method)].codes;
}

/// What `method` calls `code`; an empty view if it has no name for it.
///
/// @pre  `method` is an enumerator.
constexpr std::string_view to_name(method_id method, return_code code) noexcept
{
    return name_in(return_codes_of(method), code);
}

/// The code that `method` calls `name`, if any.
///
/// @pre  `method` is an enumerator.
constexpr std::optional<return_code> from_name(method_id method, std::string_view name) noexcept
{
    return value_in(return_codes_of(method), name);
}

/// What the return codes of `method` say about `number`. Total.
///
/// @pre  `method` is an enumerator.
constexpr value_kind classify(method_id method, std::uint64_t number) noexcept
{
    return classify_in(return_codes_of(method), number);
}

/// True if `method` can answer that it goes on in a job. (4096 of a pipe's creation is "Busy".)
///
/// @pre  `method` is an enumerator.
constexpr bool can_start_job(method_id method) noexcept
{
    return to_name(method, return_code::job_started) == to_name(return_code::job_started);
}

}  // namespace cimrep::inline v0
