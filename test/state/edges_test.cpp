// test/state/edges_test.cpp -- numbers that mean nothing, and what only a few states have.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/state/legacy.hpp>
#include <cimrep/state/query.hpp>

#include "catch.hpp"

using namespace cimrep;

namespace {

constexpr replication_kind a_mirror{sync_type::mirror, mode::synchronous, local_or_remote::local};
constexpr replication_kind a_clone{sync_type::clone, mode::asynchronous, local_or_remote::local};

relationship_state in(const replication_kind& kind, copy_state state,
                      progress_status progress = progress_status::completed)
{
    relationship_state made{kind, state, progress};
    made.facts = fact::target_whole;
    return made;
}

/// A number beyond every enumeration.
template <class Enum>
constexpr Enum beyond = static_cast<Enum>(0xee);

}  // namespace

TEST_CASE("each event has a name of its own, and nothing else has one")
{
    for (const auto& [what, name] : event_names) {
        CHECK(to_name(what) == name);
        CHECK_FALSE(name.empty());
    }
    CHECK(to_name(event::none).empty());
    CHECK(to_name(beyond<event>).empty());
}

TEST_CASE("a number that is no kind, no state and no request is known nowhere")
{
    constexpr auto no_type = beyond<sync_type>;
    CHECK(requests_of(no_type).empty());
    CHECK(events_of(no_type).empty());
    CHECK(states_of(no_type).empty());
    CHECK(find_property(sync_type::mirror, beyond<copy_state>) == nullptr);
    CHECK(find_property(beyond<request>) == nullptr);
    CHECK(find_property(request::none) == nullptr);
    CHECK_FALSE(is_used(a_mirror, beyond<copy_state>));
    CHECK(host_access_of(a_mirror, beyond<copy_state>) == host_access::none);
    CHECK(kind_of(replication_type{0}) == replication_kind{});
    CHECK(kinds_of(mode::unknown, local_or_remote::local) == kind_set{});
    CHECK(project_sync_state(in(a_mirror, beyond<copy_state>)) == sync_state::unknown);
    CHECK(request_of(beyond<legacy_operation>, in(a_mirror, copy_state::synchronized)) ==
          request::none);
    CHECK_FALSE(detail::fits(request::none, true));
    CHECK_FALSE(detail::fits(request::create, true));
    CHECK(step(in(a_mirror, copy_state::synchronized), request::none).verdict == verdict::illegal);
}

TEST_CASE("sets of modes and localities are those of their parts")
{
    const auto near = kinds_of(mode::active, local_or_remote::local);
    const auto far = kinds_of(mode::active, local_or_remote::remote);
    CHECK(kinds_of(mode::active) == (near | far));
    CHECK((kinds_of(mode::active) & ~near) == far);
    CHECK((~kinds_of(mode::active) & far) == kind_set{});
    CHECK((kinds_of(mode::synchronous) | kinds_of(mode::asynchronous) | kinds_of(mode::adaptive) |
           kinds_of(mode::active)) == every_kind);
}

TEST_CASE("without a pending request nothing settles")
{
    const auto state = in(a_mirror, copy_state::synchronized);
    CHECK(settle(state) == state);
    CHECK(fail(state) == state);
}

TEST_CASE("an active mirror is read and written while in sync, an open restore only read")
{
    replication_kind active = a_mirror;
    active.mode = mode::active;
    CHECK(host_access_of(active, copy_state::synchronized) == host_access::read_write);
    CHECK(host_access_of(active, copy_state::broken) ==
          host_access_of(a_mirror, copy_state::broken));
    CHECK(project_copy_type(active) == copy_type::sync);
    CHECK(host_access_of(a_clone, copy_state::skewed, fact::source_behind) ==
          host_access::read_write);
    CHECK(host_access_of(a_mirror, copy_state::unsynchronized, fact::source_behind) ==
          host_access::none);
}

TEST_CASE("SyncState tells every work that is under way")
{
    const std::pair<progress_status, sync_state> under_way[] = {
        {progress_status::preparing, sync_state::prepare_in_progress},
        {progress_status::fracturing, sync_state::fracture_in_progress},
        {progress_status::splitting, sync_state::fracture_in_progress},
        {progress_status::suspending, sync_state::quiesce_in_progress},
        {progress_status::restoring, sync_state::restore_in_progress},
        {progress_status::failing_back, sync_state::restore_in_progress},
        {progress_status::resyncing, sync_state::resync_in_progress},
    };
    for (const auto& [progress, expected] : under_way)
        CHECK(project_sync_state(in(a_mirror, copy_state::fractured, progress)) == expected);
    // Where the CopyState tells which copy it is, that counts.
    CHECK(project_sync_state(in(a_clone, copy_state::unsynchronized, progress_status::resyncing)) ==
          sync_state::copy_in_progress);
}

TEST_CASE("nothing leads to no association but as an end, and a request for nobody to no state")
{
    CHECK_FALSE(can_reach(a_mirror, request::detach, no_association));
    CHECK(wait_for_copy_states(a_mirror, request::none).empty());
    CHECK_FALSE(can_reach(a_clone, request::failover, copy_state::failedover));
}
