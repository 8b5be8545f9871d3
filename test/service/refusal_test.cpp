// service/refusal_test.cpp -- each bad input is refused by name and value, and changes nothing.
// SPDX-License-Identifier: BSL-1.0
#include "service_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

template <class E>
std::optional<E> number(unsigned value)
{
    return static_cast<E>(value);
}

// What a refused call must look like: the code, both halves of the failure, and no trace.
template <class Method>
void refused(service_rig& rig, typename Method::inputs in, unsigned code, const std::string& wrong)
{
    const auto before = rig.everything();
    const auto result = rig.run<Method>(std::move(in));
    CAPTURE(wrong, sentence(result));
    CHECK(to_number(result.return_code) == code);
    CHECK_FALSE(result.job.has_value());
    REQUIRE(result.error.has_value());
    CHECK(contains(result.error->wrong, wrong));
    CHECK_FALSE(result.error->remedy.empty());
    CHECK(rig.everything() == before);
}

create_element_replica::inputs good_create()
{
    create_element_replica::inputs in;
    in.sync_type = sync_type::mirror;
    in.source_element = element_path("s");
    in.target_element = element_path("t");
    return in;
}

template <class Change>
void create_refused(unsigned code, const std::string& wrong, Change change)
{
    service_rig rig;
    auto in = good_create();
    change(in);
    refused<create_element_replica>(rig, in, code, wrong);
}

template <class Change>
void settings_refused(unsigned code, const std::string& wrong, Change change)
{
    create_refused(code, "ReplicationSettingData." + wrong, [&](auto& in) {
        in.replication_setting_data.emplace();
        change(*in.replication_setting_data);
    });
}

}  // namespace

TEST_CASE("CreateElementReplica refuses what is missing")
{
    create_refused(5, "SyncType is missing", [](auto& in) { in.sync_type.reset(); });
    create_refused(5, "SourceElement is missing", [](auto& in) { in.source_element.reset(); });
    create_refused(5, "SourceElement is missing", [](auto& in) { in.source_element.emplace(); });
    create_refused(5, "TargetElement is missing", [](auto& in) { in.target_element.emplace(); });
}

TEST_CASE("CreateElementReplica refuses values outside their maps")
{
    create_refused(5, "SyncType is 5", [](auto& in) { in.sync_type = number<sync_type>(5); });
    create_refused(5, "SyncType is 10", [](auto& in) { in.sync_type = number<sync_type>(10); });
    create_refused(5, "Mode is 0", [](auto& in) { in.mode = mode::unknown; });
    create_refused(5, "Mode is 5 Active", [](auto& in) { in.mode = mode::active; });
    create_refused(5, "Mode is 77", [](auto& in) { in.mode = number<mode>(77); });
    create_refused(5, "WaitForCopyState is 1",
                   [](auto& in) { in.wait_for_copy_state = number<copy_state>(1); });
    create_refused(5, "WaitForCopyState is 19",
                   [](auto& in) { in.wait_for_copy_state = number<copy_state>(19); });
}

TEST_CASE("CreateElementReplica refuses to wait for what a creation does not lead to")
{
    for (const auto wanted : {copy_state::fractured, copy_state::restored, copy_state::mixed,
                              copy_state::not_applicable, copy_state::prepared}) {
        create_refused(5, "WaitForCopyState is " + std::to_string(to_number(wanted)),
                       [&](auto& in) { in.wait_for_copy_state = wanted; });
    }
    service_rig rig;
    auto in = good_create();
    in.wait_for_copy_state = copy_state::split;
    const auto result = rig.run<create_element_replica>(in);
    CHECK(result.error->remedy ==
          "give one of 3 Unsynchronized, 4 Synchronized, 2 Initialized, 8 Inactive");
}

TEST_CASE("CreateElementReplica refuses parameters that exclude each other")
{
    create_refused(5, "TargetElement and TargetPool exclude",
                   [](auto& in) { in.target_pool = element_path("pool"); });
    create_refused(5, "TargetElement and TargetSettingGoal exclude",
                   [](auto& in) { in.target_setting_goal = element_path("goal"); });
    create_refused(5, "ConnectivityCollection and TargetAccessPoint exclude", [](auto& in) {
        in.connectivity_collection = element_path("x");
        in.target_access_point = element_path("y");
    });
}

