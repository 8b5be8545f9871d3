// examples/cimrepctl/detach_command.cpp -- ends a relationship that a repository keeps.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cim/format.hpp>

#include <fmt/format.h>

#include "commands.hpp"
#include "kept_mirror.hpp"
#include "progress.hpp"

namespace cimrepctl {

namespace {

/// What the target is from now on.
std::string target_text(const detach_command& asked, const relationship_info& before)
{
    if (before.copy_state == copy_state::synchronized)
        return fmt::format("{} is a copy of {} as it is now", asked.target, asked.source);
    return fmt::format("CopyState was {}: {} is no copy of {} as it is now ({} % copied)",
                       describe(before.copy_state), asked.target, asked.source,
                       before.percent_synced);
}

outcome<> detach(console& out, const detach_command& asked)
{
    const copy_names names = split_names(asked.repository);
    CIMREP_TRY(const auto kept, kept_session::open(out, asked.source, asked.target, names,
                                                   {.command = "detach", .may_be_away = true}));
    if (!kept->is_known())
        return fail(errc::stale_reference,
                    fmt::format("{} keeps no relationship of {} and {}", names_text(names),
                                asked.source, asked.target),
                    "`cimrepctl status` shows those that it keeps");
    session& over = kept->over();
    const relationship_info before = over.info();
    if (auto ended = over.modify(operation::detach, asked.force); !ended) {
        failure why = std::move(ended).error();
        if (!asked.force && why.code != errc::element_in_use)
            why.remedy = fmt::format("--force ends it nevertheless, in CopyState {}, {} % copied",
                                     describe(before.copy_state), before.percent_synced);
        return why;
    }
    CIMREP_TRY(kept->close());
    out.say("detached",
            {{"source", asked.source},
             {"target", asked.target},
             {"copy_state", describe(before.copy_state)},
             {"percent_synced", before.percent_synced},
             {"repository", names_text(names)}},
            fmt::format("{} and {} are related no longer; {}", asked.source, asked.target,
                        target_text(asked, before)));
    return success();
}

}  // namespace

exit_status run_detach(console& out, const detach_command& asked)
{
    const auto ended = detach(out, asked);
    return ended ? all_well : out.complain(ended.error());
}

}  // namespace cimrepctl
