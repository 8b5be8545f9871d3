// service/query_capabilities.cpp -- what would be accepted: the table, less what is not built.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/service/conformance.hpp>

#include "modification.hpp"
#include "query_run.hpp"
#include "service_core.hpp"

namespace cimrep::inline v0 {

namespace {

// The kind that a ReplicationType names, if it is built.
outcome<replication_kind> built_kind(parameter_check& check,
                                     const std::optional<replication_type>& type)
{
    check.required_value("ReplicationType", type);
    if (check.refused()) return *check.verdict();
    const auto kind = kind_of(*type);
    if (is_built(kind)) return kind;
    return fail(errc::not_supported, "ReplicationType " + numbered(*type) + " is not built",
                "give 2 Synchronous Mirror Local");
}

void add_operations(const supported_operation_list& list, const replication_kind& kind,
                    supported_operation_outputs& out)
{
    for (const auto& entry : list) {
        if (!is_built(kind, request_of(entry.what))) continue;
        out.supported_operations.push_back(entry.what);
        out.service_controlling.push_back(service_controlling::source_or_target);
        out.requires_force.push_back(entry.requires_force);
        out.updates_synchronized_path.push_back(entry.updates_path);
    }
}

}  // namespace

outcome<> answer(service_core&, method_op<get_supported_operations>& op)
{
    const auto& in = op.in;
    parameter_check check;
    check.value("CopyState", in.copy_state).settings(in.replication_setting_data);
    CIMREP_TRY(const auto kind, built_kind(check, in.replication_type));
    add_operations(in.copy_state.has_value() ? supported_operations(kind, *in.copy_state)
                                             : supported_operations(kind),
                   kind, op.out);
    return success();
}

outcome<> answer(service_core& core, method_op<get_supported_operations_for_synchronization>& op)
{
    const auto& in = op.in;
    parameter_check check;
    check.required("Synchronization", in.synchronization).settings(in.replication_setting_data);
    if (check.refused()) return *check.verdict();
    CIMREP_TRY(auto* found, find_relationship(core, "Synchronization", *in.synchronization));
    add_operations(supported_operations(found->state()), found->state().kind, op.out);
    return success();
}

outcome<> answer(service_core&, method_op<get_supported_copy_states>& op)
{
    const auto& in = op.in;
    parameter_check check;
    check.value("Operation", in.operation).settings(in.replication_setting_data);
    CIMREP_TRY(const auto kind, built_kind(check, in.replication_type));
    for (const auto& entry : supported_copy_states(kind)) {
        if (in.operation.has_value()) {
            const auto asked = request_of(*in.operation);
            if (!is_built(kind, asked) || !is_legal(kind, entry.state, asked)) continue;
        }
        op.out.supported_copy_states.push_back(entry.state);
        op.out.host_accessible.push_back(entry.host_accessible);
    }
    return success();
}

outcome<> answer(service_core&, method_op<get_supported_wait_for_copy_states>& op)
{
    const auto& in = op.in;
    parameter_check check;
    check.required_value("MethodName", in.method_name)
        .value("Operation", in.operation)
        .settings(in.replication_setting_data);
    const bool modifies = in.method_name == wait_method::modify_replica_synchronization ||
                          in.method_name == wait_method::modify_list_synchronization;
    if (modifies) check.required_value("Operation", in.operation);
    if (!modifies && in.method_name.has_value() &&
        *in.method_name != wait_method::create_element_replica) {
        check.not_supported("MethodName " + std::to_string(to_number(*in.method_name)),
                            "give 2 CreateElementReplica, 4 ModifyReplicaSynchronization or 5 "
                            "ModifyListSynchronization");
    }
    CIMREP_TRY(const auto kind, built_kind(check, in.replication_type));
    const auto add = [&](request what) {
        if (!is_built(kind, what)) return;
        for (const auto state : wait_for_copy_states(kind, what))
            op.out.supported_copy_states.push_back(state);
    };
    if (modifies) {
        add(request_of(*in.operation));
    } else {
        for (const auto what :
             {request::create_initialized, request::create, request::create_inactive})
            add(what);
    }
    return success();
}

}  // namespace cimrep::inline v0
