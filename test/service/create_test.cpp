// service/create_test.cpp -- CreateElementReplica and AttachOrModifyReplica that succeed.
// SPDX-License-Identifier: BSL-1.0
#include "service_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("a mirror is created, answers 0 at once and copies on")
{
    service_rig rig;
    const auto made = rig.create("t");
    CHECK(made.return_code == return_code::completed);
    CHECK_FALSE(made.job.has_value());
    CHECK(made.out.target_element == element_path("t"));
    REQUIRE(made.out.synchronization.has_value());
    auto* which = rig.opened->find(*made.out.synchronization);
    REQUIRE(which != nullptr);
    rig.wait_for(*which, copy_state::synchronized);
    CHECK(rig.equal("s", "t", service_rig::size));
}

TEST_CASE("both vocabularies of state are always told")
{
    service_rig rig;
    const auto path = rig.synchronized();
    const auto it = rig.service->get_instance(path);
    REQUIRE(it.has_value());
    struct row {
        const char* name;
        const char* value;
        const char* meaning;
    };
    const auto check = [&](const row& expected) {
        CAPTURE(expected.name);
        const auto* found = it.value().find(expected.name);
        REQUIRE(found != nullptr);
        CHECK(to_text(found->value) == expected.value);
        CHECK(found->meaning == expected.meaning);
    };
    for (const auto& row : {row{"CopyState", "4", "Synchronized"},
                            {"ProgressStatus", "2", "Completed"},
                            {"RequestedCopyState", "15", "Not Applicable"},
                            {"SyncType", "6", "Mirror"},
                            {"Mode", "2", "Synchronous"},
                            {"CopyType", "3", "Sync"},
                            {"SyncState", "6", "Synchronized"},
                            {"ReplicaType", "2", "Full Copy"},
                            {"SyncMaintained", "TRUE", ""},
                            {"PercentSynced", "100", ""}})
        check(row);
    CHECK(to_text(it.value().find("SystemElement")->value) == to_text(element_path("s")));
    CHECK(to_text(it.value().find("SyncedElement")->value) == to_text(element_path("t")));
    CHECK(it.value().find("WhenSynchronized") != nullptr);
    CHECK(it.value().find("WhenSuspended") == nullptr);

    REQUIRE(rig.modify(path, operation::fracture).succeeded());
    const auto apart = rig.service->get_instance(path).value();
    CHECK(to_text(apart.find("CopyState")->value) == "6");
    CHECK(to_text(apart.find("SyncState")->value) == "13");
    CHECK(contains(to_json(apart), "\"CopyState\": 6"));
}

TEST_CASE("a creation stops where WaitForCopyState says")
{
    struct row {
        copy_state wanted;
        return_code code;
    };
    for (const auto& row : {row{copy_state::initialized, return_code::completed},
                            {copy_state::inactive, return_code::completed},
                            {copy_state::unsynchronized, return_code::completed},
                            {copy_state::synchronized, return_code::job_started}}) {
        CAPTURE(to_name(row.wanted));
        service_rig rig;
        const auto made = rig.create("t", row.wanted);
        CHECK(made.return_code == row.code);
        CHECK(made.job.has_value() == (row.code == return_code::job_started));
        REQUIRE(made.out.synchronization.has_value());
        if (row.code == return_code::completed)
            CHECK(rig.state_of(*made.out.synchronization) == row.wanted);
        else
            CHECK(rig.service->run_job(*made.job) == job_state::completed);
        rig.settle();
        CHECK(rig.state_of(*made.out.synchronization) ==
              (row.wanted == copy_state::unsynchronized ? copy_state::synchronized : row.wanted));
    }
}

TEST_CASE("a target that is not given is made like the source")
{
    service_rig rig;
    create_element_replica::inputs in;
    in.sync_type = sync_type::mirror;
    in.mode = mode::synchronous;
    in.source_element = element_path("s");
    in.element_name = "copy of s";
    in.target_pool = element_path("pool");
    const auto made = rig.run<create_element_replica>(in);
    REQUIRE(sentence(made) == "");
    CHECK(made.out.target_element == element_path("made-1"));
    CHECK(rig.pool.asked.size_bytes == service_rig::size);
    CHECK(rig.pool.asked.logical_block_bytes == 512);
    CHECK(rig.pool.asked.element_name == "copy of s");
    CHECK(rig.pool.asked.pool == element_path("pool"));
    CHECK(rig.pool.deleted.empty());
}

TEST_CASE("a target that was made for a creation that fails is deleted again")
{
    service_rig rig;
    rig.pool.makes_small_targets = true;
    create_element_replica::inputs in;
    in.sync_type = sync_type::mirror;
    in.source_element = element_path("s");
    const auto made = rig.run<create_element_replica>(in);
    CHECK(made.return_code == return_code::invalid_parameter);
    CHECK(rig.pool.deleted == std::vector<std::string>{to_text(element_path("made-1"))});
}

