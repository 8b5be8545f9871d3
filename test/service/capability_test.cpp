// service/capability_test.cpp -- the answers of the capabilities, and what is really carried out.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/service/conformance.hpp>
#include <cimrep/state/query.hpp>

#include "service_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

constexpr auto local_mirror = replication_type::synchronous_mirror_local;
constexpr replication_kind local_kind{sync_type::mirror, mode::synchronous, local_or_remote::local};

bool has(const std::vector<operation>& list, operation what)
{
    return std::find(list.begin(), list.end(), what) != list.end();
}

}  // namespace

TEST_CASE("the operations of a relationship are those that it accepts now")
{
    service_rig rig;
    const auto path = rig.synchronized();
    const auto ask = [&] {
        const auto result =
            rig.run<get_supported_operations_for_synchronization>({.synchronization = path});
        REQUIRE(sentence(result) == "");
        const auto count = result.out.supported_operations.size();
        CHECK(result.out.service_controlling.size() == count);
        CHECK(result.out.requires_force.size() == count);
        CHECK(result.out.updates_synchronized_path.size() == count);
        return result.out;
    };
    const auto together = ask();
    CHECK(has(together.supported_operations, operation::fracture));
    CHECK(has(together.supported_operations, operation::dissolve));
    CHECK_FALSE(has(together.supported_operations, operation::resume));
    CHECK_FALSE(has(together.supported_operations, operation::reverse_roles));
    REQUIRE(rig.modify(path, operation::fracture).succeeded());
    const auto apart = ask();
    for (std::size_t i = 0; i < apart.supported_operations.size(); ++i)
        CHECK(apart.requires_force[i] ==
              (apart.supported_operations[i] == operation::restore_from_replica));
    CHECK(has(apart.supported_operations, operation::resync_replica));
}

TEST_CASE("a row of the table is marked as built where the capabilities name its operation")
{
    service_rig rig;
    std::size_t compared = 0;
    for (const auto& row : requests_of(sync_type::mirror)) {
        if (!contains(row.kinds, local_kind)) {
            CHECK_FALSE(is_built(sync_type::mirror, row));
            continue;
        }
        for (const auto& [what, name] : operation_names) {
            if (request_of(what) != row.what || row.from == every_state) continue;
            CAPTURE(to_name(row.from), name);
            const auto told = rig.run<get_supported_operations>(
                {.replication_type = local_mirror, .copy_state = row.from});
            CHECK(is_built(sync_type::mirror, row) == has(told.out.supported_operations, what));
            ++compared;
        }
    }
    CHECK(compared > 50);
    for (const sync_type type : {sync_type::snapshot, sync_type::clone}) {
        for (const auto& row : requests_of(type)) CHECK_FALSE(is_built(type, row));
        for (const auto& row : events_of(type)) CHECK_FALSE(is_built(type, row));
    }
}

TEST_CASE("every operation does in every state what the capabilities say")
{
    struct row {
        operation way;
        copy_state state;
    };
    for (const auto& there :
         {row{operation::fracture, copy_state::fractured}, row{operation::split, copy_state::split},
          row{operation::suspend, copy_state::suspended},
          row{operation::deactivate, copy_state::inactive},
          row{operation{}, copy_state::synchronized}}) {
        for (const auto& [what, name] : operation_names) {
            CAPTURE(to_name(there.state), name);
            service_rig rig;
            const auto path = rig.synchronized();
            if (there.way != operation{}) REQUIRE(rig.modify(path, there.way).succeeded());
            REQUIRE(rig.state_of(path) == there.state);
            const auto told = rig.run<get_supported_operations>(
                {.replication_type = local_mirror, .copy_state = there.state});
            const auto before = rig.everything();
            const auto result = rig.modify(path, what, {}, true);
            CHECK(has(told.out.supported_operations, what) == result.succeeded());
            const bool legal = is_legal(local_kind, there.state, request_of(what));
            const bool built = is_built(local_kind, request_of(what));
            const bool of_group = find_property(request_of(what))->form == request_form::group_only;
            if (!of_group)
                CHECK((result.return_code == return_code::not_supported) == (legal && !built));
            if (!result.succeeded()) CHECK(rig.everything() == before);
        }
    }
}

