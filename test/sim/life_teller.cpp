// test/sim/life_teller.cpp -- what a process says of itself, for a story and for who must hear it.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cim/format.hpp>

#include <fmt/format.h>

#include "life_process.hpp"
#include "life_spread.hpp"
#include <string>

namespace cimrep::test {

void life_process::teller::log(const log_record& record) noexcept
{
    const user_scope user;
    if (record.event == log_event::volume_read_only) ++process.failed_last_flushes_;
    for (std::size_t i = 0; i < process.world.leg_count(); ++i)
        if (record.subject == to_text(process.world.leg_path(i))) {
            process.world.at_leg(record.event, i);
            life_spread(process).heard(record.event, i);
        }
    if (record.event == log_event::leg_not_recognized &&
        record.subject == to_text(process.world.leg_path(0)))
        process.world.source_has_left = process.world.source_was_turned_away = true;
    if (record.event == log_event::leg_failed) process.world.at_failed_leg(record.subject);
    if (!life_world::tells) return;
    std::string text = fmt::format("log {}: {}", static_cast<int>(record.event), record.subject);
    if (record.error) text += ": " + record.error.message();
    process.world.tell(text);
}

void life_process::teller::state_changed(const relationship& which,
                                         const state_change& what) noexcept
{
    const user_scope user;
    process.judge_recovery(which, what);
    process.restores_seen += what.progress_after == progress_status::restoring ? 1 : 0;
    life_spread(process).look();
    process.world.at_state(what.copy_state_after);
    if (!life_world::tells) return;
    process.world.tell(fmt::format("{} is {} ({}), was {}", to_text(which.info().synced_element),
                                   to_name(what.copy_state_after), to_name(what.progress_after),
                                   to_name(what.copy_state_before)));
}

}  // namespace cimrep::test
