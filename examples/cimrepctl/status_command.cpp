// examples/cimrepctl/status_command.cpp -- what a repository knows, without opening what it names.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cim/format.hpp>
#include <cimrep/runtime/saved_state.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "commands.hpp"
#include "kept_repository.hpp"
#include "progress.hpp"
#include "session.hpp"
#include "store_op.hpp"
#include <ctime>

namespace cimrepctl {

namespace {

const char* text_of(leg_role role)
{
    switch (role) {
    case leg_role::current: return "current";
    case leg_role::syncing: return "being brought up to date";
    case leg_role::tracking: return "apart";
    }
    return "unknown";
}

const char* name_of(leg_role role)
{
    switch (role) {
    case leg_role::current: return "current";
    case leg_role::syncing: return "syncing";
    case leg_role::tracking: return "tracking";
    }
    return "unknown";
}

/// "2026-01-31T23:59:59Z"; empty for a moment that never was.
std::string time_text(wall_time when)
{
    if (when.nanoseconds == 0) return {};
    const auto seconds = static_cast<std::time_t>(when.nanoseconds / 1'000'000'000);
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(seconds));
}

json time_json(wall_time when)
{
    const std::string text = time_text(when);
    return text.empty() ? json() : json(text);
}

json leg_json(const object_path& element, const char* is, leg_role role)
{
    return {{"element", location_of(element)}, {"is", is}, {"role", name_of(role)}};
}

std::string history_text(const saved_relationship& of)
{
    std::string text;
    const auto add = [&](const char* what, wall_time when) {
        if (const std::string at = time_text(when); !at.empty())
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", what, at);
    };
    add("established", of.when_established);
    add("activated", of.when_activated);
    add("synchronized", of.when_synchronized);
    add("suspended", of.when_suspended);
    add("deactivated", of.when_deactivated);
    return text;
}

void say_relationship(console& out, const saved_relationship& each)
{
    const std::string source = location_of(each.source), target = location_of(each.target);
    std::string text = fmt::format("{} -> {}\n  {} {}, CopyState {}, ProgressStatus {}, {} % of {}",
                                   source, target, describe(each.sync_type), describe(each.mode),
                                   describe(each.copy_state), describe(each.progress_status),
                                   each.percent_synced(), size_text(each.size_bytes));
    if (each.different_bytes != 0)
        text += fmt::format("; {} to be copied", size_text(each.different_bytes));
    if (each.unsettled_bytes != 0)
        text += fmt::format(", {} of them because they were being written when it ended",
                            size_text(each.unsettled_bytes));
    text += fmt::format("\n  source {}, target {}\n  {}", text_of(each.source_role),
                        text_of(each.target_role), history_text(each));
    out.say("relationship",
            {{"source", source},
             {"target", target},
             {"sync_type", describe(each.sync_type)},
             {"mode", describe(each.mode)},
             {"copy_state", describe(each.copy_state)},
             {"progress_status", describe(each.progress_status)},
             {"percent_synced", each.percent_synced()},
             {"size_bytes", each.size_bytes},
             {"different_bytes", each.different_bytes},
             {"unsettled_bytes", each.unsettled_bytes},
             {"legs",
              {leg_json(each.source, "source", each.source_role),
               leg_json(each.target, "target", each.target_role)}},
             {"when_established", time_json(each.when_established)},
             {"when_activated", time_json(each.when_activated)},
             {"when_synchronized", time_json(each.when_synchronized)},
             {"when_suspended", time_json(each.when_suspended)},
             {"when_deactivated", time_json(each.when_deactivated)}},
            text);
}

outcome<> status(console& out, const copy_names& names)
{
    CIMREP_TRY(check_apart(names));
    CIMREP_TRY(const auto loop, make_loop());
    CIMREP_TRY(const auto copies, repository_copies::open(out, *loop, names, copy_access::read));
    waited_store_op<repository_check_op> op;
    op.copies = copies.devices();
    op.keep_content = true;
    check_repository(op);
    op.wait(*loop);
    if (op.report.refused) return in_names(std::move(*op.report.refused), names);
    CIMREP_TRY(const auto found, saved_relationships(*op.content));
    const superblock& block = *op.report.copies[*op.report.believed].newest;
    const std::string by = block.owner.name.empty() ? "" : " by " + block.owner.name;
    out.say("repository",
            {{"copies", names},
             {"good", op.report.good()},
             {"closed_in_order", block.clean},
             {"last_opened_by", block.owner.name},
             {"relationships", found.size()}},
            fmt::format("{}: {}{}; {} {}{}", names_text(names),
                        block.clean ? "closed in order" : "NOT closed in order", by, found.size(),
                        found.size() == 1 ? "relationship" : "relationships",
                        op.report.good() ? "" : "; `cimrepctl check` finds something wrong"));
    for (const saved_relationship& each : found) say_relationship(out, each);
    return success();
}

}  // namespace

exit_status run_status(console& out, const repository_command& asked)
{
    const auto ended = status(out, split_names(asked.copies));
    return ended ? all_well : out.complain(ended.error());
}

}  // namespace cimrepctl
