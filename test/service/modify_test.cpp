// service/modify_test.cpp -- ModifyReplicaSynchronization and the older ModifySynchronization.
// SPDX-License-Identifier: BSL-1.0
#include "service_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("an operation answers 0 when its CopyState is reached")
{
    service_rig rig;
    const auto path = rig.synchronized();
    struct row {
        operation what;
        copy_state after;
        bool force = false;
    };
    using op = operation;
    using state = copy_state;
    for (const auto& row : {row{op::fracture, state::fractured},
                            {op::resync_replica, state::synchronized},
                            {op::split, state::split},
                            {op::restore_from_replica, state::synchronized, true},
                            {op::suspend, state::suspended},
                            {op::resume, state::synchronized},
                            {op::deactivate, state::inactive},
                            {op::activate, state::synchronized}}) {
        CAPTURE(to_name(row.what));
        const auto result = rig.modify(path, row.what, {}, row.force);
        CHECK(sentence(result) == "");
        CHECK(result.return_code == return_code::completed);
        CHECK_FALSE(result.job.has_value());
        rig.run_until([&] { return rig.state_of(path) == row.after; });
    }
    CHECK(rig.modify(path, op::detach).return_code == return_code::completed);
    CHECK(rig.opened->find(path) == nullptr);
}

TEST_CASE("a wait for the state that the operation reaches at once needs no job")
{
    service_rig rig;
    const auto path = rig.synchronized();
    const auto apart = rig.modify(path, operation::fracture, copy_state::fractured);
    CHECK(apart.return_code == return_code::completed);
    const auto back = rig.modify(path, operation::resync_replica, copy_state::unsynchronized);
    CHECK(back.return_code == return_code::completed);
}

TEST_CASE("an operation that is illegal here is refused with the state and what is legal")
{
    service_rig rig;
    const auto path = rig.synchronized();
    const auto before = rig.everything();
    const auto refused = rig.modify(path, operation::resume);
    CHECK(refused.return_code == return_code::failed);
    REQUIRE(refused.error.has_value());
    CHECK(refused.error->code == errc::invalid_state_transition);
    CHECK(contains(refused.error->wrong, "Resume of a Mirror that is Synchronized"));
    CHECK(contains(refused.error->remedy, "Fracture"));
    CHECK(contains(refused.error->remedy, "Detach"));
    CHECK(rig.everything() == before);
}

TEST_CASE("an operation that is legal and not built answers 1 and says so")
{
    service_rig rig;
    const auto path = rig.synchronized();
    const auto before = rig.everything();
    for (const auto what : {operation::failover, operation::reverse_roles,
                            operation::reset_to_async, operation::reset_to_active}) {
        const auto refused = rig.modify(path, what);
        CHECK(refused.return_code == return_code::not_supported);
        CHECK(contains(sentence(refused), "not built"));
    }
    CHECK(rig.everything() == before);
}

TEST_CASE("what needs Force is refused without it, with the bytes that it would overwrite")
{
    service_rig rig;
    const auto path = rig.synchronized();
    REQUIRE(rig.modify(path, operation::fracture).succeeded());
    auto* target = rig.opened->front(element_path("t")).value();
    REQUIRE_FALSE(rig.write(*target, 64 * kib, 4096, 0x5A));
    const auto before = rig.everything();
    const auto refused = rig.modify(path, operation::restore_from_replica);
    CHECK(refused.return_code == return_code::failed);
    CHECK(contains(sentence(refused), "overwrites 65536 bytes of " + to_text(element_path("s"))));
    CHECK(contains(sentence(refused), "Force"));
    CHECK(rig.everything() == before);

    const auto forced =
        rig.modify(path, operation::restore_from_replica, copy_state::synchronized, true);
    REQUIRE(sentence(forced) == "");
    if (forced.job.has_value()) CHECK(rig.service->run_job(*forced.job) == job_state::completed);
    CHECK(rig.equal("s", "t", service_rig::size));
    CHECK(rig.elements["s"].memory->memory()[64 * kib] == std::byte{0x5A});
}

