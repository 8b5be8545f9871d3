// service/query_relationships.cpp -- what there is: relationships, possible targets, errors.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/service/conformance.hpp>

#include "modification.hpp"
#include "query_run.hpp"
#include "service_core.hpp"
#include <algorithm>

namespace cimrep::inline v0 {

namespace {

outcome<> check_filter(const relationship_filter& in)
{
    parameter_check check;
    check.value("Type", in.type)
        .value("SyncType", in.sync_type)
        .value("Mode", in.mode)
        .value("Locality", in.locality)
        .value("CopyState", in.copy_state)
        .settings(in.replication_setting_data);
    if (check.refused()) return *check.verdict();
    return success();
}

bool matches(const relationship_filter& wanted, const relationship& which)
{
    const auto& state = which.state();
    const auto where = state.kind.locality == local_or_remote::local ? locality::local_only
                                                                     : locality::remote_only;
    return wanted.type.value_or(relationship_class::storage_synchronized) ==
               relationship_class::storage_synchronized &&
           wanted.sync_type.value_or(state.kind.sync) == state.kind.sync &&
           wanted.mode.value_or(state.kind.mode) == state.kind.mode &&
           wanted.locality.value_or(where) == where &&
           wanted.copy_state.value_or(state.copy_state) == state.copy_state;
}

bool is_related(const service_core& core, const object_path& element)
{
    bool related = false;
    core.over().for_each_relationship([&](relationship& each) {
        const auto info = each.info();
        related = related || info.system_element == element || info.synced_element == element;
    });
    return related;
}

}  // namespace

outcome<> answer(service_core& core, method_op<get_replication_relationships>& op)
{
    CIMREP_TRY(check_filter(op.in));
    core.over().for_each_relationship([&](relationship& each) {
        if (matches(op.in, each)) op.out.synchronizations.push_back(each.path());
    });
    return success();
}

outcome<> answer(service_core& core, method_op<get_replication_relationship_instances>& op)
{
    CIMREP_TRY(check_filter(op.in));
    core.over().for_each_relationship([&](relationship& each) {
        if (matches(op.in, each)) op.out.synchronizations.push_back(instance_of(each.info()));
    });
    return success();
}

outcome<> answer(service_core& core, method_op<get_available_target_elements>& op)
{
    const auto& in = op.in;
    parameter_check check;
    check.required("SourceElement", in.source_element)
        .required_value("SyncType", in.sync_type)
        .value("Mode", in.mode)
        .settings(in.replication_setting_data)
        .absent("TargetAccessPoint", in.target_access_point.has_value())
        .absent("TargetSettingGoal", in.target_setting_goal.has_value())
        .absent("TargetPools", !in.target_pools.empty());
    if (check.refused()) return *check.verdict();
    const auto mode = in.mode.value_or(cimrep::mode::synchronous);
    if (!is_built({*in.sync_type, mode, local_or_remote::local})) {
        return fail(errc::not_supported,
                    "SyncType " + numbered(*in.sync_type) + " in Mode " + numbered(mode),
                    "give SyncType 6 Mirror and Mode 2 Synchronous");
    }
    const auto& elements = *core.over().options().elements;
    CIMREP_TRY(auto source, elements.describe(*in.source_element));
    for (auto& candidate : elements.available_targets(*in.source_element)) {
        if (op.out.candidates.size() >= in.max_element_count.value_or(UINT64_MAX)) break;
        const auto target = elements.describe(candidate);
        if (target.has_error() || candidate == *in.source_element) continue;
        const bool fits = target.value().size_bytes >= source.size_bytes &&
                          target.value().logical_block_bytes == source.logical_block_bytes;
        if (fits && !is_related(core, candidate)) op.out.candidates.push_back(std::move(candidate));
    }
    return success();
}

outcome<> answer(service_core& core, method_op<get_errors>& op)
{
    parameter_check check;
    check.required("Job", op.in.job);
    if (check.refused()) return *check.verdict();
    const auto* kept = core.jobs().find(*op.in.job);
    if (kept == nullptr) {
        return fail(errc::stale_reference, "parameter Job is " + to_text(*op.in.job),
                    "list the jobs and give the path of one of them");
    }
    op.out.errors = kept->shown->get_errors();
    return success();
}

}  // namespace cimrep::inline v0