TEST_CASE("CreateElementReplica says what is not built")
{
    create_refused(1, "SyncType 7 Snapshot", [](auto& in) { in.sync_type = sync_type::snapshot; });
    create_refused(1, "SyncType 8 Clone", [](auto& in) { in.sync_type = sync_type::clone; });
    create_refused(1, "SyncType 9 TokenizedClone",
                   [](auto& in) { in.sync_type = sync_type::tokenized_clone; });
    create_refused(1, "SyncType is 32768",
                   [](auto& in) { in.sync_type = number<sync_type>(0x8000); });
    create_refused(1, "Mode 3 Asynchronous", [](auto& in) { in.mode = mode::asynchronous; });
    create_refused(1, "Mode 4 Adaptive", [](auto& in) { in.mode = mode::adaptive; });
    create_refused(1, "Mode is 65535", [](auto& in) { in.mode = number<mode>(0xFFFF); });
    create_refused(1, "WaitForCopyState is 40000",
                   [](auto& in) { in.wait_for_copy_state = number<copy_state>(40000); });
    create_refused(1, "SourceAccessPoint",
                   [](auto& in) { in.source_access_point = element_path("a"); });
    create_refused(1, "TargetAccessPoint",
                   [](auto& in) { in.target_access_point = element_path("a"); });
    create_refused(1, "ConnectivityCollection",
                   [](auto& in) { in.connectivity_collection = element_path("a"); });
    create_refused(1, "Collections", [](auto& in) { in.collections = {element_path("a")}; });
    create_refused(1, "TargetSettingGoal", [](auto& in) {
        in.target_element.reset();
        in.target_setting_goal = element_path("a");
    });
}

TEST_CASE("what is invalid wins over what is not built")
{
    create_refused(5, "WaitForCopyState is 1", [](auto& in) {
        in.sync_type = sync_type::snapshot;
        in.mode = number<mode>(0x8000);
        in.wait_for_copy_state = number<copy_state>(1);
    });
}

TEST_CASE("settings outside their maps are refused by property and value")
{
    settings_refused(5, "CopyPriority is 5", [](auto& s) { s.copy_priority = copy_priority{5}; });
    settings_refused(5, "CopyRecoveryMode is 1",
                     [](auto& s) { s.copy_recovery_mode = desired_copy_recovery_mode{1}; });
    settings_refused(5, "OnGroupOrListError is 4",
                     [](auto& s) { s.on_group_or_list_error = on_group_or_list_error{4}; });
    settings_refused(5, "Multihop is 0", [](auto& s) { s.multihop = std::uint16_t{0}; });
}

TEST_CASE("settings that are not built are refused by property")
{
    settings_refused(1, "FailedCopyStopsHostIO",
                     [](auto& s) { s.failed_copy_stops_host_io = true; });
    settings_refused(1, "CopyPriority", [](auto& s) { s.copy_priority = copy_priority{0x8000}; });
    settings_refused(1, "ReadOnly", [](auto& s) { s.read_only = read_only::both; });
    settings_refused(1, "DesiredRPO", [](auto& s) { s.desired_rpo = seconds(5); });
    settings_refused(1, "Multihop", [](auto& s) { s.multihop = std::uint16_t{2}; });
    settings_refused(1, "DesiredCopyMethodology", [](auto& s) {
        s.desired_copy_methodology = desired_copy_methodology::copy_on_write;
    });
    settings_refused(1, "TargetElementSupplier", [](auto& s) {
        s.target_element_supplier = target_element_supplier::client_must_supply;
    });
}

TEST_CASE("elements that cannot be a pair are refused")
{
    create_refused(6, "is given as source and as target",
                   [](auto& in) { in.target_element = element_path("s"); });
    create_refused(5, "has 1048576 bytes",
                   [](auto& in) { in.target_element = element_path("small"); });
    create_refused(5, "has blocks of 4096 bytes",
                   [](auto& in) { in.target_element = element_path("block"); });
    create_refused(5, "nobody", [](auto& in) { in.target_element = element_path("nobody"); });
    create_refused(5, "nobody", [](auto& in) { in.source_element = element_path("nobody"); });
}

TEST_CASE("an element that is related already is refused as a target")
{
    service_rig rig;
    rig.synchronized("t");
    auto in = good_create();
    refused<create_element_replica>(rig, in, 6, "is the target of");
    in.source_element = element_path("u");
    refused<create_element_replica>(rig, in, 6, "is the target of");
    in.target_element = element_path("s");
    refused<create_element_replica>(rig, in, 6, "is open as a volume");
}

TEST_CASE("a target that cannot be made is refused with the provider's words")
{
    service_rig rig;
    rig.pool.makes_targets = false;
    auto in = good_create();
    in.target_element.reset();
    refused<create_element_replica>(rig, in, 4, "the pool is full");
    in.source_element = element_path("nobody");
    refused<create_element_replica>(rig, in, 5, "nobody");
}

