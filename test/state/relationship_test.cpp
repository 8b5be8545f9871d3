// test/state/relationship_test.cpp -- one relationship: requests, their end, and events.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/state/relationship.hpp>

#include "catch.hpp"

using namespace cimrep;

namespace {

constexpr replication_kind a_mirror{sync_type::mirror, mode::synchronous, local_or_remote::local};
constexpr replication_kind a_snapshot{sync_type::snapshot, mode::synchronous,
                                      local_or_remote::local};
constexpr replication_kind a_clone{sync_type::clone, mode::asynchronous, local_or_remote::local};
constexpr replication_kind far_mirror{sync_type::mirror, mode::asynchronous,
                                      local_or_remote::remote};

constexpr request_terms with_force{.force = true};

constexpr relationship_state related(const replication_kind& kind, fact facts = fact::none)
{
    relationship_state state{kind};
    state.facts = facts;
    return settle(step(state, request::create).state);
}

relationship_state after(const relationship_state& state, request what, request_terms terms = {})
{
    const auto result = step(state, what, terms);
    INFO("a request in CopyState " << to_name(state.copy_state));
    REQUIRE(result.verdict == verdict::accepted);
    return settle(result.state);
}

relationship_state after(const relationship_state& state, event what)
{
    const auto result = step(state, what);
    INFO("an event in CopyState " << to_name(state.copy_state));
    REQUIRE(result.verdict == verdict::accepted);
    return result.state;
}

relationship_state in_sync(const replication_kind& kind, fact facts = fact::none)
{
    return after(related(kind, facts), event::copy_done);
}

}  // namespace

TEST_CASE("a created mirror copies and is then synchronized")
{
    const auto accepted = step(relationship_state{a_mirror}, request::create);
    REQUIRE(accepted.verdict == verdict::accepted);
    CHECK(accepted.does == (effect::mark_all_different | effect::start_copy));
    CHECK(accepted.state.progress == progress_status::initializing);
    CHECK(accepted.state.copy_state == no_association);
    const auto copying = settle(accepted.state);
    CHECK(copying.copy_state == copy_state::unsynchronized);
    CHECK(copying.progress == progress_status::synchronizing);
    CHECK(copying.requested == copy_state::synchronized);
    const auto done = after(copying, event::copy_done);
    CHECK(done.copy_state == copy_state::synchronized);
    CHECK(done.progress == progress_status::completed);
    CHECK(done.requested == copy_state::not_applicable);
    CHECK(has(done.facts, fact::target_whole));
}

TEST_CASE("between acceptance and settlement the CopyState stays and nothing else is accepted")
{
    const auto before = in_sync(a_mirror);
    const auto fracturing = step(before, request::fracture).state;
    CHECK(fracturing.copy_state == copy_state::synchronized);
    CHECK(fracturing.progress == progress_status::fracturing);
    CHECK(fracturing.requested == copy_state::fractured);
    const auto second = step(fracturing, request::split);
    CHECK(second.verdict == verdict::in_use);
    CHECK(second.state == fracturing);
    CHECK(second.does == effect::none);
    CHECK(settle(fracturing).copy_state == copy_state::fractured);
    CHECK(fail(fracturing) == before);
    const auto copying = related(a_mirror);
    const auto suspending = step(copying, request::suspend).state;
    CHECK(suspending.progress == progress_status::suspending);
    CHECK(fail(suspending) == copying);
}

TEST_CASE("an event with a row fails the pending request, one without leaves it alone")
{
    const auto splitting = step(in_sync(a_mirror), request::split).state;
    const auto broken = after(splitting, event::leg_lost);
    CHECK(broken.copy_state == copy_state::broken);
    CHECK(broken.pending == request::none);
    CHECK(broken.requested == copy_state::not_applicable);
    const auto ignored = step(splitting, event::copy_done);
    CHECK(ignored.verdict == verdict::ignored);
    CHECK(ignored.state == splitting);
}

TEST_CASE("a host's write to a clone is remembered and fails no pending request")
{
    const auto copying = after(related(a_clone), event::target_written);
    CHECK(after(copying, event::copy_done).copy_state == copy_state::skewed);
    const auto fracturing = step(in_sync(a_clone), request::fracture).state;
    const auto written = after(fracturing, event::target_written);
    CHECK(written.pending == request::fracture);
    CHECK(settle(written).copy_state == copy_state::fractured);
    CHECK(has(settle(written).facts, fact::target_written));
}

