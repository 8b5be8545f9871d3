// test/store/record_map_test.cpp -- what is reserved, and what is there.
// SPDX-License-Identifier: BSL-1.0
#include "../../lib/store/record_map.hpp"

#include "catch.hpp"
#include "store_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("an erasure leaves what a commit behind it has reserved", "[store][records]")
{
    record_map records(std::pmr::get_default_resource());
    const std::vector<std::byte> value(100, std::byte{7});
    const record_change set{key_of(1), value};
    const record_change gone{key_of(1), {}, true};
    REQUIRE(records.put(set));
    REQUIRE(records.reserve({&gone, 1}, UINT64_MAX));
    REQUIRE(records.reserve({&set, 1}, UINT64_MAX));
    records.apply({&gone, 1});
    records.sweep({&gone, 1});
    CHECK_FALSE(records.find(key_of(1)));
    CHECK(records.records() == 0);
    records.apply({&set, 1});
    records.sweep({&set, 1});
    REQUIRE(records.find(key_of(1)));
    CHECK(records.find(key_of(1))->size() == 100);
    CHECK(records.records() == 1);
    CHECK(records.bytes() == encoded_bytes(set));
}
