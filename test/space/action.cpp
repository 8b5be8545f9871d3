// test/space/action.cpp -- the alphabet of the exploration.
// SPDX-License-Identifier: BSL-1.0
#include "action.hpp"

#include <utility>

namespace cimrep::test {

namespace {

initial_synchronization initial_of(request what)
{
    if (what == request::create_initialized) return initial_synchronization::none;
    if (what == request::create_inactive) return initial_synchronization::inactive;
    if (what == request::create_identical) return initial_synchronization::identical;
    return initial_synchronization::copy;
}

}  // namespace

std::string action::name() const
{
    const std::string which = on_target ? " target" : " source";
    const std::string where = " region " + std::to_string(region);
    switch (what) {
    case act::create:
    case act::ask:
        return std::string(find_property(request)->name) +
               (what == act::ask && operation == operation::unprepare ? " (Unprepare)" : "") +
               (force ? " with Force" : "");
    case act::write_source:
    case act::write_target: return "write" + which + where;
    case act::flush: return "flush";
    case act::flush_fails: return "flush fails of" + which;
    case act::fail: return "fail" + which;
    case act::come_back: return "return of" + which;
    case act::copy_window: return "copy one window";
    case act::copy_ends: return "copy to the end";
    case act::crash: return "crash and open";
    case act::close: return "close and open";
    case act::accept: return "accept after failed flush";
    }
    return "";
}

bool action::possible(const view& here) const
{
    const leg_view& leg = on_target ? here.target : here.source;
    switch (what) {
    case act::create: return !here.related();
    case act::ask:
    case act::write_target: return here.related();
    case act::write_source:
    case act::flush: return here.open || !here.source.failing;
    case act::flush_fails: return here.open && leg.there && !leg.failing;
    case act::fail: return !leg.failing;
    case act::come_back: return leg.failing;
    case act::copy_window:
    case act::copy_ends: return here.copies;
    case act::crash:
    case act::close: return true;
    case act::accept: return here.read_only;
    }
    return false;
}

bool action::helps() const
{
    switch (what) {
    case act::create:
    case act::ask:
    case act::come_back:
    case act::copy_window:
    case act::copy_ends:
    case act::close:
    case act::accept: return true;
    case act::write_source:
    case act::write_target:
    case act::flush:
    case act::flush_fails:
    case act::fail:
    case act::crash: return false;
    }
    return false;
}

std::vector<event> action::events() const
{
    using enum event;
    switch (what) {
    case act::create:
    case act::ask:
    case act::write_source:
    case act::copy_window:
    case act::copy_ends: return {copy_done, restore_done, leg_lost, source_lost, leg_back};
    case act::write_target: return {target_written, leg_lost, source_lost};
    case act::flush:
    case act::flush_fails:
    case act::fail: return {leg_lost, source_lost};
    case act::come_back: return {leg_back, leg_lost, source_lost, copy_done, restore_done};
    case act::crash:
    case act::close: return {restart, leg_back, leg_lost, source_lost, copy_done, restore_done};
    case act::accept: return {};
    }
    return {};
}

std::vector<action> all_actions(bool each_region)
{
    std::vector<action> all;
    for (const request each : {request::create, request::create_initialized,
                               request::create_inactive, request::create_identical})
        all.push_back({.what = act::create, .request = each});
    for (const auto& [what, name] : operation_names)
        for (const bool force : {false, true})
            all.push_back(
                {.what = act::ask, .request = request_of(what), .operation = what, .force = force});
    for (const bool target : {false, true}) {
        for (std::size_t region = 0; region < (each_region ? space_regions : 1); ++region)
            all.push_back({.what = target ? act::write_target : act::write_source,
                           .on_target = target,
                           .region = region});
        for (const act each : {act::flush_fails, act::fail, act::come_back})
            all.push_back({.what = each, .on_target = target});
    }
    for (const act each :
         {act::flush, act::copy_window, act::copy_ends, act::crash, act::close, act::accept})
        all.push_back({.what = each});
    return all;
}

outcome_of_action carry_out(world& on, const action& what)
{
    outcome_of_action ended;
    const auto note = [&](world::answer answer) {
        ended.refused = !answer.accepted;
        ended.error = std::move(answer.error);
    };
    medium& leg = what.on_target ? on.target : on.source;
    switch (what.what) {
    case act::create: note(on.create(initial_of(what.request))); break;
    case act::ask: note(on.request(what.operation, what.force)); break;
    case act::write_source:
    case act::write_target: ended.code = on.write(what.on_target, what.region); break;
    case act::flush: ended.code = on.flush(); break;
    case act::flush_fails:
        leg.flush_fails = true;
        ended.code = on.flush();
        leg.flush_fails = false;
        break;
    case act::fail: on.fail(what.on_target); break;
    case act::come_back:
        if (auto told = on.element_returned(what.on_target); !told)
            ended.error = std::move(told).error();
        break;
    case act::copy_window: on.copy_one_window(); break;
    case act::copy_ends: on.copy_to_the_end(); break;
    case act::crash: on.reopen(false); break;
    case act::close: on.reopen(true); break;
    case act::accept: on.disk().accept_after_failed_flush(); break;
    }
    return ended;
}

}  // namespace cimrep::test
