// service/query_not_built.cpp -- methods whose parameters are checked, and that are not built yet.
// SPDX-License-Identifier: BSL-1.0
#include "modification.hpp"
#include "query_run.hpp"
#include "service_core.hpp"
#include <algorithm>

namespace cimrep::inline v0 {

namespace {

failure not_built(const char* method)
{
    return fail(errc::not_supported, std::string{"method "} + method + " is not built",
                "docs/conformance.md lists the methods that are");
}

}  // namespace

outcome<> answer(service_core&, method_op<create_synchronization_aspect>& op)
{
    const auto& in = op.in;
    parameter_check check;
    check.required_value("SyncType", in.sync_type)
        .value("Mode", in.mode)
        .value("Consistency", in.consistency)
        .settings(in.replication_setting_data)
        .exclusive("SourceGroup", in.source_group.has_value(), "SourceElement",
                   in.source_element.has_value());
    if (!in.source_group.has_value()) check.required("SourceElement", in.source_element);
    if (in.mode == mode::unknown || in.mode == mode::active) {
        check.invalid(errc::unknown_value, "parameter Mode is " + numbered(*in.mode),
                      "give one of 2 Synchronous, 3 Asynchronous, 4 Adaptive");
    }
    if (check.refused()) return *check.verdict();
    return not_built("CreateSynchronizationAspect");
}

outcome<> answer(service_core& core, method_op<modify_settings_define_state>& op)
{
    const auto& in = op.in;
    const bool has_element = in.target_element.has_value();
    const bool has_group = in.target_group.has_value();
    const bool has_count = in.target_element_count.has_value();
    parameter_check check;
    check.required_value("Operation", in.operation)
        .required("SettingsState", in.settings_state)
        .value("WaitForCopyState", in.wait_for_copy_state)
        .settings(in.replication_setting_data)
        .exclusive("TargetElement", has_element, "TargetGroup", has_group)
        .exclusive("TargetElement", has_element, "TargetElementCount", has_count)
        .exclusive("TargetGroup", has_group, "TargetElementCount", has_count)
        .exclusive("TargetElement", has_element, "TargetSettingGoal",
                   in.target_setting_goal.has_value())
        .exclusive("TargetElement", has_element, "TargetPool", in.target_pool.has_value());
    if (check.refused()) return *check.verdict();
    const auto& known = core.aspects().associations();
    if (std::none_of(known.begin(), known.end(),
                     [&](const auto& each) { return each.path == *in.settings_state; })) {
        return fail(errc::stale_reference,
                    "parameter SettingsState is " + to_text(*in.settings_state),
                    "list the aspects and give the path of one of their associations");
    }
    return not_built("ModifySettingsDefineState");
}

}  // namespace cimrep::inline v0