TEST_CASE("AttachOrModifyReplica refuses by name and value")
{
    service_rig rig;
    attach_or_modify_replica::inputs good;
    good.source_element = element_path("s");
    good.target_element = element_path("t");
    good.copy_type = attach_or_modify_copy_type::sync;
    using kind = attach_or_modify_copy_type;
    const auto check = [&](unsigned code, const std::string& wrong, auto change) {
        auto in = good;
        change(in);
        refused<attach_or_modify_replica>(rig, in, code, wrong);
    };
    check(5, "SourceElement is missing", [](auto& in) { in.source_element.reset(); });
    check(5, "TargetElement is missing", [](auto& in) { in.target_element.reset(); });
    check(5, "CopyType is missing", [](auto& in) { in.copy_type.reset(); });
    check(5, "CopyType is 6", [](auto& in) { in.copy_type = kind{6}; });
    check(5, "CopyType is 4095", [](auto& in) { in.copy_type = kind{4095}; });
    check(1, "CopyType is 4096", [](auto& in) { in.copy_type = kind{4096}; });
    check(1, "CopyType 2", [](auto& in) { in.copy_type = kind::async; });
    check(1, "CopyType 4", [](auto& in) { in.copy_type = kind::unsync_assoc; });
    check(1, "CopyType 5", [](auto& in) { in.copy_type = kind::unsync_unassoc; });
    check(1, "ReplicationPipe", [](auto& in) { in.replication_pipe = element_path("pipe"); });
    check(1, "Goal", [](auto& in) { in.goal = "instance of CIM_StorageSetting {};"; });
    check(5, "CopyType 4 UnSyncAssoc is given with a ReplicationPipe", [](auto& in) {
        in.copy_type = kind::unsync_assoc;
        in.replication_pipe = element_path("pipe");
    });
    check(5, "has 1048576 bytes", [](auto& in) { in.target_element = element_path("small"); });
}

TEST_CASE("ModifyReplicaSynchronization refuses by name and value")
{
    service_rig rig;
    const auto path = rig.synchronized();
    modify_replica_synchronization::inputs good;
    good.operation = operation::fracture;
    good.synchronization = path;
    const auto check = [&](unsigned code, const std::string& wrong, auto change) {
        auto in = good;
        change(in);
        refused<modify_replica_synchronization>(rig, in, code, wrong);
    };
    check(5, "Operation is missing", [](auto& in) { in.operation.reset(); });
    check(5, "Synchronization is missing", [](auto& in) { in.synchronization.reset(); });
    check(5, "Operation is 0", [](auto& in) { in.operation = operation{0}; });
    check(5, "Operation is 28", [](auto& in) { in.operation = operation{28}; });
    check(1, "Operation is 32768", [](auto& in) { in.operation = operation{0x8000}; });
    check(5, "WaitForCopyState is 1", [](auto& in) { in.wait_for_copy_state = copy_state{1}; });
    check(5, "WaitForCopyState is 4 Synchronized, to which Fracture does not lead",
          [](auto& in) { in.wait_for_copy_state = copy_state::synchronized; });
    check(5, "to which Detach does not lead", [](auto& in) {
        in.operation = operation::detach;
        in.wait_for_copy_state = copy_state::not_applicable;
    });
    check(5, "SyncPair", [&](auto& in) { in.sync_pair = {path}; });
    check(5, "Synchronization is " + to_text(element_path("s")),
          [](auto& in) { in.synchronization = element_path("s"); });
    check(5, "AddSyncPair is for groups", [&](auto& in) {
        in.operation = operation::add_sync_pair;
        in.sync_pair = {path};
    });
    check(1, "CopyPriority differs", [](auto& in) {
        in.replication_setting_data.emplace().copy_priority = copy_priority::high;
    });
    check(1, "CopyRecoveryMode differs", [](auto& in) {
        in.replication_setting_data.emplace().copy_recovery_mode =
            desired_copy_recovery_mode::manual;
    });
    good.replication_setting_data = schema_defaults();
    CHECK(rig.run<modify_replica_synchronization>(good).succeeded());
}

