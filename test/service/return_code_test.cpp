// service/return_code_test.cpp -- what each method answers for each error, row by row.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/service/return_code_of.hpp>

#include "catch.hpp"

using namespace cimrep;

namespace {

struct expected_row {
    errc error;
    unsigned method;
    unsigned no_in_use;
    unsigned job;
};

// Numbers, so that neither the enumerators nor the table can vouch for themselves.
// clang-format off
constexpr expected_row expected[] = {
    {errc::invalid_state_transition, 4, 4, 4097},
    {errc::unknown_value,            5, 5, 5},
    {errc::not_supported,            1, 1, 1},
    {errc::invalid_argument,         5, 5, 5},
    {errc::out_of_bounds,            5, 5, 5},
    {errc::misaligned,               5, 5, 5},
    {errc::geometry_mismatch,        5, 5, 4},
    {errc::element_in_use,           6, 4, 4099},
    {errc::element_not_accessible,   4, 4, 4},
    {errc::foreign_signature,        6, 4, 4},
    {errc::stale_reference,          5, 5, 5},
    {errc::not_identical,            4, 4, 4},
    {errc::short_transfer,           4, 4, 4},
    {errc::leg_failed,               4, 4, 4},
    {errc::volume_read_only,         4, 4, 4},
    {errc::deadline_exceeded,        3, 3, 3},
    {errc::compare_mismatch,         4, 4, 4},
    {errc::over_budget,              4, 4, 4},
    {errc::closed,                   4, 4, 4},
    {errc::job_stopped,              4, 4, 4},
    {errc::injected,                 4, 4, 4},
    {errc::repository_absent,        4, 4, 4},
    {errc::repository_damaged,       4, 4, 4},
    {errc::repository_version,       4, 4, 4},
    {errc::repository_incomplete,    4, 4, 4},
    {errc::repository_diverged,      4, 4, 4},
    {errc::repository_lost,          4, 4, 4},
    {errc::leg_not_recognized,       4, 4, 4},
};
// clang-format on

unsigned number_for(method_id method, error_code error)
{
    return to_number(return_code_of(method, error));
}

}  // namespace

TEST_CASE("each error has the return code that its row says")
{
    REQUIRE(std::size(expected) == return_code_table.size());
    for (const auto& row : expected) {
        CAPTURE(make_error_code(row.error).message());
        const auto error = make_error_code(row.error);
        CHECK(number_for(method_id::create_element_replica, error) == row.method);
        CHECK(number_for(method_id::modify_replica_synchronization, error) == row.method);
        CHECK(number_for(method_id::modify_synchronization, error) == row.method);
        CHECK(number_for(method_id::attach_or_modify_replica, error) == row.method);
        CHECK(number_for(method_id::get_errors, error) == row.no_in_use);
        CHECK(number_for(method_id::request_state_change, error) == row.job);
    }
}

TEST_CASE("no method answers with a code that its value map does not name")
{
    for (const auto& method : method_rows)
        for (const auto& row : return_code_table) {
            CAPTURE(method.name, make_error_code(row.error).message());
            const auto code = return_code_of(method.id, make_error_code(row.error));
            CHECK_FALSE(to_name(method.id, code).empty());
            CHECK_FALSE(succeeded(code));
        }
}

TEST_CASE("what the system reports is an error too")
{
    const auto method = method_id::create_element_replica;
    CHECK(number_for(method, std::make_error_code(std::errc::device_or_resource_busy)) == 6);
    CHECK(number_for(method, std::make_error_code(std::errc::timed_out)) == 3);
    CHECK(number_for(method, std::make_error_code(std::errc::io_error)) == 4);
    CHECK(number_for(method, {4711, error_category()}) == 4);
    CHECK(number_for(method_id::get_errors,
                     std::make_error_code(std::errc::device_or_resource_busy)) == 4);
}
