// test/state/query_test.cpp -- what the tables answer, in words and in the older vocabulary.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/state/legacy.hpp>
#include <cimrep/state/query.hpp>
#include <cimrep/state/refusal.hpp>

#include "catch.hpp"
#include <algorithm>

using namespace cimrep;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr replication_kind a_mirror{sync_type::mirror, mode::synchronous, local_or_remote::local};
constexpr replication_kind a_snapshot{sync_type::snapshot, mode::synchronous,
                                      local_or_remote::local};
constexpr replication_kind a_clone{sync_type::clone, mode::asynchronous, local_or_remote::local};

relationship_state in(const replication_kind& kind, copy_state state,
                      progress_status progress = progress_status::completed)
{
    relationship_state made{kind, state, progress};
    made.facts = fact::target_whole;
    return made;
}

template <class List, class What>
bool names(const List& list, What what)
{
    return std::any_of(list.begin(), list.end(), [&](const auto& e) { return e.what == what; });
}

}  // namespace

TEST_CASE("a replication type and its parts convert both ways, for all 26")
{
    std::size_t count = 0;
    for (const auto& [type, name] : replication_type_names) {
        CHECK(type_of(kind_of(type)) == type);
        ++count;
    }
    CHECK(count == 26);
    CHECK(type_of({sync_type::snapshot, mode::active, local_or_remote::local}) ==
          replication_type{});
    CHECK(kind_of(replication_type::adaptive_clone_remote) ==
          replication_kind{sync_type::clone, mode::adaptive, local_or_remote::remote});
}

TEST_CASE("what is supported of a kind agrees with what each relationship accepts")
{
    for (const auto& [type, type_name] : replication_type_names)
        for (const auto& state : states_of(kind_of(type).sync))
            for (const auto& [what, name] : operation_names) {
                CAPTURE(type_name, to_name(state.state), name);
                const auto kind = kind_of(type);
                bool accepted = false, forced = false;
                for (unsigned facts = 0; facts < 64; ++facts) {
                    auto one = in(kind, state.state);
                    one.facts = fact(facts);
                    const auto why = step(one, request_of(what), {.of_group = true}).verdict;
                    accepted = accepted || why == verdict::accepted;
                    forced = forced || why == verdict::needs_force;
                }
                if (state.state == no_association) continue;
                const auto list = supported_operations(kind, state.state, true);
                CHECK(names(list, what) == (accepted || forced));
                CHECK(requires_force(kind, state.state, request_of(what)) == forced);
            }
}

TEST_CASE("operations for groups are supported of groups alone")
{
    CHECK_FALSE(names(supported_operations(a_mirror), operation::add_sync_pair));
    CHECK(names(supported_operations(a_mirror, true), operation::add_sync_pair));
    CHECK(names(supported_operations(a_mirror, copy_state::mixed, true),
                operation::remove_sync_pair));
    CHECK(supported_operations(a_mirror, copy_state::mixed).empty());
}

TEST_CASE("only the reversal of roles changes the keys of the association")
{
    for (const auto& entry : supported_operations(a_mirror))
        CHECK(entry.updates_path == (entry.what == operation::reverse_roles));
}

TEST_CASE("hosts reach a mirror's target only apart from its source")
{
    CHECK(host_access_of(a_mirror, copy_state::synchronized) == host_access::none);
    CHECK(host_access_of(a_mirror, copy_state::fractured) == host_access::read_write);
    CHECK(host_access_of(a_mirror, copy_state::restored) == host_access::none);
    replication_kind active = a_mirror;
    active.mode = mode::active;
    CHECK(host_access_of(active, copy_state::synchronized) == host_access::read_write);
    CHECK(host_access_of(a_clone, copy_state::unsynchronized) == host_access::read_write);
    CHECK(host_access_of(a_clone, copy_state::unsynchronized, fact::source_behind) ==
          host_access::read_only);
}

TEST_CASE("a target is apart where a request or a loss has parted it, and does not serve")
{
    using enum copy_state;
    constexpr copy_state parted[] = {fractured, split,  inactive, suspended,
                                     aborted,   skewed, invalid};
    replication_kind remote = a_mirror;
    remote.locality = local_or_remote::remote;
    for (const auto& row : states_of(sync_type::mirror)) {
        CAPTURE(to_name(row.state));
        const bool expected = std::ranges::count(parted, row.state) != 0;
        CHECK(is_apart(a_mirror, row.state) == expected);
        CHECK(is_apart(remote, row.state) == (expected || row.state == partitioned));
        // Nobody writes to a target beside its volume.
        if (host_access_of(a_mirror, row.state) == host_access::read_write)
            CHECK((is_apart(a_mirror, row.state) || row.state == failedover));
    }
    CHECK_FALSE(is_apart(a_mirror, no_association));
    for (const auto& row : states_of(sync_type::clone)) {
        CHECK_FALSE(is_apart(a_clone, row.state));
        CHECK_FALSE(is_apart(a_snapshot, row.state));
    }
}

TEST_CASE("what a client may wait for is what its request leads to")
{
    const auto waits = wait_for_copy_states(a_mirror, request::resync_replica);
    REQUIRE(waits.size() == 2);
    CHECK(waits.values[0] == copy_state::unsynchronized);
    CHECK(waits.values[1] == copy_state::synchronized);
    CHECK(wait_for_copy_states(a_mirror, request::detach).empty());
    CHECK(can_reach(a_clone, request::restore_from_replica, copy_state::restored));
    CHECK(can_reach(a_mirror, request::activate_consistency, copy_state::split));
    CHECK_FALSE(can_reach(a_mirror, request::activate_consistency, copy_state::restored));
}