TEST_CASE("a restart fails the pending request and copies again what was hot")
{
    const auto pending = step(in_sync(a_mirror), request::suspend).state;
    const auto restarted = step(pending, event::restart);
    CHECK(restarted.state.copy_state == copy_state::unsynchronized);
    CHECK(restarted.state.pending == request::none);
    CHECK(restarted.does == effect::start_copy);
    const auto fractured = after(in_sync(a_mirror), request::fracture);
    CHECK(step(fractured, event::restart).verdict == verdict::ignored);
    const auto splitting = step(fractured, request::resync_replica).state;
    CHECK(after(splitting, event::restart) == fractured);
}

TEST_CASE("an asynchronous target stays a whole image over a restart")
{
    const auto restarted = step(in_sync(far_mirror), event::restart);
    CHECK(restarted.does == effect::continue_cycles);
    CHECK(has(restarted.state.facts, fact::target_whole));
    CHECK(step(restarted.state, request::fracture).verdict == verdict::accepted);
    CHECK(step(related(far_mirror), request::fracture).verdict == verdict::needs_force);
}

TEST_CASE("a restore takes Force, ends synchronized, and cannot start from half a copy")
{
    const auto fractured = after(in_sync(a_mirror), request::fracture);
    CHECK(step(fractured, request::restore_from_replica).verdict == verdict::needs_force);
    const auto restoring = after(fractured, request::restore_from_replica, with_force);
    CHECK(restoring.copy_state == copy_state::unsynchronized);
    CHECK(restoring.progress == progress_status::restoring);
    CHECK(restoring.requested == copy_state::synchronized);
    CHECK(step(restoring, event::copy_done).verdict == verdict::ignored);
    const auto restored = after(restoring, event::restore_done);
    CHECK(restored.copy_state == copy_state::synchronized);
    CHECK_FALSE(has(restored.facts, fact::source_behind));
    const auto half = after(related(a_mirror), request::fracture, with_force);
    CHECK(step(half, request::restore_from_replica, with_force).verdict == verdict::illegal);
}

TEST_CASE("while a restore is open nothing takes the source for whole, whatever happens")
{
    const auto split = after(in_sync(a_mirror), request::split);
    const auto restoring = after(split, request::restore_from_replica, with_force);
    CHECK(step(restoring, request::abort).verdict == verdict::needs_force);
    CHECK(step(restoring, request::suspend).verdict == verdict::illegal);
    const auto aborted = after(restoring, request::abort, with_force);
    CHECK(step(aborted, request::resync_replica).verdict == verdict::needs_force);
    CHECK(step(aborted, request::detach).verdict == verdict::needs_force);
    const auto broken = after(restoring, event::leg_lost);
    CHECK(step(broken, request::resync_replica).verdict == verdict::needs_force);
    const auto back = step(broken, event::leg_back);
    CHECK(back.state.progress == progress_status::restoring);
    CHECK(back.does == effect::restore_source);
    const auto restarted = step(restoring, event::restart);
    CHECK(restarted.does == effect::restore_source);
    CHECK(restarted.state.progress == progress_status::restoring);
}

TEST_CASE("a leg that comes back goes on by itself only if it flowed and recovery is automatic")
{
    const auto broken = after(in_sync(a_mirror), event::leg_lost);
    CHECK(after(broken, event::leg_back).copy_state == copy_state::unsynchronized);
    const auto manual = after(in_sync(a_mirror, fact::manual_recovery), event::leg_lost);
    const auto waiting = after(manual, event::leg_back);
    CHECK(waiting.copy_state == copy_state::suspended);
    CHECK(waiting.progress == progress_status::requires_resume);
    const auto fractured = after(in_sync(a_mirror), request::fracture);
    const auto apart = after(after(fractured, event::leg_lost), event::leg_back);
    CHECK(apart.copy_state == copy_state::fractured);
    const auto suspended = after(in_sync(a_mirror), request::suspend);
    const auto held = after(after(suspended, event::leg_lost), event::leg_back);
    CHECK(held.copy_state == copy_state::suspended);
    CHECK_FALSE(has(held.facts, fact::was_stopped));
}

