// state/table_words.hpp -- the short words in which the tables are written: their legend.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/state/row.hpp>

// How to read a row of a table:
//   from, to  a CopyState; `gone` is no association; `every`: wherever related, the state stays
//   for       modes and localities: all, remote, no_s (all modes but synchronous) ...
//   when      a guard, state/guard.hpp: any, whole, behind, usable, unfit ...
//   need      force: refused without Force; plain: not
//   then      ProgressStatus in `to`; while a request is carried out it is the request's own
//   does      the effects, see below
//   src       mof: stated by the schema; inf: inferred, docs/states.md gives the reasons
namespace cimrep::inline v0::detail::words {

using enum copy_state;
using enum guard;
using enum force_need;

inline constexpr auto every = every_state;
inline constexpr auto gone = no_association;

inline constexpr auto mof = origin::stated;
inline constexpr auto inf = origin::inferred;

inline constexpr auto all = every_kind;
inline constexpr auto remote = remote_kinds;
inline constexpr auto cyc = kinds_of(mode::asynchronous);
inline constexpr auto no_s = ~kinds_of(mode::synchronous);
inline constexpr auto no_a = ~kinds_of(mode::asynchronous);
inline constexpr auto no_d = ~kinds_of(mode::adaptive);
inline constexpr auto no_v = ~kinds_of(mode::active);

// ProgressStatus.
inline constexpr auto done = progress_status::completed;
inline constexpr auto dormant = progress_status::dormant;
inline constexpr auto unclear = progress_status::unknown;
inline constexpr auto synchronizing = progress_status::synchronizing;
inline constexpr auto resyncing = progress_status::resyncing;
inline constexpr auto restoring = progress_status::restoring;
inline constexpr auto failing_back = progress_status::failing_back;
inline constexpr auto must_activate = progress_status::requires_activate;
inline constexpr auto must_resync = progress_status::requires_resync;
inline constexpr auto must_resume = progress_status::requires_resume;

// Requests.
inline constexpr auto abort = request::abort;
inline constexpr auto tie = request::activate_consistency;
inline constexpr auto activate = request::activate;
inline constexpr auto add_pair = request::add_sync_pair;
inline constexpr auto untie = request::deactivate_consistency;
inline constexpr auto deactivate = request::deactivate;
inline constexpr auto detach = request::detach;
inline constexpr auto dissolve = request::dissolve;
inline constexpr auto failover = request::failover;
inline constexpr auto failback = request::failback;
inline constexpr auto fracture = request::fracture;
inline constexpr auto drop_pair = request::remove_sync_pair;
inline constexpr auto resync = request::resync_replica;
inline constexpr auto restore = request::restore_from_replica;
inline constexpr auto resume = request::resume;
inline constexpr auto to_sync = request::reset_to_sync;
inline constexpr auto to_async = request::reset_to_async;
inline constexpr auto return_target = request::return_to_resourcepool;
inline constexpr auto reverse = request::reverse_roles;
inline constexpr auto split_pair = request::split;
inline constexpr auto suspend = request::suspend;
inline constexpr auto prepare = request::prepare;
inline constexpr auto to_adaptive = request::reset_to_adaptive;
inline constexpr auto to_active = request::reset_to_active;
inline constexpr auto reset = request::reset_replica;
inline constexpr auto unprepare = request::clear_prepared;
inline constexpr auto create = request::create;
inline constexpr auto create_idle = request::create_initialized;
inline constexpr auto create_still = request::create_inactive;
inline constexpr auto create_equal = request::create_identical;

// Events.
inline constexpr auto copy_done = event::copy_done;
inline constexpr auto restore_done = event::restore_done;
inline constexpr auto target_written = event::target_written;
inline constexpr auto leg_lost = event::leg_lost;
inline constexpr auto source_lost = event::source_lost;
inline constexpr auto leg_back = event::leg_back;
inline constexpr auto link_lost = event::link_lost;
inline constexpr auto link_back = event::link_back;
inline constexpr auto peer_unknown = event::peer_unknown;
inline constexpr auto no_space = event::space_exhausted;
inline constexpr auto job_cancelled = event::job_cancelled;
inline constexpr auto source_replaced = event::source_replaced;
inline constexpr auto restart = event::restart;

// Effects: what a row commands, in the order of the bits of `effect`.
inline constexpr auto nothing = effect::none;
inline constexpr auto tied = effect::set_consistency;
inline constexpr auto untied = effect::clear_consistency;
inline constexpr auto joined = effect::join_group;
inline constexpr auto left = effect::leave_group;
inline constexpr auto marked = effect::mark_all_different;
inline constexpr auto ready = effect::reserve_target;
inline constexpr auto image = effect::take_point_in_time;
inline constexpr auto lapse = effect::release_point_in_time;
inline constexpr auto anew = lapse | image;
inline constexpr auto wipe = effect::discard_target_changes;
inline constexpr auto copy = effect::start_copy;
inline constexpr auto begin = marked | copy;
inline constexpr auto recopy = wipe | copy;
inline constexpr auto reload = marked | wipe | copy;
inline constexpr auto cycles = effect::continue_cycles;
inline constexpr auto hydrate = marked | image | copy;
inline constexpr auto renew = anew | wipe | copy;
inline constexpr auto refill = effect::restore_source;
inline constexpr auto rest = effect::stop_copy;
inline constexpr auto stay = effect::drain_target;
inline constexpr auto halt = effect::stop_copy | effect::start_tracking;
inline constexpr auto part = halt | effect::drain_target | effect::track_target;
inline constexpr auto still = effect::hold_and_drain | effect::drain_target | effect::flush_target;
inline constexpr auto cut = part | still;
inline constexpr auto arm = halt | ready;
inline constexpr auto lose = effect::stop_copy | lapse;
inline constexpr auto leave = effect::stop_copy | effect::drain_target | effect::drop_association;
inline constexpr auto keep = leave | still | effect::create_aspect;
inline constexpr auto forget = effect::stop_copy | lapse | effect::drop_association;
inline constexpr auto recall = forget | effect::delete_target;
inline constexpr auto over = halt | effect::serve_from_target;
inline constexpr auto handover = over | still;
inline constexpr auto swap = still | effect::swap_roles;
inline constexpr auto retag = effect::set_mode;
inline constexpr auto retime = effect::drain_target | effect::set_mode;

}  // namespace cimrep::inline v0::detail::words