TEST_CASE("a refusal names the state, the progress, and what would be legal there")
{
    const auto state = in(a_mirror, copy_state::split);
    const auto why = step(state, request::suspend).verdict;
    const auto refused = refusal(state, request::suspend, why);
    CHECK(refused.code == errc::invalid_state_transition);
    CHECK_THAT(refused.wrong, ContainsSubstring("Suspend of a Mirror that is Split"));
    CHECK_THAT(refused.remedy, ContainsSubstring("Resync Replica"));
    CHECK_THAT(refused.remedy, ContainsSubstring("Restore from Replica (with Force)"));
    CHECK_THAT(refused.remedy, !ContainsSubstring("Fracture"));
    const auto marked = refusal(state, request::suspend, why, [](const auto&, request what) {
        return what != request::restore_from_replica;
    });
    CHECK_THAT(marked.remedy, ContainsSubstring("Restore from Replica (not built)"));
    CHECK_THAT(marked.remedy, !ContainsSubstring("Resync Replica (not built)"));
    const auto force = refusal(state, request::restore_from_replica, verdict::needs_force);
    CHECK_THAT(force.remedy, ContainsSubstring("Force"));
    CHECK(refusal(state, request::split, verdict::in_use).code == errc::element_in_use);
}

TEST_CASE("every refusal tells what it met and what to do")
{
    const auto state = in(a_mirror, copy_state::synchronized);
    const auto group = refusal(state, request::add_sync_pair, verdict::group_only);
    CHECK(group.code == errc::invalid_argument);
    CHECK(group.wrong == "AddSyncPair is for groups");
    CHECK_THAT(group.remedy, ContainsSubstring("GroupSynchronized"));
    const auto unknown = refusal(state, static_cast<request>(0xee), verdict::illegal);
    CHECK_THAT(unknown.wrong, ContainsSubstring("the request of a Mirror"));
    const auto none = refusal(relationship_state{a_mirror}, request::detach, verdict::illegal);
    CHECK_THAT(none.wrong, ContainsSubstring("not related"));
    CHECK(none.remedy == "nothing is legal there");
    CHECK(refusal(state, request::split, verdict::ignored).code == errc::invalid_state_transition);
}

TEST_CASE("CopyType and ReplicaType follow the kind")
{
    CHECK(project_copy_type(a_mirror) == copy_type::sync);
    replication_kind kind = a_mirror;
    kind.mode = mode::adaptive;
    CHECK(project_copy_type(kind) == copy_type::async);
    CHECK(project_copy_type(a_clone) == copy_type::unsync_assoc);
    CHECK(project_replica_type(a_snapshot) == replica_type::before_delta);
    CHECK(project_replica_type(a_clone) == replica_type::full_copy);
}

TEST_CASE("SyncState tells what is under way, and else what the CopyState comes closest to")
{
    using enum copy_state;
    CHECK(project_sync_state(in(a_mirror, unsynchronized, progress_status::synchronizing)) ==
          sync_state::resync_in_progress);
    CHECK(project_sync_state(in(a_mirror, unsynchronized, progress_status::restoring)) ==
          sync_state::restore_in_progress);
    CHECK(project_sync_state(in(a_clone, unsynchronized, progress_status::synchronizing)) ==
          sync_state::copy_in_progress);
    CHECK(project_sync_state(in(a_mirror, copy_state::synchronized)) == sync_state::synchronized);
    CHECK(project_sync_state(in(a_snapshot, copy_state::synchronized)) == sync_state::synchronized);
    CHECK(project_sync_state(in(a_clone, copy_state::synchronized)) == sync_state::frozen);
    CHECK(project_sync_state(in(a_mirror, copy_state::synchronized, progress_status::splitting)) ==
          sync_state::fracture_in_progress);
    CHECK(project_sync_state(in(a_mirror, split)) == sync_state::fractured);
    CHECK(project_sync_state(in(a_mirror, suspended, progress_status::dormant)) ==
          sync_state::quiesced);
    CHECK(project_sync_state(in(a_mirror, failedover)) == sync_state::broken);
}

TEST_CASE("an operation of ModifySynchronization is a request where its SyncState allows it")
{
    using op = legacy_operation;
    const auto mirror = in(a_mirror, copy_state::synchronized);
    CHECK(request_of(op::fracture, mirror) == request::fracture);
    CHECK(request_of(op::quiesce, mirror) == request::suspend);
    CHECK(request_of(op::unquiesce, mirror) == request::none);
    CHECK(request_of(op::start_copy, mirror) == request::none);
    CHECK(request_of(op::unprepare, mirror) == request::none);
    const auto prepared = in(a_mirror, copy_state::prepared);
    CHECK(request_of(op::unprepare, prepared) == request::clear_prepared);
    const auto clone = in(a_clone, copy_state::unsynchronized, progress_status::synchronizing);
    CHECK(request_of(op::stop_copy, clone) == request::suspend);
    CHECK(request_of(op::fracture, clone) == request::none);
    CHECK(request_of(op::start_copy, in(a_clone, copy_state::suspended)) == request::resume);
    CHECK(request_of(op::start_copy, in(a_clone, copy_state::inactive)) == request::activate);
    for (const auto& row : states_of(sync_type::mirror)) {
        const auto any = in(a_mirror, row.state);
        CHECK(request_of(op::detach, any) == request::detach);
    }
}
