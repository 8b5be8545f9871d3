// test/cim/return_code_test.cpp -- each method's return codes, as the schema has them.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cim/format.hpp>
#include <cimrep/cim/return_codes.hpp>

#include "catch.hpp"
#include "facts.hpp"
#include <algorithm>
#include <set>

using namespace cimrep;

namespace {

std::string heading_of(method_id method)
{
    return std::string{class_of(method).substr(4)} + "." + std::string{to_name(method)} + "()";
}

}  // namespace

TEST_CASE("the methods are those of the schema, no more and no less", "[cim]")
{
    std::set<std::string> ours;
    for (const auto& row : method_rows) CHECK(ours.insert(heading_of(row.id)).second);
    std::set<std::string> theirs;
    for (const auto& [heading, block] : facts::all())
        if (heading.ends_with("()")) theirs.insert(heading);
    CHECK(ours == theirs);
}

TEST_CASE("each method has its own names for its codes, and they are the schema's", "[cim]")
{
    for (const auto& row : method_rows) {
        INFO(heading_of(row.id));
        const auto& block = facts::all().at(heading_of(row.id));
        std::map<std::uint64_t, std::string> ours;
        for (const auto& one : return_codes_of(row.id).names) ours[to_number(one.value)] = one.name;
        CHECK(ours == block.names);
        for (const auto& [number, name] : block.names) {
            const auto code = static_cast<return_code>(number);
            CHECK(to_name(row.id, code) == name);
            CHECK(from_name(row.id, name) == code);
            CHECK(describe(row.id, code) == name);
        }
        CHECK_FALSE(from_name(row.id, "no such name").has_value());
    }
}

TEST_CASE("the ends of each method's runs of codes are told apart", "[cim]")
{
    for (const auto& row : method_rows) {
        INFO(heading_of(row.id));
        const auto& block = facts::all().at(heading_of(row.id));
        std::set<std::uint64_t> numbers{0, 1, 0xFFFF, 0x10000, 0xFFFFFFFF, 0x100000000};
        const auto add = [&](std::uint64_t n) { numbers.insert({n, n + 1, n == 0 ? 0 : n - 1}); };
        for (const auto& [number, name] : block.names) add(number);
        for (const auto& run : block.runs) {
            add(run.first);
            add(run.last);
        }
        for (const auto n : numbers) {
            INFO(n);
            CHECK(classify(row.id, n) == block.kind_of(n));
            const auto* run = block.run_of(n);
            if (n > 0xFFFFFFFF || block.names.contains(n)) continue;
            const auto what = run == nullptr ? std::string{"DMTF Reserved"} : run->name;
            CHECK(describe(row.id, static_cast<return_code>(n)) ==
                  what + " (" + std::to_string(n) + ")");
        }
    }
}

TEST_CASE("the codes that the methods share are those of modifying", "[cim]")
{
    const auto& block = facts::all().at("ReplicationService.ModifyReplicaSynchronization()");
    std::map<std::uint64_t, std::string> ours;
    for (const auto& row : return_code_names) ours[to_number(row.value)] = row.name;
    CHECK(ours == block.names);
    CHECK(succeeded(return_code::completed));
    CHECK(succeeded(return_code::job_started));
    for (const auto& row : return_code_names)
        CHECK(succeeded(row.value) == (to_number(row.value) % 4096 == 0));
    CHECK_FALSE(succeeded(method_code::size_not_supported));
}

TEST_CASE("a code that differs by method has the name of its method", "[cim]")
{
    CHECK(to_name(method_id::create_group, method_code::groups_are_not_nameable) ==
          "Groups are not nameable");
    CHECK(to_name(method_id::add_members, method_code::group_does_not_exist) ==
          "Group does not exist");
    CHECK(to_name(method_id::remove_members, method_code::member_not_in_group) ==
          "Member not in group");
    CHECK(to_name(method_id::create_element_replica, return_code{7}).empty());
    CHECK(to_name(method_id::create_element_replica, return_code::unspecified_error) == "Unknown");
    CHECK(to_name(method_id::create_or_modify_storage_pool, method_code::size_not_supported) ==
          "Size Not Supported");
    CHECK(to_name(method_id::delete_storage_pool, return_code{4097}).empty());
}

TEST_CASE("only methods that say so can start a job", "[cim]")
{
    for (const auto& row : method_rows) {
        INFO(heading_of(row.id));
        const auto& names = facts::all().at(heading_of(row.id)).names;
        CHECK(can_start_job(row.id) ==
              (names.contains(4096) && names.at(4096).ends_with("Job Started")));
    }
    CHECK_FALSE(can_start_job(method_id::create_or_modify_replication_pipe));
    CHECK_FALSE(can_start_job(method_id::create_group));
    CHECK(can_start_job(method_id::create_element_replica));
}