TEST_CASE("what can be waited for is told, and only that is accepted")
{
    service_rig rig;
    get_supported_wait_for_copy_states::inputs in;
    in.replication_type = local_mirror;
    in.method_name = wait_method::create_element_replica;
    const auto created = rig.run<get_supported_wait_for_copy_states>(in);
    CHECK(created.out.supported_copy_states ==
          std::vector{copy_state::initialized, copy_state::unsynchronized, copy_state::synchronized,
                      copy_state::inactive});
    in.method_name = wait_method::modify_replica_synchronization;
    CHECK(contains(sentence(rig.run<get_supported_wait_for_copy_states>(in)),
                   "Operation is missing"));
    in.operation = operation::resync_replica;
    CHECK(rig.run<get_supported_wait_for_copy_states>(in).out.supported_copy_states ==
          std::vector{copy_state::unsynchronized, copy_state::synchronized});
    in.operation = operation::failover;
    CHECK(rig.run<get_supported_wait_for_copy_states>(in).out.supported_copy_states.empty());
    in.method_name = wait_method::create_list_replica;
    CHECK(rig.run<get_supported_wait_for_copy_states>(in).return_code ==
          return_code::not_supported);
    in.method_name = wait_method{12};
    CHECK(rig.run<get_supported_wait_for_copy_states>(in).return_code ==
          return_code::invalid_parameter);
}

TEST_CASE("CopyStates are told with the target's access, all or those that take an operation")
{
    service_rig rig;
    const auto all = rig.run<get_supported_copy_states>({.replication_type = local_mirror});
    REQUIRE(all.out.supported_copy_states.size() == all.out.host_accessible.size());
    for (std::size_t i = 0; i < all.out.supported_copy_states.size(); ++i) {
        const auto state = all.out.supported_copy_states[i];
        CAPTURE(to_name(state));
        CHECK(all.out.host_accessible[i] ==
              (host_access_of(local_kind, state) != host_access::none));
        CHECK(state != copy_state::partitioned);
    }
    const auto splits = rig.run<get_supported_copy_states>(
        {.replication_type = local_mirror, .operation = operation::split});
    CHECK(splits.out.supported_copy_states == std::vector{copy_state::synchronized});
}

TEST_CASE("capabilities of what is not built, or not there, are refused")
{
    service_rig rig;
    using type = replication_type;
    const auto code = [&](std::optional<type> of) {
        const auto result = rig.run<get_supported_operations>({.replication_type = of});
        CHECK(result.return_code ==
              rig.run<get_supported_copy_states>({.replication_type = of}).return_code);
        return to_number(result.return_code);
    };
    CHECK(code({}) == 5);
    CHECK(code(type{1}) == 5);
    CHECK(code(type{28}) == 5);
    CHECK(code(type{0x8000}) == 1);
    CHECK(code(type::asynchronous_mirror_local) == 1);
    CHECK(code(type::synchronous_mirror_remote) == 1);
    CHECK(code(type::synchronous_snapshot_local) == 1);
    CHECK(code(local_mirror) == 0);
    CHECK(to_number(rig.run<get_supported_operations>(
                           {.replication_type = local_mirror, .copy_state = copy_state{1}})
                        .return_code) == 5);
    CHECK(to_number(rig.run<get_supported_operations_for_synchronization>({}).return_code) == 5);
    CHECK(to_number(rig.run<get_supported_operations_for_synchronization>(
                           {.synchronization = element_path("s")})
                        .return_code) == 5);
}

TEST_CASE("what is not built may only become less")
{
    const auto not_built =
        std::count_if(operation_names.begin(), operation_names.end(),
                      [](const auto& row) { return !is_built(local_kind, request_of(row.value)); });
    CHECK(not_built <= 15);
    CHECK(method_conformance_table.size() >= 16);
    const auto unfinished =
        std::count_if(method_conformance_table.begin(), method_conformance_table.end(),
                      [](const auto& row) { return row.state != build_state::built; });
    CHECK(unfinished <= 2);
    for (std::size_t i = 1; i < method_conformance_table.size(); ++i)
        CHECK(method_conformance_table[i - 1].method < method_conformance_table[i].method);
}
