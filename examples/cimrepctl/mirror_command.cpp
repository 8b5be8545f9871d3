// examples/cimrepctl/mirror_command.cpp -- makes a copy by mirroring, and lets go of it.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cim/format.hpp>

#include "commands.hpp"
#include "interrupt.hpp"
#include "progress.hpp"
#include "session.hpp"

namespace cimrepctl {

namespace {

/// A copy that was stopped half-way: the target is let go of, and named as what it is.
void give_up(session& over)
{
    if (!over.has_mirror()) return;
    if (over.info().copy_state == copy_state::unsynchronized) (void)over.modify(operation::abort);
    if (over.has_mirror()) (void)over.modify(operation::detach);
}

outcome<> synchronize(console& out, session& over, const element_pair& pair,
                      const mirror_command& asked)
{
    if (!asked.identical.empty())
        return over.create_identical(
            pair, asked.overwrite,
            asked.identical == "full" ? identity_check::full : identity_check::sampled);
    progress_display display(out, "copying");
    auto ended = over.create_mirror(pair, asked.overwrite, [&](const relationship_info& info) {
        display.show(sample_of(info), over.loop().now());
    });
    display.end();
    return ended;
}

outcome<> mirror(console& out, const mirror_command& asked)
{
    CIMREP_TRY(const auto loop, make_loop());
    file_elements files(*loop);
    CIMREP_TRY(const element_pair pair, add_pair(files, asked.source, asked.target));
    CIMREP_TRY(const auto over, session::open(*loop, files));
    if (auto ended = synchronize(out, *over, pair, asked); !ended) {
        give_up(*over);
        return ended;
    }
    CIMREP_TRY(over->flush());
    const relationship_info info = over->info();
    CIMREP_TRY(over->modify(operation::detach));
    CIMREP_TRY(over->close());
    out.say("mirrored",
            {{"source", asked.source},
             {"target", asked.target},
             {"copy_state", describe(info.copy_state)},
             {"copied_bytes", info.copied_bytes},
             {"seconds", static_cast<double>(info.copy_took.nanoseconds) / 1e9}},
            asked.target + " is a copy of " + asked.source + ": " + size_text(info.copied_bytes) +
                " copied, flushed and detached");
    return success();
}

}  // namespace

exit_status run_mirror(console& out, const mirror_command& asked)
{
    const auto ended = mirror(out, asked);
    return ended ? all_well : out.complain(ended.error());
}

}  // namespace cimrepctl
