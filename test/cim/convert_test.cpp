// test/cim/convert_test.cpp -- SyncType, Mode and locality against ReplicationType, all of them.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cim/convert.hpp>

#include "catch.hpp"
#include <set>
#include <string>

using namespace cimrep;

TEST_CASE("the three parts of a ReplicationType are the words of its name", "[cim]")
{
    for (const auto& row : replication_type_names) {
        INFO(row.name);
        const auto parts = parts_of(row.value);
        REQUIRE(parts.has_value());
        CHECK(parts->type == row.value);
        CHECK(std::string{to_name(parts->mode)} + " " + std::string{to_name(parts->kind)} + " " +
                  std::string{to_name(parts->where)} ==
              row.name);
        CHECK(to_replication_type(parts->kind, parts->mode, parts->where) == row.value);
    }
}

TEST_CASE("every triple has one ReplicationType or none", "[cim]")
{
    std::set<replication_type> seen;
    for (const auto& kind : sync_type_names)
        for (const auto& how : mode_names)
            for (const auto& where : local_or_remote_names) {
                INFO(kind.name << ", " << how.name << ", " << where.name);
                const auto type = to_replication_type(kind.value, how.value, where.value);
                const bool wanted = how.value != mode::unknown &&
                                    (how.value != mode::active || kind.value == sync_type::mirror);
                REQUIRE(type.has_value() == wanted);
                if (type.has_value()) CHECK(seen.insert(*type).second);
            }
    CHECK(seen.size() == replication_type_names.size());
}

TEST_CASE("what the map does not name has no parts and no type", "[cim]")
{
    for (std::uint32_t n = 0; n <= 0xFFFF; ++n) {
        const auto type = static_cast<replication_type>(n);
        if (parts_of(type).has_value() != (n >= 2 && n <= 27)) FAIL("differs at " << n);
    }
    CHECK_FALSE(to_replication_type(sync_type{0x8000}, mode::synchronous, local_or_remote::local));
    CHECK_FALSE(to_replication_type(sync_type::mirror, mode{0x8000}, local_or_remote::local));
    CHECK_FALSE(to_replication_type(sync_type::mirror, mode::synchronous, local_or_remote{4}));
}