TEST_CASE("settings that are honoured reach the relationship")
{
    service_rig rig;
    create_element_replica::inputs in;
    in.sync_type = sync_type::mirror;
    in.source_element = element_path("s");
    in.target_element = element_path("t");
    in.replication_setting_data = schema_defaults();
    in.replication_setting_data->copy_priority = copy_priority::urgent;
    in.replication_setting_data->copy_recovery_mode = desired_copy_recovery_mode::manual;
    const auto made = rig.run<create_element_replica>(in);
    REQUIRE(sentence(made) == "");
    const auto it = rig.service->get_instance(*made.out.synchronization).value();
    CHECK(it.find("CopyPriority")->meaning == "Urgent");
    CHECK(it.find("CopyRecoveryMode")->meaning == "Manual");
}

TEST_CASE("AttachOrModifyReplica makes a synchronous mirror, and changes nothing the second time")
{
    service_rig rig;
    attach_or_modify_replica::inputs in;
    in.source_element = element_path("s");
    in.target_element = element_path("t");
    in.copy_type = attach_or_modify_copy_type::sync;
    in.goal = "";
    REQUIRE(sentence(rig.run<attach_or_modify_replica>(in)) == "");
    const auto all = rig.run<get_replication_relationships>({});
    REQUIRE(all.out.synchronizations.size() == 1);
    rig.wait_for(*rig.opened->find(all.out.synchronizations[0]), copy_state::synchronized);
    const auto before = rig.everything();
    const auto again = rig.run<attach_or_modify_replica>(in);
    CHECK(again.return_code == return_code::completed);
    CHECK(rig.everything() == before);
}

TEST_CASE("a method completes once, from the loop, and its record can be used again")
{
    service_rig rig;
    struct counting_op : method_op<get_replication_relationships> {
        int times = 0;
    };
    counting_op op;
    op.done = [](method_call& call) noexcept { ++static_cast<counting_op&>(call).times; };
    rig.service->start(op);
    CHECK(op.times == 0);
    rig.settle();
    CHECK(op.times == 1);
    rig.synchronized();
    rig.service->start(op);
    rig.settle();
    CHECK(op.times == 2);
    CHECK(op.out.synchronizations.size() == 1);
}

TEST_CASE("a method can be called with a callback")
{
    service_rig rig;
    return_code seen = return_code::failed;
    rig.service->call<get_supported_copy_states>(
        {.replication_type = replication_type::synchronous_mirror_local},
        [&](const method_result<get_supported_copy_states>& result) { seen = result.return_code; });
    CHECK(seen == return_code::failed);
    rig.settle();
    CHECK(seen == return_code::completed);
}

TEST_CASE("possible targets are those that fit and are free")
{
    service_rig rig;
    for (const char* name : {"s", "small", "block", "u", "t", "large"})
        rig.pool.candidates.push_back(element_path(name));
    rig.synchronized("t");
    get_available_target_elements::inputs in;
    in.source_element = element_path("s");
    in.sync_type = sync_type::mirror;
    auto found = rig.run<get_available_target_elements>(in);
    CHECK(found.out.candidates == std::vector{element_path("u"), element_path("large")});
    in.max_element_count = 1;
    found = rig.run<get_available_target_elements>(in);
    CHECK(found.out.candidates == std::vector{element_path("u")});
    in.sync_type = sync_type::snapshot;
    CHECK(rig.run<get_available_target_elements>(in).return_code == return_code::not_supported);
}

TEST_CASE("relationships are listed by what a client filters for")
{
    service_rig rig;
    const auto first = rig.synchronized("t");
    const auto second = rig.synchronized("u");
    REQUIRE(rig.modify(second, operation::fracture).succeeded());
    const auto count = [&](relationship_filter filter) {
        const auto paths = rig.run<get_replication_relationships>(filter);
        const auto instances = rig.run<get_replication_relationship_instances>(filter);
        CHECK(paths.out.synchronizations.size() == instances.out.synchronizations.size());
        return paths.out.synchronizations.size();
    };
    CHECK(count({}) == 2);
    CHECK(count({.copy_state = copy_state::fractured}) == 1);
    CHECK(count({.sync_type = sync_type::mirror}) == 2);
    CHECK(count({.sync_type = sync_type::clone}) == 0);
    CHECK(count({.mode = mode::asynchronous}) == 0);
    CHECK(count({.locality = locality::local_only}) == 2);
    CHECK(count({.locality = locality::remote_only}) == 0);
    CHECK(count({.type = relationship_class::group_synchronized}) == 0);
}
