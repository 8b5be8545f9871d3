// test/cim/shared_maps_test.cpp -- value maps that repeat another one, and where they differ.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cim/parse.hpp>
#include <cimrep/cim/vocabulary.hpp>

#include "catch.hpp"
#include "facts.hpp"
#include "subjects.hpp"
#include <algorithm>
#include <set>

using namespace cimrep;

namespace {

/// Which enumeration stands for a value map that has none of its own, and which names it lacks.
struct repeat {
    std::string ending;
    std::string heading;
    std::set<std::uint64_t> missing;
};

// The first row whose ending fits counts.
const std::vector<repeat> repeats = {
    {"SynchronizationAspect.ConsistencyType", "GroupSynchronized.ConsistencyType", {}},
    {"ReplicationSettingData.CopyPriority", "StorageSynchronized.CopyPriority", {}},
    {"ReplicationSettingData.ReadOnly", "StorageSynchronized.ReadOnly", {}},
    {"ReplicationGroup.SupportedSyncTypes", "Synchronized.SyncType", {}},
    {"GetSynchronizationSupported.SyncTypes", "Synchronized.SyncType", {9}},
    {"GetSynchronizationSupported.Modes", "Synchronized.Mode", {0}},
    {"ConvertReplicationTypeToSyncType.Mode", "Synchronized.Mode", {0}},
    {".SyncType", "Synchronized.SyncType", {}},
    {".Mode", "Synchronized.Mode", {0, 5}},
    {".ReservedAs", "ReplicationGroup.ReservedAs", {}},
    {".Consistency", "ReplicationService.CreateGroupReplica.Consistency", {}},
    {".SupportedConsistency", "GroupSynchronized.ConsistencyType", {}},
    {".Type", "ReplicationService.GetReplicationRelationships.Type", {}},
    {".SynchronizationType", "ReplicationService.GetReplicationRelationships.Type", {}},
    {".Locality", "ReplicationService.GetReplicationRelationships.Locality", {}},
    {".LocalOrRemote",
     "ReplicationServiceCapabilities.ConvertSyncTypeToReplicationType.LocalOrRemote",
     {}},
    {".ServiceControlling",
     "ReplicationServiceCapabilities.GetSupportedOperations.ServiceControlling",
     {}},
    {".CopyType", "StorageSynchronized.CopyType", {}},
    {"ModifyListSettingsDefineState.Operation",
     "ReplicationService.ModifySettingsDefineState.Operation",
     {}},
    {"GetSupportedSettingsDefineStateOperations.SupportedOperations",
     "ReplicationService.ModifySettingsDefineState.Operation",
     {}},
    {"ModifyListSynchronization.Operation",
     "ReplicationService.ModifyReplicaSynchronization.Operation",
     {3, 5, 6, 13}},
    {".SupportedListOperations",
     "ReplicationService.ModifyReplicaSynchronization.Operation",
     {5, 13}},
    {".Operation", "ReplicationService.ModifyReplicaSynchronization.Operation", {}},
    {".SupportedOperations", "ReplicationService.ModifyReplicaSynchronization.Operation", {}},
    {".SupportedGroupOperations", "ReplicationService.ModifyReplicaSynchronization.Operation", {}},
};

const repeat* repeat_of(const std::string& heading)
{
    const auto row = std::ranges::find_if(
        repeats, [&](const repeat& one) { return heading.ends_with(one.ending); });
    return row == repeats.end() ? nullptr : &*row;
}

bool stated(const std::string& heading)
{
    return std::ranges::any_of(subjects::all(),
                               [&](const auto& one) { return one.heading == heading; });
}

std::string lower(std::string text)
{
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

}  // namespace

TEST_CASE("no value map of the replication classes is left out", "[cim]")
{
    for (const auto& [heading, block] : facts::all()) {
        if (heading.ends_with("()") || block.type == "properties") continue;
        INFO(heading);
        CHECK((stated(heading) || repeat_of(heading) != nullptr));
    }
}

TEST_CASE("a value map without an enumeration repeats one, but for the values named", "[cim]")
{
    for (const auto& [heading, block] : facts::all()) {
        if (heading.ends_with("()") || block.type == "properties" || stated(heading)) continue;
        const repeat* row = repeat_of(heading);
        REQUIRE(row != nullptr);
        INFO(heading << " repeats " << row->heading);
        REQUIRE(stated(row->heading));
        const auto& original = facts::all().at(row->heading);
        for (const auto& [number, name] : original.names) {
            INFO(number << " " << name);
            CHECK(block.names.contains(number) == !row->missing.contains(number));
            // The schema writes "Reset to Adaptive" and "Reset To Adaptive".
            if (block.names.contains(number)) CHECK(lower(block.names.at(number)) == lower(name));
        }
        for (std::uint64_t n = 0; n <= 0xFFFF; ++n)
            if (block.kind_of(n) != original.kind_of(n) && !row->missing.contains(n))
                FAIL("differs at " << n);
    }
}

TEST_CASE("a list takes every operation but those for groups", "[cim]")
{
    const auto& block = facts::all().at("ReplicationService.ModifyListSynchronization.Operation");
    for (std::uint32_t n = 0; n <= 0xFFFF; ++n) {
        const auto kind = block.kind_of(n);
        const bool legal = kind == value_kind::named || kind == value_kind::vendor;
        const auto checked = parse_list_operation(n);
        if (checked.has_value() != legal) FAIL("differs at " << n);
        if (checked)
            CHECK(to_number(checked.value().value()) == n);
        else
            CHECK(checked.error() == errc::unknown_value);
    }
    CHECK_FALSE(list_operation::from(operation::activate_consistency).has_value());
    CHECK_FALSE(list_operation::from(operation::add_sync_pair).has_value());
    CHECK_FALSE(list_operation::from(operation::deactivate_consistency).has_value());
    CHECK_FALSE(list_operation::from(operation::remove_sync_pair).has_value());
    CHECK_FALSE(parse_list_operation(0x10000u + 8).has_value());
}

TEST_CASE("numberings that look alike are types of their own", "[cim]")
{
    STATIC_REQUIRE(to_number(operation::detach) == 8);
    STATIC_REQUIRE(to_number(legacy_operation::detach) == 2);
    STATIC_REQUIRE(to_number(define_state_operation::detach) == 6);
    STATIC_REQUIRE(to_number(synchronous_action::modify_replica_synchronization) == 5);
    STATIC_REQUIRE(to_number(wait_method::modify_replica_synchronization) == 4);
    STATIC_REQUIRE_FALSE(std::is_same_v<copy_methodology, desired_copy_methodology>);
    STATIC_REQUIRE_FALSE(std::is_same_v<copy_methodology, aspect_copy_methodology>);
    CHECK(classify<copy_type>(0x1000) == value_kind::reserved);
    CHECK(classify<attach_or_modify_copy_type>(0x1000) == value_kind::vendor);
    CHECK(classify<asynchronous_action>(12) == value_kind::reserved);
    CHECK(classify<synchronous_action>(12) == value_kind::named);
}
