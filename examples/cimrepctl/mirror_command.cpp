// examples/cimrepctl/mirror_command.cpp -- makes a copy by mirroring, and lets go of it.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cim/format.hpp>

#include <fmt/format.h>

#include "claim_wait.hpp"
#include "commands.hpp"
#include "interrupt.hpp"
#include "kept_mirror.hpp"
#include "progress.hpp"
#include "session.hpp"
#include <optional>

namespace cimrepctl {

namespace {

bool is_full(const mirror_command& asked)
{
    return asked.identical == "full";
}

/// A copy that was stopped half-way: the target is let go of.
void give_up(session& over)
{
    if (!over.has_mirror()) return;
    if (over.info().copy_state == copy_state::unsynchronized) (void)over.modify(operation::abort);
    if (over.has_mirror()) (void)over.modify(operation::detach);
}

/// Why there is no copy, with what the user of this program can do, and what the target is now.
failure explained(failure why, const mirror_command& asked,
                  const std::optional<relationship_info>& begun)
{
    if (why.code == errc::foreign_signature)
        why.remedy = "give another target, or --overwrite: what it carries is then LOST";
    if (why.code == errc::not_identical)
        why.remedy = "nothing was written: mirror without --identical makes the copy";
    if (!begun && is_interruption(why))
        why.remedy = fmt::format("nothing was written to {}", asked.target);
    if (!begun || !asked.identical.empty()) return why;
    const unsigned percent = percent_of(sample_of(*begun));
    why.remedy += fmt::format("{}{} is INCOMPLETE and no copy of {} ({} % copied): mirror again",
                              why.remedy.empty() ? "" : "; ", asked.target, asked.source, percent);
    return why;
}

outcome<> synchronize(console& out, session& over, const element_pair& pair,
                      const mirror_command& asked)
{
    if (!asked.identical.empty())
        return over.create_identical(
            pair, asked.overwrite, is_full(asked) ? identity_check::full : identity_check::sampled);
    progress_display display(out, "copying");
    auto ended = over.create_mirror(pair, asked.overwrite, [&](const relationship_info& info) {
        display.show(sample_of(info), over.loop().now());
    });
    ended ? display.finish(sample_of(over.info())) : display.end();
    return ended;
}

std::string done_text(const mirror_command& asked, const relationship_info& info)
{
    if (asked.identical.empty())
        return fmt::format("{} is a copy of {}: {} copied, flushed and detached", asked.target,
                           asked.source, size_text(info.copied_bytes));
    if (is_full(asked))
        return fmt::format("{} equals {} already: every byte was compared, nothing was copied",
                           asked.target, asked.source);
    return fmt::format(
        "{} has no difference from {} in the samples that were compared, nothing was "
        "copied; --identical=full compares every byte",
        asked.target, asked.source);
}

outcome<> mirror(console& out, const mirror_command& asked)
{
    CIMREP_TRY(const auto loop, make_loop());
    file_elements files(*loop);
    patient_elements elements(out, files);
    CIMREP_TRY(const element_pair pair, add_pair(out, files, asked.source, asked.target));
    CIMREP_TRY(const auto over, session::open(*loop, elements));
    if (auto ended = synchronize(out, *over, pair, asked); !ended) {
        std::optional<relationship_info> begun;
        if (over->has_mirror()) begun = over->info();
        give_up(*over);
        return explained(std::move(ended).error(), asked, begun);
    }
    CIMREP_TRY(over->flush());
    const relationship_info info = over->info();
    CIMREP_TRY(over->modify(operation::detach));
    CIMREP_TRY(over->close());
    out.say("mirrored",
            {{"source", asked.source},
             {"target", asked.target},
             {"copy_state", describe(info.copy_state)},
             {"checked", asked.identical.empty() ? json() : json(asked.identical)},
             {"copied_bytes", info.copied_bytes},
             {"seconds", static_cast<double>(info.copy_took.nanoseconds) / 1e9}},
            done_text(asked, info));
    return success();
}

}  // namespace

exit_status run_mirror(console& out, const mirror_command& asked)
{
    const auto ended = asked.repository.empty() ? mirror(out, asked) : keep_mirror(out, asked);
    return ended ? all_well : out.complain(ended.error());
}

}  // namespace cimrepctl
