// service/return_code_of.cpp -- picks the column of the table.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/assert.hpp>
#include <cimrep/service/return_code_of.hpp>

namespace cimrep::inline v0 {

namespace {

enum class column { method, no_in_use, job };

column column_of(method_id method) noexcept
{
    if (method == method_id::request_state_change) return column::job;
    return to_name(method, return_code::in_use) == to_name(return_code::in_use) ? column::method
                                                                                : column::no_in_use;
}

return_code pick(const return_code_row& row, column which) noexcept
{
    switch (which) {
    case column::method: return row.method;
    case column::no_in_use: return row.no_in_use;
    case column::job: return row.job;
    }
    return return_code::failed;
}

}  // namespace

return_code return_code_of(method_id method, const error_code& error) noexcept
{
    CIMREP_ASSERT(error);
    const auto which = column_of(method);
    if (error.category() == error_category()) {
        const auto index = static_cast<std::size_t>(error.value()) - 1;
        if (index < return_code_table.size()) return pick(return_code_table[index], which);
    }
    if (error == std::errc::device_or_resource_busy) {
        return return_code_of(method, make_error_code(errc::element_in_use));
    }
    if (error == std::errc::timed_out) return return_code::timeout;
    return return_code::failed;
}

}  // namespace cimrep::inline v0