TEST_CASE("a request while another is being carried out finds the relationship in use")
{
    service_rig rig;
    const auto path = rig.synchronized();
    bool over = false;
    struct flagged : method_op<modify_replica_synchronization> {
        bool* over = nullptr;
    };
    flagged op;
    op.over = &over;
    op.in.operation = operation::split;
    op.in.synchronization = path;
    op.done = [](method_call& call) noexcept { *static_cast<flagged&>(call).over = true; };
    rig.service->start(op);
    const auto second = rig.modify(path, operation::suspend);
    CHECK(second.return_code == return_code::in_use);
    rig.run_until([&] { return over; });
    CHECK(op.return_code == return_code::completed);
}

TEST_CASE("Dissolve leaves an aspect of the source, and its association is the answer")
{
    service_rig rig;
    const auto path = rig.synchronized();
    const auto result = rig.modify(path, operation::dissolve);
    REQUIRE(sentence(result) == "");
    REQUIRE(result.out.settings_state.has_value());
    CHECK(rig.opened->find(path) == nullptr);
    REQUIRE(rig.service->settings_define_states().size() == 1);
    REQUIRE(rig.service->synchronization_aspects().size() == 1);
    const auto& association = rig.service->settings_define_states()[0];
    const auto& aspect = rig.service->synchronization_aspects()[0];
    CHECK(association.path == *result.out.settings_state);
    CHECK(association.managed_element == element_path("s"));
    CHECK(association.setting_data == aspect.path);
    CHECK(aspect.source_element == element_path("s"));
    CHECK(aspect.when_point_in_time.is_set());
    const auto it = rig.service->get_instance(aspect.path).value();
    CHECK(it.find("SyncType")->meaning == "Mirror");
    CHECK(to_text(it.find("SourceElement")->value) == to_text(element_path("s")));
    CHECK(rig.service->get_instance(association.path).has_value());
    CHECK(rig.service->instances().size() == 2);
}

TEST_CASE("Detach leaves nothing")
{
    service_rig rig;
    const auto path = rig.synchronized();
    const auto result = rig.modify(path, operation::detach);
    CHECK_FALSE(result.out.settings_state.has_value());
    CHECK(rig.service->instances().empty());
}

TEST_CASE("the older operations do what the newer ones do, under their own numbers")
{
    service_rig rig;
    const auto path = rig.synchronized();
    const auto ask = [&](unsigned number) {
        modify_synchronization::inputs in;
        in.operation = static_cast<legacy_operation>(number);
        in.synchronization = path;
        return rig.run<modify_synchronization>(in);
    };
    const auto reach = [&](copy_state state) {
        rig.run_until([&] { return rig.state_of(path) == state; });
    };
    CHECK(sentence(ask(3)) == "");  // Fracture, where 3 of the newer ones is for groups
    reach(copy_state::fractured);
    CHECK(sentence(ask(4)) == "");  // Resync Replica
    reach(copy_state::synchronized);
    CHECK(sentence(ask(8)) == "");  // Quiesce
    reach(copy_state::suspended);
    CHECK(sentence(ask(9)) == "");  // Unquiesce
    reach(copy_state::synchronized);
    CHECK(sentence(ask(2)) == "");  // Detach
    CHECK(rig.opened->find(path) == nullptr);
}

TEST_CASE("the older method refuses by name and value, and changes nothing")
{
    service_rig rig;
    const auto path = rig.synchronized();
    const auto before = rig.everything();
    const auto ask = [&](std::optional<legacy_operation> what) {
        modify_synchronization::inputs in;
        in.operation = what;
        in.synchronization = path;
        const auto result = rig.run<modify_synchronization>(in);
        CHECK(rig.everything() == before);
        return std::pair{to_number(result.return_code), sentence(result)};
    };
    CHECK(ask({}).first == 5);
    CHECK(ask(legacy_operation{1}).first == 5);
    CHECK(ask(legacy_operation{14}).first == 5);
    CHECK(ask(legacy_operation{0x8000}).first == 1);
    const auto [code, text] = ask(legacy_operation::unquiesce);
    CHECK(code == 4);
    CHECK(contains(text, "SyncState 6 Synchronized"));
    CHECK(contains(text, "legal there"));
    // What the table accepts beyond that is named as what it is.
    CHECK(contains(text, "Reset To Async (not built)"));
    CHECK_FALSE(contains(text, "Detach (not built)"));
    CHECK(ask(legacy_operation::start_copy).first == 4);
    CHECK(ask(legacy_operation::reset_to_async).first == 1);
}
