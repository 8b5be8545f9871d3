// service/cim_error_test.cpp -- failures in CIM's words.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/service/cim_error.hpp>

#include "catch.hpp"

using namespace cimrep;

TEST_CASE("a failure of the library keeps its sentence, its remedy and its number")
{
    const auto why = fail(errc::stale_reference, "path x", "list the relationships");
    const auto error = to_cim_error(why);
    CHECK(error.owning_entity == "cimrep");
    CHECK(error.message_id == "CIMREP11");
    CHECK(error.message == why.sentence());
    CHECK(error.recommended_actions == std::vector<std::string>{"list the relationships"});
    CHECK(to_number(error.cim_status_code) == 6);
    CHECK(to_number(error.error_type) == 4);
}

TEST_CASE("what the system reports becomes a hardware error under the system's number")
{
    const auto error = to_cim_error({std::make_error_code(std::errc::io_error), "leg", ""});
    CHECK(error.message_id == "generic:5");
    CHECK(to_number(error.error_type) == 5);
    CHECK(error.recommended_actions.empty());
}

TEST_CASE("each kind of failure has a type, a cause and a status that CIM names")
{
    for (int number = 1; number <= static_cast<int>(errc_last); ++number) {
        const auto error = to_cim_error(fail(static_cast<errc>(number), "w", "r"));
        CAPTURE(number);
        CHECK_FALSE(to_name(error.error_type).empty());
        CHECK_FALSE(to_name(error.probable_cause).empty());
        CHECK_FALSE(to_name(error.cim_status_code).empty());
        CHECK(error.error_type != error_type::unknown);
    }
}