TEST_CASE("a path that named a relationship until it was detached is stale")
{
    service_rig rig;
    const auto path = rig.synchronized();
    REQUIRE(rig.modify(path, operation::detach).succeeded());
    modify_replica_synchronization::inputs in;
    in.operation = operation::fracture;
    in.synchronization = path;
    refused<modify_replica_synchronization>(rig, in, 5, to_text(path));
    CHECK(rig.run<modify_replica_synchronization>(in).error->code == errc::stale_reference);
    modify_synchronization::inputs legacy;
    legacy.operation = legacy_operation::fracture;
    legacy.synchronization = path;
    refused<modify_synchronization>(rig, legacy, 5, to_text(path));
    CHECK(rig.service->get_instance(path).error().code == errc::stale_reference);
}

TEST_CASE("methods that only look refuse by name and value too")
{
    service_rig rig;
    relationship_filter filter;
    filter.type = relationship_class{4};
    refused<get_replication_relationships>(rig, filter, 5, "Type is 4");
    refused<get_replication_relationship_instances>(rig, filter, 5, "Type is 4");
    filter = {};
    filter.locality = locality{1};
    refused<get_replication_relationships>(rig, filter, 5, "Locality is 1");
    filter = {};
    filter.copy_state = copy_state{99};
    refused<get_replication_relationships>(rig, filter, 5, "CopyState is 99");
    filter = {};
    filter.sync_type = sync_type{1};
    refused<get_replication_relationships>(rig, filter, 5, "SyncType is 1");
    filter = {};
    filter.mode = mode{6};
    refused<get_replication_relationships>(rig, filter, 5, "Mode is 6");

    get_available_target_elements::inputs targets;
    refused<get_available_target_elements>(rig, targets, 5, "SourceElement is missing");
    targets.source_element = element_path("nobody");
    refused<get_available_target_elements>(rig, targets, 5, "SyncType is missing");
    targets.sync_type = sync_type::mirror;
    refused<get_available_target_elements>(rig, targets, 5, "nobody");
    targets.target_pools = {element_path("pool")};
    refused<get_available_target_elements>(rig, targets, 1, "TargetPools");
}

TEST_CASE("CreateSynchronizationAspect checks its parameters and is not built")
{
    service_rig rig;
    create_synchronization_aspect::inputs good;
    good.sync_type = sync_type::snapshot;
    good.source_element = element_path("s");
    const auto check = [&](unsigned code, const std::string& wrong, auto change) {
        auto in = good;
        change(in);
        refused<create_synchronization_aspect>(rig, in, code, wrong);
    };
    check(1, "CreateSynchronizationAspect is not built", [](auto&) {});
    check(5, "SyncType is missing", [](auto& in) { in.sync_type.reset(); });
    check(5, "SyncType is 4", [](auto& in) { in.sync_type = sync_type{4}; });
    check(5, "Mode is 6", [](auto& in) { in.mode = mode{6}; });
    check(5, "Mode is 0", [](auto& in) { in.mode = mode{0}; });
    check(5, "Consistency is 4", [](auto& in) { in.consistency = consistency{4}; });
    check(5, "SourceElement is missing", [](auto& in) { in.source_element.reset(); });
    check(5, "SourceGroup and SourceElement exclude",
          [](auto& in) { in.source_group = element_path("g"); });
}

TEST_CASE("ModifySettingsDefineState checks its parameters and is not built")
{
    service_rig rig;
    const auto path = rig.synchronized();
    const auto dissolved = rig.modify(path, operation::dissolve);
    REQUIRE(dissolved.out.settings_state.has_value());
    modify_settings_define_state::inputs good;
    good.operation = define_state_operation::restore;
    good.settings_state = dissolved.out.settings_state;
    const auto check = [&](unsigned code, const std::string& wrong, auto change) {
        auto in = good;
        change(in);
        refused<modify_settings_define_state>(rig, in, code, wrong);
    };
    check(1, "ModifySettingsDefineState is not built", [](auto&) {});
    check(5, "Operation is missing", [](auto& in) { in.operation.reset(); });
    check(5, "Operation is 9", [](auto& in) { in.operation = define_state_operation{9}; });
    check(5, "SettingsState is missing", [](auto& in) { in.settings_state.reset(); });
    check(5, "SettingsState is " + to_text(path), [&](auto& in) { in.settings_state = path; });
    check(5, "TargetElement and TargetGroup exclude", [](auto& in) {
        in.target_element = element_path("t");
        in.target_group = element_path("g");
    });
    check(5, "TargetGroup and TargetElementCount exclude", [](auto& in) {
        in.target_group = element_path("g");
        in.target_element_count = 2;
    });
    check(5, "TargetElement and TargetPool exclude", [](auto& in) {
        in.target_element = element_path("t");
        in.target_pool = element_path("p");
    });
}
