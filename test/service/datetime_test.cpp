// service/datetime_test.cpp -- CIM datetimes against values computed elsewhere.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/service/datetime.hpp>

#include "catch.hpp"

using namespace cimrep;

TEST_CASE("an instant is written in UTC with microseconds")
{
    CHECK(to_datetime({1'709'251'199'000'001'999}) == "20240229235959.000001+000");
    CHECK(to_datetime({1}) == "19700101000000.000000+000");
    CHECK(to_datetime({-1}) == "19691231235959.999999+000");
    CHECK(to_datetime({4'102'444'800'000'000'000}) == "21000101000000.000000+000");
}

TEST_CASE("an instant that never was has no text")
{
    CHECK(to_datetime({}).empty());
}

TEST_CASE("a span is written in days, hours, minutes, seconds and microseconds")
{
    CHECK(to_interval(seconds(300)) == "00000000000500.000000:000");
    CHECK(to_interval({}) == "00000000000000.000000:000");
    CHECK(to_interval({-5}) == "00000000000000.000000:000");
    CHECK(to_interval({(((12ll * 24 + 3) * 60 + 4) * 60 + 5) * 1'000'000'000 + 6'000}) ==
          "00000012030405.000006:000");
}
