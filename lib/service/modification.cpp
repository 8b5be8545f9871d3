// service/modification.cpp -- refusals of operations, in words.
// SPDX-License-Identifier: BSL-1.0
#include "modification.hpp"

#include <cimrep/service/conformance.hpp>
#include <cimrep/state/refusal.hpp>

namespace cimrep::inline v0 {

namespace {

failure with_dry_run(failure why, const relationship& which, operation what)
{
    const auto plan = which.dry_run(what);
    if (plan.has_error() || plan.value().overwritten_bytes == 0) return why;
    why.wrong += ": it overwrites " + std::to_string(plan.value().overwritten_bytes) +
                 " bytes of " + to_text(plan.value().to) + " with those of " +
                 to_text(plan.value().from);
    return why;
}

}  // namespace

outcome<> admit(const relationship& which, operation what, bool force)
{
    const auto& state = which.state();
    const auto asked = request_of(what);
    const auto verdict = step(state, asked, {.force = force}).verdict;
    const bool legal = verdict == verdict::accepted || verdict == verdict::needs_force;
    if (legal && !is_built(state.kind, asked)) {
        return fail(errc::not_supported,
                    "operation " + numbered(what) + " is legal in " +
                        std::string{to_name(state.copy_state)} + " but not built",
                    "docs/conformance.md lists the operations that are");
    }
    if (verdict == verdict::accepted) return success();
    auto why = refusal(state, asked, verdict, &is_built_for);
    return verdict == verdict::needs_force ? with_dry_run(std::move(why), which, what) : why;
}

outcome<> check_wait(const replication_kind& kind, request what,
                     const std::optional<copy_state>& wanted)
{
    if (!wanted.has_value() || can_reach(kind, what, *wanted)) return success();
    std::string possible;
    for (const auto state : wait_for_copy_states(kind, what))
        possible += (possible.empty() ? "" : ", ") + numbered(state);
    const auto* property = find_property(what);
    return fail(errc::invalid_argument,
                "parameter WaitForCopyState is " + numbered(*wanted) + ", to which " +
                    std::string{property->name} + " does not lead",
                possible.empty() ? "leave it out" : "give one of " + possible);
}

void check_unchanged(parameter_check& check, const relationship_info& info,
                     const std::optional<replication_setting_data>& given)
{
    if (!given.has_value()) return;
    const auto refuse = [&check](const char* name) {
        check.not_supported(
            std::string{"ReplicationSettingData."} + name + " differs from the replica's",
            "give it when the replica is created, or leave it out");
    };
    const auto& has = info.settings;
    if (given->copy_priority.has_value() && given->copy_priority != has.copy_priority)
        refuse("CopyPriority");
    const auto decides = desired_copy_recovery_mode::implementation_decides;
    const auto wished = given->copy_recovery_mode.value_or(decides);
    if (wished != decides && wished != has.copy_recovery_mode.value_or(decides))
        refuse("CopyRecoveryMode");
}

}  // namespace cimrep::inline v0