TEST_CASE("after the source was lost in sync the target is the truth")
{
    const auto lost = step(in_sync(a_mirror), event::source_lost);
    CHECK(lost.state.copy_state == copy_state::broken);
    CHECK(has(lost.does, effect::serve_from_target));
    CHECK(step(lost.state, request::resync_replica).verdict == verdict::needs_force);
    CHECK(step(lost.state, request::failover).verdict == verdict::accepted);
    CHECK(step(lost.state, event::leg_back).does == effect::restore_source);
}

TEST_CASE("failover, failback and the reversal of roles")
{
    const auto over = after(in_sync(far_mirror), request::failover);
    CHECK(over.copy_state == copy_state::failedover);
    const auto back = after(over, request::failback);
    CHECK(back.progress == progress_status::failing_back);
    CHECK(after(back, event::restore_done).copy_state == copy_state::synchronized);
    const auto reversed = after(over, request::reverse_roles);
    CHECK(reversed.copy_state == copy_state::fractured);
    CHECK(reversed.progress == progress_status::requires_resync);
    CHECK_FALSE(has(reversed.facts, fact::source_behind));
    const auto forced = after(related(far_mirror), request::failover, with_force);
    CHECK(step(forced, request::failback).verdict == verdict::needs_force);
}

TEST_CASE("a lost link leaves the state unknown until it is back")
{
    const auto apart = after(in_sync(far_mirror), event::link_lost);
    CHECK(apart.copy_state == copy_state::partitioned);
    CHECK(apart.progress == progress_status::unknown);
    CHECK(after(apart, event::link_back).copy_state == copy_state::unsynchronized);
    CHECK(after(apart, event::peer_unknown).copy_state == copy_state::invalid);
    CHECK(step(in_sync(a_mirror), event::link_lost).verdict == verdict::ignored);
}

TEST_CASE("a change of mode settles into the new kind")
{
    const auto before = in_sync(a_mirror);
    CHECK(step(before, request::reset_to_sync).verdict == verdict::illegal);
    const auto accepted = step(before, request::reset_to_async);
    CHECK(accepted.does == effect::set_mode);
    CHECK(accepted.state.kind.mode == mode::synchronous);
    CHECK(settle(accepted.state).kind.mode == mode::asynchronous);
    CHECK(settle(accepted.state).copy_state == copy_state::synchronized);
    CHECK(fail(accepted.state) == before);
}

TEST_CASE("a request for groups leaves the CopyState and the progress of a member alone")
{
    const auto copying = related(a_mirror);
    CHECK(step(copying, request::activate_consistency).verdict == verdict::group_only);
    const auto accepted = step(copying, request::activate_consistency, {.of_group = true});
    REQUIRE(accepted.verdict == verdict::accepted);
    CHECK(accepted.does == effect::set_consistency);
    CHECK(settle(accepted.state) == copying);
}

TEST_CASE("a snapshot is a point in time at once, skews, restores, and ends")
{
    const auto taken = related(a_snapshot);
    CHECK(taken.copy_state == copy_state::synchronized);
    const auto skewed = after(taken, event::target_written);
    CHECK(skewed.copy_state == copy_state::skewed);
    CHECK(after(skewed, request::reset_replica) == taken);
    const auto restoring = after(skewed, request::restore_from_replica, with_force);
    CHECK(restoring.requested == copy_state::restored);
    const auto restored = after(restoring, event::restore_done);
    CHECK(restored.copy_state == copy_state::restored);
    CHECK(after(restored, request::resume).copy_state == copy_state::synchronized);
    const auto ended = step(taken, request::return_to_resourcepool);
    CHECK(has(ended.does, effect::delete_target));
    CHECK(settle(ended.state).copy_state == no_association);
    CHECK(step(taken, request::detach).verdict == verdict::needs_force);
    CHECK(after(taken, event::space_exhausted).copy_state == copy_state::broken);
}

TEST_CASE("a clone whose source is lost while it fills waits, and one whose target is lost breaks")
{
    const auto filling = related(a_clone);
    CHECK(after(filling, event::source_lost).copy_state == copy_state::suspended);
    const auto broken = after(filling, event::leg_lost);
    CHECK(broken.copy_state == copy_state::broken);
    CHECK(step(broken, event::leg_back).verdict == verdict::ignored);
    const auto full = after(in_sync(a_clone), event::leg_lost);
    CHECK(after(full, event::leg_back).copy_state == copy_state::synchronized);
}
